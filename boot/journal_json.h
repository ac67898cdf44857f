/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_JOURNAL_JSON_H
#define BOOT_JOURNAL_JSON_H

/*
 * A journal as members of a JSON object, as records carry it: "duration_us", "steps" and "devices"
 * (handoff.h has their members).
 */

#include "devices/journal.h"

struct json_t;

/* Put them into the object, which stays the caller's. -ENOMEM. */
int journal_to_json(const struct journal *j, struct json_t *object);

/* Read them; entries and verdicts belong to ctx. What is missing or of another type reads as empty or 0,
 * a step that is not known here is passed over, and so is what lies beyond JOURNAL_JSON_MAX. -ENOMEM. */
#define JOURNAL_JSON_MAX 65536 /* steps, and devices */
int journal_from_json(struct json_t *object, void *ctx, struct journal *j);

/* A string that may have any bytes: what is no UTF-8 or a control character is '?'. */
struct json_t *journal_json_text(const char *text);

#endif
