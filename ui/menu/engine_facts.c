// SPDX-License-Identifier: GPL-2.0-or-later
/* About this machine. */
#include "ui/menu/engine_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "boot/efi_variable.h"
#include "boot/kexec.h"
#include "devices/cleanup.h"
#include "ui/devices.h"

#define GOOD "good"
#define WARN "warn"
#define BAD "bad"

struct facts {
	struct machine *m;
	void *memory;
	const struct host *host;
	json_t *rows;
};

static void add(struct facts *f, const char *label, const char *value, const char *state)
{
	json_array_append_new(f->rows, json_pack("{ss so so}", "label", label, "value",
					       json_text(value), "state", json_text(state)));
}

/* A small file's text; NULL if it is not there or empty. */
static char *text_of(struct facts *f, const char *path)
{
	char *text;

	return machine_read_file(f->m, f->memory, path, 65536, &text, NULL) == 0 && *text ? text
											  : NULL;
}

static int is_there(const struct facts *f, const char *path)
{
	struct stat st;

	return fstatat(f->m->root_fd, path, &st, 0) == 0;
}

static void add_names(struct facts *f)
{
	const struct host *h = f->host;

	if (*h->vendor || *h->product)
		add(f, _("Machine"), talloc_asprintf(f->memory, "%s %s", h->vendor, h->product),
			NULL);
	if (*h->bios_vendor || *h->bios)
		add(f, _("Firmware"), talloc_asprintf(f->memory, "%s %s", h->bios_vendor, h->bios),
			NULL);
	add(f, _("Kernel"), h->kernel, NULL);
	add(f, "stillboot", STILLBOOT_VERSION, NULL);
}

static void add_firmware(struct facts *f)
{
	int efi = is_there(f, "sys/firmware/efi"), secure = efi_variable_secure_boot(f->m);

	if (efi)
		add(f, _("Started by"),
			efi_variables_there(f->m) ? _("EFI")
						  : _("EFI, whose variables cannot be read"),
			NULL);
	else
		add(f, _("Started by"),
			is_there(f, "sys/firmware/devicetree/base") ? _("a device tree")
								    : _("BIOS"),
			NULL);
	if (efi)
		add(f, _("Secure Boot"),
			secure < 0 ? _("the firmware does not say")
			: secure   ? _("on")
				   : _("off"),
			secure > 0 ? GOOD : NULL);
	add(f, _("Lockdown"), devices_lockdown(f->host->lockdown), NULL);
}

static void add_tpm(struct facts *f)
{
	const char *version = text_of(f, "sys/class/tpm/tpm0/tpm_version_major");

	if (version)
		add(f, "TPM",
			talloc_asprintf(f->memory, "%s.%s", version, *version == '2' ? "0" : "2"),
			NULL);
	else
		add(f, "TPM", is_there(f, "sys/class/tpm/tpm0") ? _("there") : _("none"), NULL);
}

/* "MemTotal:       16384 kB" in MiB; 0 where it does not say. */
static unsigned long mebibytes(const char *meminfo, const char *name)
{
	const char *at = meminfo ? strstr(meminfo, name) : NULL;

	return at ? strtoul(at + strlen(name), NULL, 10) / 1024 : 0;
}

static void add_memory(struct facts *f)
{
	const char *meminfo = text_of(f, "proc/meminfo");

	if (meminfo)
		add(f, _("Memory"),
			talloc_asprintf(f->memory, _("%lu MiB, %lu MiB of it free"),
				mebibytes(meminfo, "MemTotal:"),
				mebibytes(meminfo, "MemAvailable:")),
			NULL);
}

static void add_iommu(struct facts *f)
{
	char **names = machine_list_names(f->m, f->memory, "sys/kernel/iommu_groups");
	size_t count = 0;

	while (names && names[count])
		count++;
	if (count)
		add(f, "IOMMU",
			talloc_asprintf(f->memory,
				ngettext("on, %zu group", "on, %zu groups", count), count),
			NULL);
	else
		add(f, "IOMMU", _("off"), NULL);
}

static void add_kexec(struct facts *f)
{
	struct err err;

	if (kexec_check(f->m, &err) < 0)
		add(f, "kexec", err.text, BAD);
	else
		add(f, "kexec",
			kexec_is_loaded(f->m) ? _("possible; a kernel is loaded") : _("possible"),
			GOOD);
}

static void add_interface(struct facts *f, const char *name)
{
	char path[320];
	const char *state, *address;

	snprintf(path, sizeof(path), "sys/class/net/%.255s/operstate", name);
	state = text_of(f, path);
	snprintf(path, sizeof(path), "sys/class/net/%.255s/address", name);
	address = text_of(f, path);
	add(f, talloc_asprintf(f->memory, _("Network %s"), name),
		talloc_asprintf(f->memory, "%s%s%s", state ? state : "?", address ? ", " : "",
			address ? address : ""),
		state && !strcmp(state, "up") ? GOOD : NULL);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_network(struct facts *f)
{
	char **names = machine_list_names(f->m, f->memory, "sys/class/net");
	size_t count = 0;

	while (names && names[count])
		count++;
	if (count)
		qsort(names, count, sizeof(*names), by_name);
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], "lo"))
			add_interface(f, names[i]);
}

int engine_facts(struct engine *e, const json_t *request, struct err *text)
{
	struct facts f = {.m = &e->s->machine, .memory = e->s->memory};
	struct still_plan p;
	int rc = command_read_facts(e->s, &p, text);

	(void)request;
	if (rc < 0)
		return rc;
	f.host = p.facts.host;
	f.rows = json_array();
	add_names(&f);
	add_firmware(&f);
	add_tpm(&f);
	add_memory(&f);
	add_iommu(&f);
	add_kexec(&f);
	add_network(&f);
	engine_say(e, "facts", json_pack("{so}", "rows", f.rows));
	return 0;
}
