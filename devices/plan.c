// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/plan.h"

#include <errno.h>
#include <string.h>

static const char *const names[STEP_COUNT] = {
	[STEP_VFS] = "vfs",
	[STEP_UNBIND] = "unbind",
	[STEP_FLR] = "flr",
	[STEP_PM] = "pm",
	[STEP_BUS] = "bus",
	[STEP_SUBORDINATE] = "subordinate",
	[STEP_SBR] = "sbr",
	[STEP_POWER] = "power",
	[STEP_MASK] = "mask",
	[STEP_INTX] = "intx",
	[STEP_UIO] = "uio",
};

const char *step_name(enum step step)
{
	return names[step];
}

int step_from_name(const char *name, enum step *step)
{
	for (int i = 0; i < STEP_COUNT; i++)
		if (!strcmp(names[i], name)) {
			*step = (enum step)i;
			return 0;
		}
	return -ENOENT;
}
