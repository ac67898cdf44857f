// SPDX-License-Identifier: GPL-2.0-or-later
/* The part of a handoff that is known before the first unbind. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/handoff.h"
#include "boot/handoff_parts.h"
#include "boot/record_json.h"
#include "devices/cleanup.h"
#include "devices/kernel_log.h"

static int set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) < 0 ? -ENOMEM : 0;
}

/* Names come from hardware and disks. */
static json_t *clean(const char *text)
{
	return record_json_text(text ? text : "", SIZE_MAX);
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

/* A body that is being filled, within so many bytes. */
struct body {
	json_t *object;
	size_t room;
	const char *left_out; /* the first that had no room */
};

static int set_within(struct body *body, const char *key, json_t *value)
{
	if (value && size_of(body->object) + strlen(key) + 4 + size_of(value) > body->room) {
		json_decref(value);
		body->left_out = body->left_out ? body->left_out : key;
		return 0;
	}
	return set(body->object, key, value);
}

static int set_packed(struct body *body, const char *key, const char *text)
{
	_cleanup_talloc_ char *packed = text ? handoff_deflate(NULL, text) : NULL;

	if (!text)
		return 0;
	return packed ? set_within(body, key, json_string(packed)) : -ENOMEM;
}

static json_t *messages_json(const struct handoff *h)
{
	json_t *array = json_array();

	for (size_t i = 0; i < h->message_count; i++)
		json_array_append_new(array, clean(h->messages[i]));
	return array;
}

/* What matters most first: who comes last finds the least room. */
static int fill(struct body *body, const struct handoff *h)
{
	int rc = set_facts(body->object, h);

	if (rc == 0)
		rc = set_packed(body, "baseline", h->baseline);
	if (rc == 0)
		rc = set_packed(body, "saved", h->saved);
	if (rc == 0 && h->message_count)
		rc = set_within(body, "messages", messages_json(h));
	return rc;
}

int handoff_pack(void *ctx, size_t room, struct handoff *h, struct err *err)
{
	struct body body = {.object = json_object(), .room = room};
	int rc = fill(&body, h);
	char *text = rc == 0 ? json_dumps(body.object, JSON_COMPACT) : NULL;

	json_decref(body.object);
	h->left_out = body.left_out;
	/* Without the braces: the rest follows. */
	h->packed = text ? talloc_strndup(ctx, text + 1, strlen(text) - 2) : NULL;
	free(text);
	return h->packed ? 0 : err_errno(err, -ENOMEM, "pack the handoff");
}
