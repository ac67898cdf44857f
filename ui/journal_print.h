/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_JOURNAL_PRINT_H
#define UI_JOURNAL_PRINT_H

/* A journal as commands show it. */

#include <jansson.h>

#include "devices/journal.h"

/* Add the journal's members to the object: duration_us, steps, devices, and how many are still, loud
 * and left. Returns the object. */
json_t *journal_json(const struct journal *j, json_t *object);

/* The functions with this verdict, a line each with the reason. */
void journal_print_verdicts(const struct journal *j, int verdict);

#endif
