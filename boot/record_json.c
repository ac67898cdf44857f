// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/record_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "devices/utf8.h"

json_t *record_json_text(const char *text, size_t max)
{
	_cleanup_talloc_ char *copy = talloc_strdup(NULL, text);

	if (copy)
		utf8_clean(copy, max);
	return copy ? json_string(copy) : NULL;
}

int record_json_save(struct machine *m, const char *path, json_t *json, struct err *err)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	int rc = text ? m->effects->save_file(m, path, text, strlen(text), err)
		      : err_errno(err, -ENOMEM, "write /%s", path);

	free(text);
	json_decref(json);
	return rc;
}

int record_json_parse(const char *bytes, size_t len, json_t **json, struct err *err)
{
	*json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(*json))
		return 0;
	json_decref(*json);
	*json = NULL;
	return err_set(err, -EBADMSG, "it is not a JSON object");
}

const char *record_json_string(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

uint64_t record_json_number(const json_t *object, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(object, key));

	return n < 0 ? 0 : (uint64_t)n;
}

int record_json_take(const json_t *object, void *ctx, const struct record_json_text *texts,
	size_t count, size_t max, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_object_get(object, texts[i].key));

		if (!text || strlen(text) > max)
			return err_set(err, -EBADMSG, "it has no %s", texts[i].key);
		*texts[i].to = talloc_strdup(ctx, text);
		if (!*texts[i].to)
			return err_errno(err, -ENOMEM, "read it");
	}
	return 0;
}
