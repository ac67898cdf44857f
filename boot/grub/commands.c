// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands that tell what an entry boots, and those that set variables. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/reader.h"

/* "(device)/path", or "/path" on the device in the variable root, which may have parentheses. */
static struct entry_file file_of(struct grub_reader *r, const char *arg)
{
	const char *close = *arg == '(' ? strchr(arg, ')') : NULL;
	const char *root = grub_scope_get(r->scope, "root", strlen("root"));
	const char *device = close ? arg : root ? root : "";
	struct entry_file file = {0};
	const char *on;

	device += *device == '(';
	on = talloc_strndup(r->list, device, strcspn(device, ")"));
	arg = close ? close + 1 : arg;
	file.path = talloc_asprintf(r->list, "%s%s", *arg == '/' ? "" : "/", arg);
	if (!on || !file.path)
		r->rc = -ENOMEM;
	file.on = on && *on ? on : NULL;
	return file;
}

/* GRUB hands an argument with a space on in double quotes, and quotes and backslashes behind a
 * backslash (grub-core/lib/cmdline.c, grub_create_loader_cmdline). */
static char *add_option(char *options, const char *arg)
{
	const char *quote = strchr(arg, ' ') ? "\"" : "";

	options = talloc_asprintf_append_buffer(options, "%s%s", *options ? " " : "", quote);
	while (options && *arg) {
		size_t plain = strcspn(arg, "\\'\"");

		options = talloc_strndup_append_buffer(options, arg, plain);
		arg += plain;
		if (options && *arg)
			options = talloc_asprintf_append_buffer(options, "\\%c", *arg++);
	}
	return options ? talloc_strdup_append_buffer(options, quote) : NULL;
}

/* A second kernel replaces the first and its initrd, as it does in GRUB. */
static void command_linux(struct grub_reader *r)
{
	const struct grub_args *args = &r->args;
	char *options = talloc_strdup(r->list, "");

	if (args->argc < 2)
		return;
	r->entry.kernel = file_of(r, args->argv[1]);
	r->entry.initrd_count = 0;
	for (size_t i = 2; options && i < args->argc; i++)
		options = add_option(options, args->argv[i]);
	if (!options)
		r->rc = -ENOMEM;
	r->entry.options = options;
}

static void command_initrd(struct grub_reader *r)
{
	r->entry.initrd_count = 0;
	for (size_t i = 1; i < r->args.argc; i++) {
		if (r->entry.initrd_count == ENTRY_INITRDS_MAX) {
			r->entry.reason = "it has more initrds than stillboot takes";
			return;
		}
		r->entry.initrds[r->entry.initrd_count++] = file_of(r, r->args.argv[i]);
	}
}

static void command_devicetree(struct grub_reader *r)
{
	if (r->args.argc > 1)
		r->entry.devicetree = file_of(r, r->args.argv[1]);
}

static bool is_name(const char *text, size_t len)
{
	static const char allowed[] = "0123456789_abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return len && !(*text >= '0' && *text <= '9') && strspn(text, allowed) >= len;
}

static void assign(struct grub_reader *r, const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	char *name;

	if (!equals || !is_name(assignment, (size_t)(equals - assignment)))
		return;
	name = talloc_strndup(r, assignment, (size_t)(equals - assignment));
	if (!name) {
		r->rc = -ENOMEM;
		return;
	}
	grub_set(r, name, equals + 1);
	talloc_free(name);
}

static void command_set(struct grub_reader *r)
{
	if (r->args.argc > 1)
		assign(r, r->args.argv[1]);
}

static void command_unset(struct grub_reader *r)
{
	if (r->args.argc > 1 && is_name(r->args.argv[1], strlen(r->args.argv[1])))
		grub_set(r, r->args.argv[1], "");
}

enum where { ANYWHERE, IN_ENTRY };

static const struct {
	const char *name;
	enum where where;
	void (*run)(struct grub_reader *r);
	const char *obstacle; /* what it would do instead of starting Linux */
} commands[] = {
	{"linux", IN_ENTRY, command_linux, NULL},
	{"linux16", IN_ENTRY, command_linux, NULL},
	{"linuxefi", IN_ENTRY, command_linux, NULL},
	{"initrd", IN_ENTRY, command_initrd, NULL},
	{"initrd16", IN_ENTRY, command_initrd, NULL},
	{"initrdefi", IN_ENTRY, command_initrd, NULL},
	{"devicetree", IN_ENTRY, command_devicetree, NULL},
	{"set", ANYWHERE, command_set, NULL},
	{"unset", ANYWHERE, command_unset, NULL},
	{"search", ANYWHERE, grub_search, NULL},
	{"search.fs_uuid", ANYWHERE, grub_search, NULL},
	{"search.fs_label", ANYWHERE, grub_search, NULL},
	{"search.file", ANYWHERE, grub_search, NULL},
	{"multiboot", IN_ENTRY, NULL, "it starts a Multiboot kernel, not Linux"},
	{"multiboot2", IN_ENTRY, NULL, "it starts a Multiboot kernel, not Linux"},
	{"xen_hypervisor", IN_ENTRY, NULL, "it starts the Xen hypervisor, not Linux"},
	{"chainloader", IN_ENTRY, NULL, "it starts another boot loader, not Linux"},
	{"configfile", IN_ENTRY, NULL, "it opens another menu"},
	{"fwsetup", IN_ENTRY, NULL, "it opens the firmware's setup"},
	{"reboot", IN_ENTRY, NULL, "it reboots the machine"},
	{"halt", IN_ENTRY, NULL, "it turns the machine off"},
};

void grub_command(struct grub_reader *r)
{
	const char *name = r->args.argc ? r->args.argv[0] : "";

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(name, commands[i].name))
			continue;
		if (commands[i].where == IN_ENTRY && !r->in_entry)
			return;
		if (commands[i].run)
			commands[i].run(r);
		else
			r->obstacle = commands[i].obstacle;
		return;
	}
	/* "As a last resort, try if it is an assignment" (script/execute.c). */
	assign(r, name);
}
