// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/persona.h"

#include <stddef.h>
#include <string.h>

#include "ui/appliance.h"
#include "ui/modprobe.h"

static const struct persona personas[] = {
	{"init", appliance_run},
	{"modprobe", modprobe_run},
};

const struct persona *persona_called(const char *argv0)
{
	const char *slash = strrchr(argv0, '/'), *name = slash ? slash + 1 : argv0;

	for (size_t i = 0; i < sizeof(personas) / sizeof(*personas); i++)
		if (!strcmp(name, personas[i].name))
			return &personas[i];
	return NULL;
}
