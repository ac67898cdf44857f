/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_JSON_H
#define UI_JSON_H

#include <jansson.h>

#include "devices/pci.h"

/* A string of unknown origin: as it is when it is UTF-8, else with the odd bytes as \xNN. NULL
 * becomes null. */
json_t *json_text(const char *text);

/* "0x8086" for 0x8086 and 4 digits. */
json_t *json_hex(unsigned int value, int digits);

/* {"slot", "class", "vendor", "device", "driver"} of a function. */
json_t *function_json(const struct pci_function *f);

/* Adds "policy_error" where there is one; returns the object. */
json_t *json_with_error(json_t *object, const char *policy_error);

#endif
