/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_BOOT_SCHEMA_H
#define POLICY_BOOT_SCHEMA_H

/* What boot { ... } takes; its record is struct boot_rule (rule.h). */

#include "policy/schema.h"

extern const struct schema boot_schema;

#endif
