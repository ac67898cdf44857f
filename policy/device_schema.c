// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/device_schema.h"

#include "policy/rule.h"
#include "policy/value.h"

#define INTO(member) .offset = offsetof(struct rule, member)

static const struct schema_word places[] = {
	{"root", PCI_PLACE_ROOT},
	{"port", PCI_PLACE_PORT},
	{"legacy", PCI_PLACE_LEGACY},
	{"switch", PCI_PLACE_SWITCH},
	{NULL, 0},
};

static const struct schema_word uses[] = {
	{"any", ~0u},
	{"disk", PCI_USE_DISK},
	{"console", PCI_USE_CONSOLE},
	{"watchdog", PCI_USE_WATCHDOG},
	{"framebuffer", PCI_USE_FRAMEBUFFER},
	{"network", PCI_USE_NETWORK},
	{"vfio", PCI_USE_VFIO},
	{NULL, 0},
};

static const struct schema_field fields[RULE_FIELDS] = {
	[RULE_VENDOR] = {"vendor", &value_id, INTO(vendor),
		.help = "Matches functions with this PCI vendor id."},
	[RULE_DEVICE] = {"device", &value_id, INTO(device),
		.help = "Matches functions with this PCI device id."},
	[RULE_CLASS] = {"class", &value_class, INTO(class),
		.help = "Matches functions of a class, by name or by the beginning of its code."},
	[RULE_DRIVER] = {"driver", &value_glob, INTO(driver),
		.help = "Matches functions bound to a driver of this name."},
	[RULE_SLOT] = {"slot", &value_slot, INTO(slot),
		.help = "Matches functions by slot; domain 0000 may be left out."},
	[RULE_PLACE] = {"place", &value_word, INTO(place), .words = places,
		.help = "Matches functions by where they stand: on a root bus, below a PCIe port, "
			"below a bridge to legacy PCI, inside a switch."},
	[RULE_USE] = {"use", &value_word, INTO(use), .words = uses,
		.help = "Matches functions that somebody needs now, and as what."},
	[RULE_LEAVE] = {"leave", &value_flag, INTO(leave),
		.help = "true: do not touch the function; false: take an earlier leave back."},
	[RULE_STEPS] = {"steps", &value_steps, INTO(steps),
		.help = "What to do to the function, in this order; of the resets one, and the "
			"next "
			"only if it failed or the function is loud after it."},
	[RULE_DEADLINE] = {"deadline", &value_seconds, INTO(deadline),
		.help = "How many seconds the driver may take to let go."},
	[RULE_WHY] = {"why", &value_text, INTO(why),
		.help = "The reason, shown in the plan and in the report."},
};

const struct schema device_schema = {"device", fields, RULE_FIELDS};
