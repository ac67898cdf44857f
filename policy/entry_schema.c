// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/rule.h"
#include "policy/schemas.h"
#include "policy/value.h"

#define MATCH(member) .offset = offsetof(struct entry_rule, member), .kind = SCHEMA_MATCH
#define ACTION(member) .offset = offsetof(struct entry_rule, member), .kind = SCHEMA_ACTION
#define NOTE(member) .offset = offsetof(struct entry_rule, member), .kind = SCHEMA_NOTE

static const struct schema_field fields[ENTRY_FIELDS] = {
	[ENTRY_TITLE] = {"title", &value_globs, MATCH(title), .help = "The entry's title."},
	[ENTRY_ID] = {"id", &value_globs, MATCH(id),
		.help = "Its id, as `stillboot list` shows it."},
	[ENTRY_LINUX] = {"linux", &value_globs, MATCH(kernel),
		.help = "The path of its kernel, from the root of its filesystem."},
	[ENTRY_VERSION] = {"version", &value_globs, MATCH(version),
		.help = "Its version, as the entry itself says it."},
	[ENTRY_FORMAT] = {"format", &value_globs, MATCH(format),
		.help = "What it was read from: \"bls1\", \"grub\"."},
	[ENTRY_HIDE] = {"hide", &value_flag, ACTION(hide),
		.help = "Whether not to show the entry, and not to boot it by default; false takes "
			"an earlier hide back."},
	[ENTRY_OPTIONS_ADD] = {"options_add", &value_options, ACTION(options_add),
		.help = "Words to be added to its command line."},
	[ENTRY_OPTIONS_REMOVE] = {"options_remove", &value_globs, ACTION(options_remove),
		.help = "Words to be taken out of it, before this rule adds its own. Rules of "
			"entries come after those of devices and of the machine."},
	[ENTRY_WHY] = {"why", &value_text, NOTE(why), .help = "The reason, one clause."},
};

const struct schema entry_schema = {"entry", fields, ENTRY_FIELDS};
