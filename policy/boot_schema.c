// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/boot_schema.h"

#include "policy/rule.h"
#include "policy/value.h"

static const struct schema_word ways_out[] = {
	{"emergency-restart", POLICY_HANG_RESTART},
	{"crash-kernel", POLICY_HANG_CRASH},
	{NULL, 0},
};

static const struct schema_field fields[BOOT_FIELDS] = {
	[BOOT_ON_HANG] = {"on_hang", &value_word, .offset = offsetof(struct boot_rule, on_hang),
		.words = ways_out,
		.help = "The way out when a driver never lets go: restart at once, or crash into "
			"the crash kernel, where one is loaded."},
};

const struct schema boot_schema = {"boot", fields, BOOT_FIELDS};
