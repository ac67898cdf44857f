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
			"version, "
			"or an id or title, in which * and ? match anything."},
	[BOOT_TIMEOUT] = {"timeout", &value_timeout, INTO(timeout),
		.help = "How many seconds the menu waits; 0 boots at once."},
	[BOOT_ON_HANG] = {"on_hang", &value_word, INTO(on_hang), .words = ways_out,
		.help = "The way out when a driver never lets go: restart at once, or crash into "
			"the crash kernel, where one is loaded."},
	[BOOT_REQUIRE_STILL] = {"require_still", &value_flag, INTO(require_still),
		.help = "true: if a device is loud after its last step, restart through the "
			"firmware instead of jumping."},
};

const struct schema boot_schema = {"boot", fields, BOOT_FIELDS};
