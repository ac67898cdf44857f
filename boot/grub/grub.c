// SPDX-License-Identifier: GPL-2.0-or-later
/* A configuration from its bytes to entries, and what GRUB has set before it reads one. */
#include "boot/grub/grub.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/format.h"
#include "boot/grub/defaults.h"
#include "boot/grub/menu.h"
#include "boot/grub/source.h"
#include "devices/cleanup.h"

/* grub-core/normal/main.c, features[]; all of GRUB 2.06 and 2.12. They are exported. */
static const char *const features[] = {
	"feature_200_final",
	"feature_all_video_module",
	"feature_chainloader_bpb",
	"feature_default_font_path",
	"feature_menuentry_id",
	"feature_menuentry_options",
	"feature_nativedisk_cmd",
	"feature_ntldr",
	"feature_platform_search_hint",
	"feature_timeout_style",
};

/* GRUB's names (grub_cpu, and grub_platform without UEFI) for what uname(2) calls the machine. */
static const struct {
	const char *machine, *cpu, *platform;
} machines[] = {
	{"x86_64", "i386", "pc"}, /* with UEFI: x86_64 */
	{"i?86", "i386", "pc"},
	{"aarch64", "arm64", "uboot"},
	{"arm*", "arm", "uboot"},
	{"ppc*", "powerpc", "ieee1275"},
	{"sparc*", "sparc64", "ieee1275"},
	{"riscv64", "riscv64", "uboot"},
	{"riscv32", "riscv32", "uboot"},
	{"mips*", "mipsel", "arc"},
	{"loongarch64", "loongarch64", "efi"},
	{"ia64", "ia64", "efi"},
};

static void set_exported(struct grub_run *g, const char *name, const char *value)
{
	grub_set(g, name, value);
	grub_scope_export(g->scope, name);
}

static void set_platform(struct grub_run *g)
{
	const char *machine = g->reading->architecture, *cpu = machine, *platform = "emu";

	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		if (fnmatch(machines[i].machine, machine, 0))
			continue;
		cpu = machines[i].cpu;
		platform = machines[i].platform;
		break;
	}
	if (g->reading->efi) {
		platform = "efi";
		cpu = strcmp(machine, "x86_64") ? cpu : machine;
	}
	set_exported(g, "grub_platform", platform);
	set_exported(g, "grub_cpu", cpu);
}

/* What root is at first: a name by which volume_named() finds the configuration's own volume, as
 * near to GRUB's as can be. */
static char *own_root(struct grub_run *g)
{
	const struct volume *v = g->reading->volume;

	if (v->disk && v->partition)
		return talloc_asprintf(
			g, "hd0,%s%u", g->reading->efi ? "gpt" : "msdos", v->partition);
	if (v->fd < 0 || v->disk || v->flags & VOLUME_ANY_NAME)
		return talloc_strdup(g, "hd0");
	if (v->uuid)
		return talloc_asprintf(g, "UUID=%s", v->uuid);
	if (v->label)
		return talloc_asprintf(g, "LABEL=%s", v->label);
	return talloc_asprintf(g, "FILE=%s", g->source.file);
}

static void set_places(struct grub_run *g)
{
	_cleanup_talloc_ char *prefix = talloc_asprintf(
		NULL, "(%s)%s", g->own_root, g->source.file);
	char *slash = prefix ? strrchr(prefix, '/') : NULL;

	if (!prefix) {
		g->rc = -ENOMEM;
		return;
	}
	set_exported(g, "root", g->own_root);
	if (slash)
		*slash = '\0';
	set_exported(g, "prefix", slash ? prefix : "");
	set_exported(g, "cmdpath", slash ? prefix : "");
	grub_set_config(g, g->own_root, g->source.file);
}

static void set_known(struct grub_run *g)
{
	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++)
		set_exported(g, features[i], "y");
	/* Files set it themselves; a fragment of one does not. */
	set_exported(g, "menuentry_id_option", "--id");
	set_exported(g, "package_version", "2.12");
	set_platform(g);
	set_places(g);
}

/* The path from the filesystem's root, with its slash. */
static const char *whole_path(struct grub_run *g, const char *file)
{
	char *path = *file == '/' ? NULL : talloc_asprintf(g, "/%s", file);

	return path ? path : file;
}

struct grub_run *grub_run_new(void *ctx, struct reading *r)
{
	struct grub_run *g = talloc_zero(ctx, struct grub_run);

	if (!g)
		return NULL;
	g->reading = r;
	g->list = r->list;
	g->keep = (struct grub_arena){.ctx = r->list, .limit = GRUB_KEEP_MAX};
	g->tree = (struct grub_arena){.ctx = g, .limit = GRUB_TREE_MAX};
	g->scratch = (struct grub_arena){.ctx = g, .limit = GRUB_SCRATCH_MAX};
	g->text = talloc_array(g, char, GRUB_ARGS_BYTES);
	g->globals = grub_scope_new(g, NULL, GRUB_VIEW_ALL);
	g->scope = g->globals;
	g->step_limit = GRUB_STEPS_MIN;
	g->step_max = GRUB_STEPS_MAX;
	g->default_choice = ENTRY_CHOICE_FORMAT;
	g->source = (struct grub_source){whole_path(g, r->file), r->volume};
	g->own_root = own_root(g);
	g->menu = talloc_zero(g, struct grub_menu);
	if (!g->text || !g->globals || !g->menu || !g->own_root)
		TALLOC_FREE(g);
	if (!g)
		return NULL;
	g->menu->scope = g->globals;
	g->menu->end = &g->menu->first;
	set_known(g);
	g->source.file = grub_keep(g, r->file);
	return g;
}

int grub_run_all(struct grub_run *g, const char *bytes, size_t len, struct err *err)
{
	const struct grub_menu *menu = g->menu;
	size_t before = g->list->count;

	grub_pay(g, len);
	grub_run_bytes(g, bytes, len);
	g->breaks = 0;
	g->returning = g->booting = false;
	if (!g->rc)
		grub_describe(g, g->menu);
	if (g->rc) {
		g->list->count = before;
		return err_errno(err, g->rc, "%s", g->reading->file);
	}
	for (size_t i = before; i < g->list->count; i++)
		g->list->entries[i].environment = g->environment;
	grub_give_default(g, menu);
	return 0;
}

int grub_parse(struct reading *reading, const char *bytes, size_t len, struct err *err)
{
	_cleanup_talloc_ struct grub_run *g = grub_run_new(NULL, reading);

	return g ? grub_run_all(g, bytes, len, err) : err_errno(err, -ENOMEM, "%s", reading->file);
}
