// SPDX-License-Identifier: GPL-2.0-or-later
/* The part of a handoff that is known before the first unbind. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/handoff.h"
#include "boot/handoff_parts.h"
#include "devices/cleanup.h"
#include "devices/kernel_log.h"
#include "devices/utf8.h"

static int set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) < 0 ? -ENOMEM : 0;
}

/* Names come from hardware and disks, and JSON is UTF-8. */
static json_t *clean(const char *text)
{
	_cleanup_talloc_ char *copy = talloc_strdup(NULL, text ? text : "");

	if (!copy)
		return NULL;
	utf8_clean(copy, strlen(copy));
	return json_string(copy);
}

static int set_facts(json_t *object, const struct handoff *h)
{
	int rc = set(object, "boot_id", clean(h->boot_id));

	if (rc == 0)
		rc = set(object, "kernel", clean(h->kernel));
	if (rc == 0)
		rc = set(object, "hops", json_integer(h->hops));
	if (rc == 0 && h->is_crash)
		rc = set(object, "crash", json_true());
	return rc;
}

static size_t size_of(const json_t *json)
{
	return json_dumpb(json, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* Put it in if there is room for it. */
static int set_within(json_t *object, const char *key, json_t *value, size_t room)
{
	if (value && size_of(object) + strlen(key) + 4 + size_of(value) > room) {
		json_decref(value);
		return 0;
	}
	return set(object, key, value);
}

static int set_packed(json_t *object, const char *key, const char *text, size_t room)
{
	_cleanup_talloc_ char *packed = text ? handoff_deflate(NULL, text) : NULL;

	if (!text)
		return 0;
	return packed ? set_within(object, key, json_string(packed), room) : -ENOMEM;
}

static json_t *messages_json(const struct handoff *h)
{
	json_t *array = json_array();

	for (size_t i = 0; i < h->message_count; i++)
		json_array_append_new(array, clean(h->messages[i]));
	return array;
}

/* What matters most first: who comes last finds the least room. */
static int fill(json_t *object, const struct handoff *h, size_t room)
{
	int rc = set_facts(object, h);

	if (rc == 0)
		rc = set_packed(object, "baseline", h->baseline, room);
	if (rc == 0)
		rc = set_packed(object, "saved", h->saved, room);
	if (rc == 0 && h->message_count)
		rc = set_within(object, "messages", messages_json(h), room);
	return rc;
}

int handoff_pack(void *ctx, size_t room, struct handoff *h, struct err *err)
{
	json_t *object = json_object();
	int rc = fill(object, h, room);
	char *text = rc == 0 ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	/* Without the braces: the rest follows. */
	h->packed = text ? talloc_strndup(ctx, text + 1, strlen(text) - 2) : NULL;
	free(text);
	return h->packed ? 0 : err_errno(err, -ENOMEM, "pack the handoff");
}
