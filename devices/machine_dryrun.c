// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The printing effects: nothing is done, each effect is told, and reading afterwards answers as if
 * it had been done and had worked. So a dry run takes the same way through the program as a real
 * run in which nothing fails.
 */
#include "devices/machine.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/log.h"
#include "devices/pci.h"

/* What we pretend to have done to one function. */
struct pretended {
	char slot[PCI_SLOT_MAX];
	int quieted;      /* unbound or reset: bus master off, no interrupt */
	uint16_t command; /* register written by hand ... */
	int has_command;
};

struct dryrun {
	struct pretended *slots;
	size_t count;
};

static struct pretended *pretended(struct machine *m, const char *slot)
{
	struct dryrun *d = m->state;
	struct pretended *more;

	for (size_t i = 0; i < d->count; i++)
		if (!strcmp(d->slots[i].slot, slot))
			return &d->slots[i];
	more = talloc_realloc(d, d->slots, struct pretended, d->count + 1);
	if (!more)
		return NULL;
	d->slots = more;
	more = &d->slots[d->count++];
	memset(more, 0, sizeof(*more));
	snprintf(more->slot, sizeof(more->slot), "%s", slot);
	return more;
}

static void quiet(struct machine *m, const char *slot)
{
	struct pretended *p = pretended(m, slot);

	if (p)
		*p = (struct pretended){.quieted = 1};
	if (p)
		snprintf(p->slot, sizeof(p->slot), "%s", slot);
}

/* What a reset of the bridge's secondary bus reaches. */
static void quiet_below(struct machine *m, const char *bridge)
{
	char **names = machine_list_names(m, NULL, "sys/bus/pci/devices");
	struct pci_slot above = {0}, slot;
	uint8_t config[64];

	if (pci_parse_slot(bridge, &above) == 0 &&
		machine_linux_effects.read_config(m, bridge, config, sizeof(config), NULL) ==
			sizeof(config))
		for (char **name = names; name && *name; name++)
			if (pci_parse_slot(*name, &slot) == 0 && slot.domain == above.domain &&
				slot.bus == config[PCI_SECONDARY_BUS])
				quiet(m, *name);
	talloc_free(names);
}

static int dryrun_write_attr(
	struct machine *m, const char *path, const char *value, struct err *err)
{
	const char *name = strrchr(path, '/');
	char slot[PCI_SLOT_MAX];

	(void)err;
	/* An empty line is what some attributes are cleared by. */
	log_info("would write \"%s\" to /%s", strcmp(value, "\n") ? value : "\\n", path);
	/* Whoever binds it for our sake (STEP_UIO) lowers its line. */
	if (name && (!strcmp(name, "/unbind") || !strcmp(name, "/bind")))
		quiet(m, value);
	else if (name && (!strcmp(name, "/reset") || !strcmp(name, "/enable")) &&
		 sscanf(path, "sys/bus/pci/devices/%15[^/]", slot) == 1)
		quiet(m, slot);
	else if (name && !strcmp(name, "/reset_subordinate") &&
		 sscanf(path, "sys/bus/pci/devices/%15[^/]", slot) == 1)
		quiet_below(m, slot);
	return 0;
}

static ssize_t dryrun_read_config(
	struct machine *m, const char *slot, void *buf, size_t size, struct err *err)
{
	ssize_t len = machine_linux_effects.read_config(m, slot, buf, size, err);
	const struct pretended *p = pretended(m, slot);
	uint8_t *config = buf;

	if (len < 64 || !p)
		return len;
	if (p->quieted) {
		config[PCI_COMMAND] &= (uint8_t)~PCI_COMMAND_MASTER;
		config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
	}
	if (p->has_command) {
		config[PCI_COMMAND] = (uint8_t)p->command;
		config[PCI_COMMAND + 1] = (uint8_t)(p->command >> 8);
	}
	return len;
}

static int dryrun_write_config(struct machine *m, const char *slot, unsigned int offset,
	unsigned int width, uint32_t value, struct err *err)
{
	struct pretended *p = pretended(m, slot);

	(void)err;
	log_info(
		"would write 0x%0*x to register 0x%02x of %s", (int)width * 2, value, offset, slot);
	if (p && offset == PCI_COMMAND) {
		p->command = (uint16_t)value;
		p->has_command = 1;
	}
	if (offset == PCI_BRIDGE_CONTROL && value & PCI_BRIDGE_CTL_BUS_RESET)
		quiet_below(m, slot);
	return 0;
}

static int dryrun_save_file(
	struct machine *m, const char *path, const void *data, size_t len, struct err *err)
{
	(void)m;
	(void)data;
	(void)err;
	log_info("would write %zu bytes to the file /%s", len, path);
	return 0;
}

static int dryrun_remove_file(struct machine *m, const char *path, struct err *err)
{
	(void)m;
	(void)err;
	log_info("would remove the file /%s", path);
	return 0;
}

static int dryrun_overwrite(struct machine *m, const struct machine_place *place, const char *path,
	const void *data, size_t len, struct err *err)
{
	(void)m;
	(void)data;
	(void)err;
	log_info("would write %zu bytes over %s on %s", len, path,
		place->device ? place->device : place->target);
	return 0;
}

static int dryrun_rename(struct machine *m, const struct machine_place *place, const char *path,
	const char *name, struct err *err)
{
	(void)m;
	(void)err;
	log_info("would rename %s on %s to %s", path, place->device ? place->device : place->target,
		name);
	return 0;
}

static int dryrun_replace(struct machine *m, const struct machine_place *place, const char *path,
	const void *data, size_t len, struct err *err)
{
	const char *on = place->device ? place->device : place->target;

	(void)m;
	(void)err;
	if (data)
		log_info("would write %zu bytes to %s on %s", len, path, on);
	else
		log_info("would remove %s on %s", path, on);
	return 0;
}

static int dryrun_write_efi_variable(
	struct machine *m, const char *path, const void *data, size_t len, struct err *err)
{
	(void)m;
	(void)data;
	(void)err;
	if (len)
		log_info("would write %zu bytes to /%s", len, path);
	else
		log_info("would remove /%s", path);
	return 0;
}

static int dryrun_kexec_file_load(struct machine *m, int kernel_fd, int initrd_fd,
	const char *cmdline, unsigned long flags, struct err *err)
{
	(void)m;
	(void)kernel_fd;
	(void)err;
	log_info("would call kexec_file_load(kernel, %s, \"%s\", 0x%lx)",
		initrd_fd < 0 ? "no initrd" : "initrd", cmdline ? cmdline : "", flags);
	return 0;
}

static int dryrun_run(struct machine *m, const char *const argv[], struct err *err)
{
	char line[512] = "";
	size_t len = 0;

	(void)m;
	(void)err;
	for (; *argv && len < sizeof(line); argv++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " %s", *argv);
	log_info("would run%s", line);
	return 0;
}

static int dryrun_sync(struct machine *m, struct err *err)
{
	(void)m;
	(void)err;
	log_info("would write all dirty data to the disks");
	return 0;
}

static int dryrun_unload_module(struct machine *m, const char *name, struct err *err)
{
	(void)m;
	(void)err;
	log_info("would unload the module %s", name);
	return 0;
}

static int dryrun_link_down(struct machine *m, const char *ifname, struct err *err)
{
	(void)m;
	(void)err;
	log_info("would take the interface %s down", ifname);
	return 0;
}

static int dryrun_settle(struct machine *m, unsigned int ms, struct err *err)
{
	(void)m;
	(void)err;
	log_info("would wait %u ms", ms);
	return 0;
}

static int dryrun_perform(struct machine *m, const char *what, machine_action *action,
	void *argument, struct err *err)
{
	(void)m;
	(void)action;
	(void)argument;
	(void)err;
	log_info("would %s", what);
	return 0;
}

static void dryrun_klog(struct machine *m, enum log_level level, const char *line)
{
	(void)m;
	(void)level;
	(void)line;
}

static int dryrun_remount_ro(struct machine *m, struct err *err)
{
	(void)m;
	(void)err;
	log_info("would remount all disk filesystems read-only");
	return 0;
}

static int dryrun_reboot(struct machine *m, enum machine_reboot how, struct err *err)
{
	(void)m;
	(void)err;
	static const char *const ways[] = {[MACHINE_REBOOT_KEXEC] = "KEXEC",
		[MACHINE_REBOOT_FIRMWARE] = "RESTART",
		[MACHINE_REBOOT_OFF] = "POWER_OFF",
		[MACHINE_REBOOT_HALT] = "HALT"};

	log_info("would call reboot(%s)", ways[how]);
	return 0;
}

static const struct machine_effects dryrun_effects = {
	.parallel = 0,
	.pretends = 1,
	.write_attr = dryrun_write_attr,
	.read_config = dryrun_read_config,
	.write_config = dryrun_write_config,
	.save_file = dryrun_save_file,
	.remove_file = dryrun_remove_file,
	.overwrite = dryrun_overwrite,
	.rename = dryrun_rename,
	.replace = dryrun_replace,
	.write_efi_variable = dryrun_write_efi_variable,
	.kexec_file_load = dryrun_kexec_file_load,
	.run = dryrun_run,
	.sync = dryrun_sync,
	.unload_module = dryrun_unload_module,
	.link_down = dryrun_link_down,
	.settle = dryrun_settle,
	.perform = dryrun_perform,
	.klog = dryrun_klog,
	.remount_ro = dryrun_remount_ro,
	.reboot = dryrun_reboot,
};

int machine_make_dryrun(struct machine *m, void *ctx, struct err *err)
{
	m->state = talloc_zero(ctx, struct dryrun);
	if (!m->state)
		return err_errno(err, -ENOMEM, "prepare the dry run");
	m->effects = &dryrun_effects;
	return 0;
}
