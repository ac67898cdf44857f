/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_SCHEMAS_H
#define POLICY_SCHEMAS_H

/* The fields of each declaration, in the order of their enumerations in rule.h; each writes to that
 * declaration's record. */

#include "policy/schema.h"

/* How far a kernel is locked down (enum pci_lockdown), for two of them. */
extern const struct schema_word schema_lockdowns[];

extern const struct schema device_schema, entry_schema, machine_schema, boot_schema;

/* What a step may have that goes to or comes from an arrange function (arrange.c). */
extern const struct schema step_schema;

#endif
