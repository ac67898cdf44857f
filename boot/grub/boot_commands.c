// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands that tell what an entry boots. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/command.h"
#include "boot/grub/device.h"
#include "boot/grub/menu.h"

/* Outside of all entries the configuration may boot a kernel by itself. */
static struct grub_draft *draft_of(struct grub_run *g)
{
	if (g->draft)
		return g->draft;
	if (!g->direct) {
		g->direct = talloc_zero(g, struct grub_draft);
		if (!g->direct) {
			g->rc = -ENOMEM;
			return NULL;
		}
		g->direct->entry = (struct entry){
			.options = "", .tries_left = -1, .tries_done = -1};
	}
	return g->direct;
}

static bool is_hex(char c)
{
	return c && strchr("0123456789abcdefABCDEF", c);
}

/* GRUB hands an argument with a space on in double quotes, and quotes and backslashes behind a
 * backslash, but for "\xHH" (grub-core/lib/cmdline.c, grub_create_loader_cmdline). */
static size_t add_option(char *to, const char *arg)
{
	bool quotes = strchr(arg, ' ');
	size_t len = 0;

	if (quotes)
		to[len++] = '"';
	for (; *arg; arg++) {
		if (*arg == '\'' || *arg == '"' ||
			(*arg == '\\' && !(arg[1] == 'x' && is_hex(arg[2]) && is_hex(arg[3]))))
			to[len++] = '\\';
		to[len++] = *arg;
	}
	if (quotes)
		to[len++] = '"';
	return len;
}

static size_t add_word(char *to, const char *arg)
{
	return (size_t)(stpcpy(to, arg) - to);
}

/* The words from this one on, each written by add; empty ones are nothing to a kernel. */
static const char *join(struct grub_run *g, const struct grub_call *call, size_t from,
	size_t (*add)(char *to, const char *arg))
{
	size_t room = 1, len = 0;
	char *options;

	for (size_t i = from; i < call->argc; i++)
		room += 2 * strlen(call->argv[i]) + 3;
	options = grub_arena_take(&g->scratch, room);
	if (!options) {
		grub_no_room(g);
		return "";
	}
	for (size_t i = from; i < call->argc; i++) {
		if (!*call->argv[i])
			continue;
		if (len)
			options[len++] = ' ';
		len += add(options + len, call->argv[i]);
	}
	return len ? grub_keep_len(g, options, len) : "";
}

/* Whether the file is there matters only where the script asks. */
static int status_of(struct grub_run *g, const char *name)
{
	struct grub_mark mark;
	struct grub_place place;
	bool there;

	if (!g->conditions)
		return GRUB_OK;
	mark = grub_arena_mark(&g->scratch);
	there = grub_place(g, name, &place) && grub_has_file(g, &place);
	grub_arena_back(&g->scratch, mark);
	return there ? GRUB_OK : GRUB_NO_FILE;
}

/* A second kernel replaces the first and its initrd, as it does in GRUB. */
int grub_command_linux(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct grub_draft *draft = draft_of(g);

	(void)command;
	if (!draft || call->argc < 2 || !*call->argv[1])
		return GRUB_BAD_ARGUMENT;
	draft->entry.kernel = grub_entry_file(g, call->argv[1]);
	draft->entry.efi = (struct entry_file){0};
	draft->entry.initrd_count = 0;
	draft->entry.options = join(g, call, 2, add_option);
	return status_of(g, call->argv[1]);
}

/* "+1" and "(hd0,1)+1" are sectors of a disk, not a file. */
static bool is_sectors(const char *name)
{
	const char *close = *name == '(' ? strchr(name, ')') : NULL;

	return close ? close[1] != '/' : strchr(name, '+') && *name != '/';
}

/* An EFI program may be a kernel, or have one in it: discovery looks. What stands behind its name it
 * gets as it is (grub-core/loader/efi/chainloader.c). */
int grub_command_chainloader(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct grub_draft *draft = draft_of(g);
	size_t file = 1;

	while (file < call->argc && !strncmp(call->argv[file], "--", 2))
		file++;
	if (!draft || file >= call->argc || !*call->argv[file])
		return GRUB_BAD_ARGUMENT;
	if (is_sectors(call->argv[file]))
		return grub_command_obstacle(g, command, call);
	draft->entry.efi = grub_entry_file(g, call->argv[file]);
	draft->entry.kernel = (struct entry_file){0};
	draft->entry.initrd_count = 0;
	draft->entry.options = join(g, call, file + 1, add_word);
	return status_of(g, call->argv[file]);
}

/* "newc:NAME:FILE" puts a file into the initramfs under that name (grub-core/loader/linux.c). */
static bool is_newc(const char *arg)
{
	return !strncmp(arg, "newc:", 5);
}

/* Room for so many. */
static bool empty_initrds(struct grub_run *g, struct entry *e, size_t room)
{
	room = room < ENTRY_INITRDS_MAX ? room : ENTRY_INITRDS_MAX;
	e->initrd_count = 0;
	e->initrds = grub_arena_take(&g->keep, room * sizeof(*e->initrds));
	if (!e->initrds)
		grub_no_room(g);
	return e->initrds;
}

int grub_command_initrd(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct grub_draft *draft = draft_of(g);
	int status = GRUB_OK;

	(void)command;
	if (!draft)
		return GRUB_BAD_ARGUMENT;
	if (!empty_initrds(g, &draft->entry, call->argc - 1))
		return GRUB_BAD_ARGUMENT;
	for (size_t i = 1; i < call->argc; i++) {
		if (!*call->argv[i])
			continue;
		if (is_newc(call->argv[i])) {
			draft->entry.reason = "it puts single files into its initramfs (newc:)";
			continue;
		}
		if (draft->entry.initrd_count == ENTRY_INITRDS_MAX) {
			draft->entry.reason = "it has more initrds than stillboot takes";
			break;
		}
		draft->entry.initrds[draft->entry.initrd_count++] = grub_entry_file(
			g, call->argv[i]);
		if (status == GRUB_OK)
			status = status_of(g, call->argv[i]);
	}
	return status;
}

int grub_command_devicetree(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct grub_draft *draft = draft_of(g);

	(void)command;
	if (!draft)
		return GRUB_BAD_ARGUMENT;
	/* Without a file it takes the firmware's again. */
	if (call->argc < 2) {
		draft->entry.devicetree = (struct entry_file){0};
		return GRUB_OK;
	}
	draft->entry.devicetree = grub_entry_file(g, call->argv[1]);
	return status_of(g, call->argv[1]);
}

int grub_command_obstacle(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	(void)call;
	if (g->draft && !g->draft->obstacle)
		g->draft->obstacle = command->obstacle;
	return GRUB_OK;
}

/* What follows in an entry is not reached; outside of one, the configuration boots by itself. */
int grub_command_boot(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	(void)command;
	if (g->draft) {
		g->booting = grub_boots(&g->draft->entry) || g->draft->obstacle;
	} else if (g->direct && grub_boots(&g->direct->entry)) {
		grub_describe_direct(g, call->node->line);
		TALLOC_FREE(g->direct);
	}
	return GRUB_OK;
}
