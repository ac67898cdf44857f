// SPDX-License-Identifier: GPL-2.0-or-later
/* search (grub-core/commands/search_wrap.c): which filesystem? And probe: what is it called? */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/command.h"
#include "boot/grub/device.h"
#include "devices/cleanup.h"

/* A hint is where to look first, and we look everywhere. */
static const struct grub_option search_options[] = {
	{"fs-uuid", 'u', GRUB_VALUE_NONE},
	{"label", 'l', GRUB_VALUE_NONE},
	{"fs-label", '\0', GRUB_VALUE_NONE},
	{"file", 'f', GRUB_VALUE_NONE},
	{"set", 's', GRUB_VALUE_OPTIONAL},
	{"no-floppy", 'n', GRUB_VALUE_NONE},
	{"efidisk-only", '\0', GRUB_VALUE_NONE},
	{"cryptodisk-only", '\0', GRUB_VALUE_NONE},
	{"root-dev-only", 'r', GRUB_VALUE_NONE},
	{"hint", 'h', GRUB_VALUE_NEEDED},
	{"hint-ieee1275", '\0', GRUB_VALUE_NEEDED},
	{"hint-bios", '\0', GRUB_VALUE_NEEDED},
	{"hint-baremetal", '\0', GRUB_VALUE_NEEDED},
	{"hint-efi", '\0', GRUB_VALUE_NEEDED},
	{"hint-arc", '\0', GRUB_VALUE_NEEDED},
	{NULL, '\0', GRUB_VALUE_NONE},
};
enum { OPTION_LABEL = 1, OPTION_FS_LABEL = 2, OPTION_FILE = 3, OPTION_SET = 4 };

static const char uuid_kind[] = "UUID", label_kind[] = "LABEL", file_kind[] = "FILE";

struct search {
	const char *kind; /* NULL if none was given */
	const char *name;
	const char *variable; /* NULL: nothing is set */
};

static struct search parse(const struct grub_call *call)
{
	struct grub_options options = grub_options(search_options, call);
	struct search s = {0};
	const char *words[2] = {0};
	bool sets = false;
	int option;

	while ((option = grub_options_next(&options)) != GRUB_OPTION_END) {
		if (option == 0)
			s.kind = uuid_kind;
		else if (option == OPTION_LABEL || option == OPTION_FS_LABEL)
			s.kind = label_kind;
		else if (option == OPTION_FILE)
			s.kind = file_kind;
		else if (option == OPTION_SET)
			sets = true;
		if (option == OPTION_SET && options.value)
			words[0] = options.value;
		if (option == GRUB_OPTION_WORD && !words[1])
			words[1] = options.value;
	}
	/* "--set NAME" without a variable, and without --set: root, if only the type is missing. */
	s.name = words[1] ? words[1] : words[0];
	if (sets || !s.kind)
		s.variable = words[1] && words[0] ? words[0] : "root";
	return s;
}

/* How a filesystem that is not there is called: a UUID as it is, as many scripts go on with it. */
static char *missing(const struct search *s)
{
	if (s->kind == uuid_kind)
		return talloc_strdup(NULL, s->name);
	return talloc_asprintf(NULL, "%s=%s", s->kind, s->name);
}

/* A variable that has a value keeps it in GRUB when nothing is found. It may be used instead; but
 * what waits for a filesystem by its UUID, or has it for its root, cannot do without it. */
static bool sets_missing(struct grub_run *g, const struct search *s)
{
	return s->kind == uuid_kind || !strcmp(s->variable, "root") ||
	       !*grub_get_text(g, s->variable);
}

static int run_search(struct grub_run *g, struct search s)
{
	_cleanup_talloc_ char *name = NULL, *value = NULL;
	const struct volume *v;

	if (!s.name)
		return GRUB_BAD_ARGUMENT;
	if (!s.kind)
		s.kind = uuid_kind;
	name = talloc_asprintf(NULL, "%s=%s", s.kind, s.name);
	if (!name || !grub_lookup(g, s.kind == file_kind ? 4 : 1))
		return GRUB_NO_DEVICE;
	v = volume_named(g->reading->volumes, name, g->source.volume);
	/* A tree that answers to every name answers to this one. */
	if (v && s.variable)
		value = v->flags & VOLUME_ANY_NAME && s.kind != file_kind
				? talloc_strdup(NULL, s.name)
				: grub_device_of(g, NULL, v);
	if (v && s.variable)
		grub_set(g, s.variable, value ? value : name);
	if (v)
		return GRUB_OK;
	if (s.variable && sets_missing(g, &s)) {
		value = missing(&s);
		if (value)
			grub_set(g, s.variable, value);
	}
	return GRUB_NO_DEVICE;
}

int grub_command_search(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	(void)command;
	return run_search(g, parse(call));
}

/* search.fs_uuid NAME [VARIABLE [HINT...]] (grub-core/commands/search.c). */
int grub_command_search_short(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct search s = {.kind = uuid_kind};

	if (!strcmp(command->name, "search.fs_label"))
		s.kind = label_kind;
	else if (!strcmp(command->name, "search.file") || !strcmp(command->name, "search.fs_file"))
		s.kind = file_kind;
	if (call->argc > 1)
		s.name = call->argv[1];
	if (call->argc > 2)
		s.variable = call->argv[2];
	return run_search(g, s);
}

static const struct grub_option probe_options[] = {
	{"set", 's', GRUB_VALUE_NEEDED},
	{"driver", 'd', GRUB_VALUE_NONE},
	{"partmap", 'p', GRUB_VALUE_NONE},
	{"fs", 'f', GRUB_VALUE_NONE},
	{"fs-uuid", 'u', GRUB_VALUE_NONE},
	{"label", 'l', GRUB_VALUE_NONE},
	{"part-uuid", '\0', GRUB_VALUE_NONE},
	{NULL, '\0', GRUB_VALUE_NONE},
};
enum { PROBE_SET, PROBE_FS = 3, PROBE_UUID, PROBE_LABEL };

/* GRUB's names for filesystems, where they are not the kernel's. */
static const char *filesystem_of(const struct volume *v)
{
	static const char *const names[][2] = {
		{"ext3", "ext2"}, {"ext4", "ext2"}, {"vfat", "fat"}, {"squashfs", "squash4"}};

	for (size_t i = 0; v->type && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(v->type, names[i][0]))
			return names[i][1];
	return v->type;
}

/* What we do not know is "none", as in GRUB for what has no partition. */
static const char *answer(const struct volume *v, int what)
{
	const char *value = "none";

	if (what == PROBE_FS)
		value = filesystem_of(v);
	else if (what == PROBE_UUID)
		value = v->uuid;
	else if (what == PROBE_LABEL)
		value = v->label;
	return value;
}

/* "probe -u (hd0,1)" and "probe -u hd0,1". */
static const struct volume *probed(struct grub_run *g, const char *name)
{
	struct grub_mark mark = grub_arena_mark(&g->scratch);
	size_t skip = *name == '(';
	char *device = grub_arena_copy(&g->scratch, name + skip, strcspn(name + skip, ")"));
	const struct volume *v = device ? grub_volume(g, device) : NULL;

	grub_arena_back(&g->scratch, mark);
	return v;
}

int grub_command_probe(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct grub_options options = grub_options(probe_options, call);
	const char *variable = NULL, *name = NULL, *value;
	const struct volume *v;
	int option, what = 0;

	(void)command;
	while ((option = grub_options_next(&options)) != GRUB_OPTION_END) {
		if (option == PROBE_SET)
			variable = options.value;
		else if (option == GRUB_OPTION_WORD)
			name = options.value;
		else if (option > 0)
			what = option;
	}
	if (!name || !what)
		return GRUB_BAD_ARGUMENT;
	v = probed(g, name);
	value = v ? answer(v, what) : NULL;
	if (!value)
		return GRUB_NO_DEVICE;
	if (variable)
		grub_set(g, variable, value);
	return GRUB_OK;
}
