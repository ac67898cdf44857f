/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_RECORD_JSON_H
#define BOOT_RECORD_JSON_H

/* What records that are kept as JSON have in common: service/record.h, crash/record.h, handoff.h. */

#include <stddef.h>
#include <stdint.h>

#include "devices/machine.h"

struct json_t;

/* Titles and command lines come from disks: what is no UTF-8 would not be JSON, and what is longer than max
 * bytes is cut. NULL when memory ran out. */
struct json_t *record_json_text(const char *text, size_t max);

/* Write it to a file (effect save_file) and release it; NULL is -ENOMEM. */
int record_json_save(struct machine *m, const char *path, struct json_t *json, struct err *err);

/* A record's bytes: the object, which the caller releases. -EBADMSG for what is none. */
int record_json_parse(const char *bytes, size_t len, struct json_t **json, struct err *err);

/* A member: missing or of another type reads as empty or 0. The string belongs to the object. */
const char *record_json_string(const struct json_t *object, const char *key);
uint64_t record_json_number(const struct json_t *object, const char *key);

/* A string that has to be there, and where its copy goes. */
struct record_json_text {
	const char *key, **to;
};

/* Copies of them, which belong to ctx. -EBADMSG for one that is none or longer than max, -ENOMEM. */
int record_json_take(const struct json_t *object, void *ctx, const struct record_json_text *texts,
	size_t count, size_t max, struct err *err);

#endif
