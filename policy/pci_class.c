// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/pci_class.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct class_name {
	const char *name;
	uint8_t base;
	int (*is)(const struct pci_function *f);
} classes[] = {
	{"unclassified", 0x00, NULL},
	{"storage", 0x01, NULL},
	{"network", 0x02, NULL},
	{"display", 0x03, pci_is_display},
	{"multimedia", 0x04, NULL},
	{"memory", 0x05, NULL},
	{"bridge", 0x06, pci_is_bridge},
	{"communication", 0x07, NULL},
	{"system", 0x08, NULL},
	{"input", 0x09, NULL},
	{"docking", 0x0a, NULL},
	{"processor", 0x0b, NULL},
	{"serial", 0x0c, NULL},
	{"wireless", 0x0d, NULL},
	{"intelligent", 0x0e, NULL},
	{"satellite", 0x0f, NULL},
	{"encryption", 0x10, NULL},
	{"signal", 0x11, NULL},
	{"accelerator", 0x12, NULL},
	{"instrumentation", 0x13, NULL},
	{"coprocessor", 0x40, NULL},
	{"unassigned", 0xff, NULL},
};

static int parse_code(const char *text, struct class_pattern *class)
{
	const char *digits = text + 2;
	size_t len = strlen(text);
	unsigned int shift;

	if (strncmp(text, "0x", 2) || len > 8)
		return -EINVAL;
	len -= 2;
	if ((len != 2 && len != 4 && len != 6) || strspn(digits, "0123456789abcdefABCDEF") != len)
		return -EINVAL;
	shift = 24 - 4 * (unsigned int)len;
	*class = (struct class_pattern){
		.code = (uint32_t)strtoul(digits, NULL, 16) << shift,
		.mask = 0xffffffu << shift & 0xffffffu,
	};
	return 0;
}

int pci_class_parse(const char *text, struct class_pattern *class, struct spelling *spelling)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		if (!strcmp(text, classes[i].name)) {
			*class = (struct class_pattern){
				.code = (uint32_t)classes[i].base << 16,
				.mask = 0xff0000,
				.is = classes[i].is,
			};
			return 0;
		}
		spelling_consider(spelling, classes[i].name);
	}
	return parse_code(text, class);
}
