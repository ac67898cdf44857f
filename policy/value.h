/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_VALUE_H
#define POLICY_VALUE_H

/*
 * The types that fields can have, and the C type that each writes.
 */

#include "policy/schema.h"

/* Longest strings, in bytes: a glob, and a text for people or a word of a command line. */
#define VALUE_GLOB_MAX 64
#define VALUE_TEXT_MAX 200
/* Longest lists. */
#define VALUE_LIST_MAX 128
/* Longest time, in seconds. */
#define VALUE_SECONDS_MAX 3600
#define VALUE_RETRIES_MAX 5

/* The error when they cannot be kept. */
#define VALUE_NO_MEMORY "the rules need more memory than those of a policy may"

extern const struct schema_type value_ids;       /* struct id_list, 16 bits each */
extern const struct schema_type value_class;     /* struct class_pattern */
extern const struct schema_type value_globs;     /* const char ** */
extern const struct schema_type value_slots;     /* const char **: slots or globs, in lower case */
extern const struct schema_type value_bus;       /* const char * */
extern const struct schema_type value_file_name; /* const char * */
extern const struct schema_type value_versions;  /* struct version_range */
extern const struct schema_type value_function;  /* int: a reference in Lua's registry */
extern const struct schema_type value_options;   /* const char **: words of a command line */
extern const struct schema_type value_text;      /* const char *, without control characters */
extern const struct schema_type value_word;      /* unsigned int out of field->words */
extern const struct schema_type value_flag;      /* unsigned int, 0 or 1 */
extern const struct schema_type value_steps;     /* struct step_list, each step once */
extern const struct schema_type value_seconds;   /* unsigned int, milliseconds, at least 1 */
extern const struct schema_type value_timeout;   /* the same, or 0 */
extern const struct schema_type value_retries;   /* unsigned int */

/* For arrange functions, whose steps are checked as a whole (errand_check.h). */
extern const struct schema_type value_step;    /* unsigned int: enum step, errands too */
extern const struct schema_type value_string;  /* const char * */
extern const struct schema_type value_strings; /* const char ** */

#endif
