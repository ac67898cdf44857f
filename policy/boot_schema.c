// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/decision.h"
#include "policy/schemas.h"
#include "policy/value.h"

#define INTO(member) .offset = offsetof(struct boot_rule, member)

static const struct schema_word ways_out[] = {
	{"emergency-restart", POLICY_HANG_RESTART},
	{"crash-kernel", POLICY_HANG_CRASH},
	{NULL, 0},
};

static const struct schema_field fields[BOOT_FIELDS] = {
	[BOOT_DEFAULT] = {"default", &value_text, INTO(default_entry),
		.help = "The entry to boot where nobody chooses: \"newest\" for the newest "
			"version, an id, a title, or a glob of titles. Without it, or if there is "
			"no such entry, the default of the configuration that the entries come "
			"from."},
	[BOOT_TIMEOUT] = {"timeout", &value_timeout, INTO(timeout),
		.help = "How many seconds a menu waits for a key; 0 boots at once."},
	[BOOT_ON_HANG] = {"on_hang", &value_word, INTO(on_hang), .words = ways_out,
		.help = "The way out when a driver never lets go: restart at once, which is the "
			"default, or crash into the crash kernel; where none is loaded, restart at "
			"once."},
	[BOOT_REQUIRE_STILL] = {"require_still", &value_flag, INTO(require_still),
		.help = "Whether to restart through the firmware instead of jumping if a device is "
			"loud after its last step. The default is false: it is named, and the jump "
			"is made."},
};

const struct schema boot_schema = {"boot", fields, BOOT_FIELDS};
