// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/persona.h"

#include <stddef.h>
#include <string.h>

#include "boot/leave/exitrd.h"
#include "ui/appliance.h"
#include "ui/modprobe.h"
#include "ui/shutdown.h"

static const struct persona personas[] = {
	{"init", appliance_run, NULL},
	{"modprobe", modprobe_run, NULL},
	{EXITRD_PROGRAM, shutdown_main, shutdown_is_meant},
};

const struct persona *persona_called(const char *argv0)
{
	const char *slash = strrchr(argv0, '/'), *name = slash ? slash + 1 : argv0;

	for (size_t i = 0; i < sizeof(personas) / sizeof(*personas); i++)
		if (!strcmp(name, personas[i].name) &&
			(!personas[i].is_meant || personas[i].is_meant()))
			return &personas[i];
	return NULL;
}
