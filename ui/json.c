// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/print.h"

json_t *json_text(const char *text)
{
	json_t *json;
	char *escaped;
	size_t size;

	if (!text)
		return json_null();
	json = json_string(text);
	if (json)
		return json;
	size = 4 * strlen(text) + 1;
	escaped = malloc(size);
	json = escaped ? json_string(print_escape(escaped, size, text)) : NULL;
	free(escaped);
	return json ? json : json_null();
}

json_t *json_hex(unsigned int value, int digits)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%0*x", digits, value);
	return json_string(text);
}

json_t *function_json(const struct pci_function *f)
{
	return json_pack("{ss so so so so}", "slot", f->slot, "class", json_hex(f->class, 6),
		"vendor", json_hex(f->vendor, 4), "device", json_hex(f->device, 4), "driver",
		json_text(f->driver));
}

json_t *json_with_error(json_t *object, const char *policy_error)
{
	if (policy_error)
		json_object_set_new(object, "policy_error", json_text(policy_error));
	return object;
}
