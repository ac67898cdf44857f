// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/plan.h"

#include <errno.h>
#include <string.h>

#define RESET (STEP_IS_RESET | STEP_IS_RUNG)

static const struct {
	const char *name;
	unsigned int kind;
} steps[STEP_COUNT] = {
	[STEP_VFS] = {"vfs", 0},
	[STEP_UNBIND] = {"unbind", 0},
	[STEP_FLR] = {"flr", RESET},
	[STEP_PM] = {"pm", RESET},
	[STEP_BUS] = {"bus", RESET | STEP_IS_PORT},
	[STEP_SUBORDINATE] = {"subordinate", RESET | STEP_IS_PORT},
	[STEP_SBR] = {"sbr", RESET | STEP_IS_PORT | STEP_IS_RAW},
	[STEP_POWER] = {"power", RESET | STEP_IS_PORT},
	[STEP_DISABLE] = {"disable", STEP_IS_RUNG},
	[STEP_RESTORE] = {"restore", STEP_IS_RAW},
	[STEP_MASK] = {"mask", STEP_IS_RUNG | STEP_IS_RAW},
	[STEP_INTX] = {"intx", STEP_IS_RAW},
	[STEP_UIO] = {"uio", 0},
	[STEP_WRITE] = {"write", STEP_IS_ERRAND},
	[STEP_UNLOAD] = {"unload", STEP_IS_ERRAND},
	[STEP_LINK_DOWN] = {"link_down", STEP_IS_ERRAND},
	[STEP_SETTLE] = {"settle", STEP_IS_ERRAND},
	[STEP_OFFLINE_CPUS] = {"offline_cpus", STEP_IS_ERRAND},
	[STEP_RUN] = {"run", STEP_IS_ERRAND},
};

unsigned int step_kind(enum step step)
{
	return steps[step].kind;
}

const char *step_name(enum step step)
{
	return steps[step].name;
}

int step_from_name(const char *name, enum step *step)
{
	for (int i = 0; i < STEP_COUNT; i++)
		if (!strcmp(steps[i].name, name)) {
			*step = (enum step)i;
			return 0;
		}
	return -ENOENT;
}
