/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_DEVICES_H
#define UI_DEVICES_H

/*
 * A snapshot shown: as a tree for people, as JSON for programs. Both say the same words.
 */

#include <jansson.h>
#include <stdio.h>

#include "devices/pci.h"

enum devices_detail { DEVICES_SHORT, DEVICES_ALL };

/* The tree: two lines a function, a third where it is in use, and one more with all its numbers
 * for DEVICES_ALL. Details are wrapped at 96 columns. -ENOMEM prints nothing. */
int devices_print(FILE *out, const struct pci_snapshot *s, enum devices_detail detail);

/* The details of one function alone: what belongs together in a line of any length, without styles where out
 * is no terminal. */
void devices_print_details(FILE *out, const struct pci_function *f, enum devices_detail detail);

/* {"devices": [...], "lockdown": "none"}: every field of the snapshot, but not the bytes of
 * configuration space. What a function does not have is null or an empty array. */
json_t *devices_json(const struct pci_snapshot *s);

/* "root port", "endpoint" for PCI_EXP_TYPE_*; NULL for -1 and what nobody knows. */
const char *devices_port_type(int express);
/* "D0" to "D3cold"; NULL for -1. */
const char *devices_power_state(int state);
/* "none", "integrity", "confidentiality". */
const char *devices_lockdown(enum pci_lockdown lockdown);

#endif
