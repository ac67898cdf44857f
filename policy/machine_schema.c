// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/rule.h"
#include "policy/schemas.h"
#include "policy/value.h"

#define MATCH(member) .offset = offsetof(struct machine_rule, member), .kind = SCHEMA_MATCH
#define ACTION(member) .offset = offsetof(struct machine_rule, member), .kind = SCHEMA_ACTION
#define NOTE(member) .offset = offsetof(struct machine_rule, member), .kind = SCHEMA_NOTE

const struct schema_word schema_lockdowns[] = {
	{"none", PCI_LOCKDOWN_NONE},
	{"integrity", PCI_LOCKDOWN_INTEGRITY},
	{"confidentiality", PCI_LOCKDOWN_CONFIDENTIALITY},
	{NULL, 0},
};

static const struct schema_field fields[MACHINE_FIELDS] = {
	[MACHINE_VENDOR] = {"vendor", &value_globs, MATCH(vendor),
		.help = "Who made the machine (DMI sys_vendor)."},
	[MACHINE_PRODUCT] = {"product", &value_globs, MATCH(product),
		.help = "Its name (DMI product_name)."},
	[MACHINE_VERSION] = {"version", &value_globs, MATCH(version),
		.help = "Its version (DMI product_version), where some makers put its name."},
	[MACHINE_BOARD_VENDOR] = {"board_vendor", &value_globs, MATCH(board_vendor),
		.help = "Who made its board (DMI board_vendor)."},
	[MACHINE_BOARD] = {"board", &value_globs, MATCH(board),
		.help = "The board's name (DMI board_name)."},
	[MACHINE_BIOS_VENDOR] = {"bios_vendor", &value_globs, MATCH(bios_vendor),
		.help = "Who made its firmware (DMI bios_vendor)."},
	[MACHINE_BIOS] = {"bios", &value_globs, MATCH(bios),
		.help = "The firmware's version (DMI bios_version)."},
	[MACHINE_KERNEL] = {"kernel", &value_versions, MATCH(kernel),
		.help = "Only while such a kernel runs."},
	[MACHINE_LOCKDOWN] = {"lockdown", &value_word, MATCH(lockdown), .words = schema_lockdowns,
		.help = "Only while the kernel's lockdown is exactly this."},
	[MACHINE_WHEN] = {"when", &value_function, MATCH(when),
		.help = "A function of the machine, as a plain table, that says true or false. It "
			"is asked once, while the file is read, when all else agrees."},
	[MACHINE_INCLUDE] = {"include", &value_file_name, ACTION(include),
		.help = "A file of rules for such machines alone, in the folder \"include\" beside "
			"this file. Its rules stand at this place."},
	[MACHINE_JUMP] = {"jump", &value_flag, ACTION(jump),
		.help = "false: never kexec on this machine, which does not survive it; true: take "
			"that back."},
	[MACHINE_QUIESCE] = {"quiesce", &value_flag, ACTION(quiesce),
		.help = "Whether devices are stilled at all, true where no rule says so. If not, "
			"none is touched, and the kernel's own way of shutting down serves."},
	[MACHINE_SETTLE] = {"settle", &value_seconds, ACTION(settle),
		.help = "How many seconds to wait before the first step; none where no rule says "
			"so."},
	[MACHINE_OFFLINE_CPUS] = {"offline_cpus", &value_flag, ACTION(offline_cpus),
		.help = "Whether to take all processors but the first offline when the devices are "
			"still; false where no rule says so."},
	[MACHINE_LOAD_RETRIES] = {"load_retries", &value_retries, ACTION(load_retries),
		.help = "How often to try again when loading the kernel fails; 0 where no rule "
			"says so."},
	[MACHINE_OPTIONS_ADD] = {"options_add", &value_options, ACTION(options_add),
		.help = "Words for the next kernel's command line."},
	[MACHINE_OPTIONS_REMOVE] = {"options_remove", &value_globs, ACTION(options_remove),
		.help = "Words to be taken out of it, before this rule adds its own; what "
			"earlier rules added, too."},
	[MACHINE_WHY] = {"why", &value_text, NOTE(why), .help = "The reason, one clause."},
};

const struct schema machine_schema = {"machine", fields, MACHINE_FIELDS};
