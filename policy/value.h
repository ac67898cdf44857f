/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_VALUE_H
#define POLICY_VALUE_H

/*
 * The types that fields can have, and the C type that each writes.
 */

#include "policy/schema.h"

/* Longest strings, in bytes: a glob, and a text for people. */
#define VALUE_GLOB_MAX 64
#define VALUE_TEXT_MAX 200
/* Longest time, in seconds. */
#define VALUE_SECONDS_MAX 3600

extern const struct schema_type value_id;      /* unsigned int, 16 bits */
extern const struct schema_type value_class;   /* struct class_pattern */
extern const struct schema_type value_glob;    /* const char * */
extern const struct schema_type value_slot;    /* const char *: a slot or a glob, in lower case */
extern const struct schema_type value_text;    /* const char *, without control characters */
extern const struct schema_type value_word;    /* unsigned int out of field->words */
extern const struct schema_type value_flag;    /* unsigned int, 0 or 1 */
extern const struct schema_type value_steps;   /* struct step_list, each step once */
extern const struct schema_type value_seconds; /* unsigned int, milliseconds, at least 1 */

#endif
