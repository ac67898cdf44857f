/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_JOURNAL_PRINT_H
#define UI_JOURNAL_PRINT_H

/* A journal as commands show it. */

#include <jansson.h>

#include "devices/journal.h"

/* Add the journal's members to the object: duration_us, steps, devices, and how many are still, loud
 * and left. Returns the object. */
json_t *journal_json(const struct journal *j, json_t *object);

/* Many steps go well and fast: what matters is what did not go well, what was slow, and errands, which somebody
 * asked for. Where there are only few steps it is all of them. */
enum journal_steps { JOURNAL_STEPS_THAT_MATTER, JOURNAL_ALL_STEPS };

/* The steps, a line each, and how many were left out. Returns how many lines. */
size_t journal_print_steps(const struct journal *j, enum journal_steps which);

/* The functions with this verdict, a line each with the reason. */
void journal_print_verdicts(const struct journal *j, int verdict);

#endif
