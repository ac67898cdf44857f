// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/handoff.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <zlib.h>

#include "boot/handoff_parts.h"
#include "boot/journal_json.h"
#include "boot/record_json.h"
#include "devices/cleanup.h"
#include "devices/kernel_log.h"
#include "devices/pci_dump.h"

int handoff_heading(const char *bytes, size_t len, unsigned int *version, const char **body,
	size_t *body_len, struct err *err)
{
	const char *newline = len ? memchr(bytes, '\n', len < 128 ? len : 128) : NULL;
	unsigned long crc;
	char line[128];

	if (!newline)
		return err_set(err, -EBADMSG, "it does not begin with a heading");
	memcpy(line, bytes, (size_t)(newline - bytes));
	line[newline - bytes] = '\0';
	if (sscanf(line, "stillboot-handoff %9u %19zu %8lx", version, body_len, &crc) != 3)
		return err_set(err, -EBADMSG, "it does not begin with a heading");
	*body = newline + 1;
	if (*body_len > len - (size_t)(*body - bytes))
		return err_set(err, -EBADMSG, "it is truncated");
	if (crc32_z(0, (const unsigned char *)*body, *body_len) != crc)
		return err_set(err, -EBADMSG, "its checksum does not match");
	return 0;
}

static void read_times(json_t *json, struct handoff_times *times)
{
	*times = (struct handoff_times){
		.request_us = record_json_number(json, "request_us"),
		.services_down_us = record_json_number(json, "services_down_us"),
		.quiesce_begin_us = record_json_number(json, "quiesce_begin_us"),
		.quiesce_end_us = record_json_number(json, "quiesce_end_us"),
		.jump_us = record_json_number(json, "jump_us"),
	};
}

static int unpack_text(const char *packed, const char *key, void *ctx, char **text, struct err *err)
{
	int rc = handoff_inflate(ctx, packed, PCI_DUMP_MAX, text);

	return rc < 0 ? err_set(err, rc == -ENOMEM ? rc : -EBADMSG, "its %s cannot be unpacked: %s",
				key, rc == -EFBIG ? "it is too large" : strerror(-rc))
		      : 0;
}

/* What is not there is no error. */
static int read_baseline(json_t *json, struct handoff *h, struct err *err)
{
	const char *packed = json_string_value(json_object_get(json, "baseline"));
	char *text = NULL;
	int rc = packed ? unpack_text(packed, "baseline", h, &text, err) : 0;

	h->baseline = text;
	return rc;
}

static int read_saved(json_t *json, struct handoff *h, struct err *err)
{
	const char *packed = json_string_value(json_object_get(json, "saved"));

	h->packed_saved = packed ? talloc_strdup(h, packed) : NULL;
	return packed && !h->packed_saved ? err_errno(err, -ENOMEM, "read it") : 0;
}

int handoff_saved(const struct handoff *h, void *ctx, char **text, struct err *err)
{
	if (!h->packed_saved)
		return err_set(err, -ENOENT, "the handoff carries no saved configuration space");
	return unpack_text(h->packed_saved, "saved", ctx, text, err);
}

static int read_messages(json_t *json, struct handoff *h)
{
	json_t *array = json_object_get(json, "messages");
	size_t size = json_array_size(array);
	size_t count = size < JOURNAL_JSON_MAX ? size : JOURNAL_JSON_MAX;

	h->messages = talloc_zero_array(h, const char *, count + 1);
	if (!h->messages)
		return -ENOMEM;
	for (size_t i = 0; i < count && h->message_count < KERNEL_MESSAGES_MAX; i++) {
		const char *text = json_string_value(json_array_get(array, i));

		if (text && !(h->messages[h->message_count++] = talloc_strdup(h->messages, text)))
			return -ENOMEM;
	}
	return 0;
}

/* What has a star in handoff.h: nothing ties a record of version 1 to its jump, and one that says so has none. */
static int read_tied_members(json_t *json, struct handoff *h, struct err *err)
{
	uint64_t hops = record_json_number(json, "hops");
	int rc = read_baseline(json, h, err);

	if (rc == 0)
		rc = read_saved(json, h, err);
	if (rc < 0)
		return rc;
	h->hops = hops > UINT_MAX ? UINT_MAX : (unsigned int)hops;
	h->is_crash = json_is_true(json_object_get(json, "crash"));
	read_times(json_object_get(json, "times"), &h->times);
	return read_messages(json, h) < 0 ? err_errno(err, -ENOMEM, "read it") : 0;
}

static int read_members(json_t *json, struct handoff *h, struct err *err)
{
	int rc = h->version > 1 ? read_tied_members(json, h, err) : 0;

	if (rc < 0)
		return rc;
	h->boot_id = talloc_strdup(h, record_json_string(json, "boot_id"));
	h->kernel = talloc_strdup(h, record_json_string(json, "kernel"));
	h->entry = talloc_strdup(h, record_json_string(json, "entry"));
	h->incomplete = json_object_get(json, "incomplete")
				? talloc_strdup(h, record_json_string(json, "incomplete"))
				: NULL;
	if (!h->boot_id || !h->kernel || !h->entry || journal_from_json(json, h, &h->journal) < 0)
		return err_errno(err, -ENOMEM, "read it");
	return 0;
}

int handoff_parse(
	const char *bytes, size_t len, void *ctx, struct handoff **handoff, struct err *err)
{
	json_auto_t *json = NULL;
	_cleanup_talloc_ struct handoff *h = talloc_zero(ctx, struct handoff);
	const char *body = NULL;
	size_t body_len = 0;
	json_error_t error;
	int rc;

	if (!h)
		return err_errno(err, -ENOMEM, "read it");
	rc = handoff_heading(bytes, len, &h->version, &body, &body_len, err);
	if (rc < 0)
		return rc;
	json = json_loadb(body, body_len, 0, &error);
	if (!json_is_object(json))
		return err_set(err, -EBADMSG, "its body is not a JSON object: %s", error.text);
	rc = read_members(json, h, err);
	if (rc < 0)
		return rc;
	*handoff = h;
	h = NULL;
	return 0;
}
