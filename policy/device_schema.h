/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_DEVICE_SCHEMA_H
#define POLICY_DEVICE_SCHEMA_H

/*
 * The fields of device { ... }, in the order of enum rule_field; each writes to a struct rule.
 */

#include "policy/schema.h"

extern const struct schema device_schema;

#endif
