// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/arranged.h"
#include "policy/schemas.h"
#include "policy/value.h"

#define INTO(member) .offset = offsetof(struct arranged_step, member)

static const struct schema_field fields[ARRANGED_FIELDS] = {
	[ARRANGED_STEP] = {"step", &value_step, INTO(step),
		.help = "What to do: a step of device rules, or \"write\", \"unload\", "
			"\"link_down\", \"settle\", \"offline_cpus\", \"run\"."},
	[ARRANGED_SLOT] = {"slot", &value_string, INTO(slot),
		.help = "To which PCI function, or, for \"unbind\", to which device on another "
			"bus: \"platform:NAME\"."},
	[ARRANGED_DRIVER] = {"driver", &value_string, INTO(driver),
		.help = "The driver that is bound; for reading only."},
	[ARRANGED_RULE] = {"rule", &value_string, INTO(rule),
		.help = "The rule that asked for it; for reading only."},
	[ARRANGED_DEADLINE] = {"deadline", &value_seconds, INTO(deadline),
		.help = "How many seconds it may take, 30 where nothing is said; of a PCI "
			"function, "
			"how many its driver may take to let go."},
	[ARRANGED_PATH] = {"path", &value_string, INTO(path),
		.help = "write: the attribute, below /sys or /proc/sys."},
	[ARRANGED_VALUE] = {"value", &value_string, INTO(value), .help = "write: what is written."},
	[ARRANGED_MODULE] = {"module", &value_string, INTO(module), .help = "unload: the module."},
	[ARRANGED_INTERFACE] = {"interface", &value_string, INTO(interface),
		.help = "link_down: the network interface."},
	[ARRANGED_SECONDS] = {"seconds", &value_seconds, INTO(settle),
		.help = "settle: how many to wait."},
	[ARRANGED_COMMAND] = {"command", &value_strings, INTO(command),
		.help = "run: the program's path and its arguments, each a string."},
};

const struct schema step_schema = {"a step", fields, ARRANGED_FIELDS};
