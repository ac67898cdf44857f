// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/service/record.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "boot/record_json.h"
#include "devices/cleanup.h"

#define TEXT_MAX 1024 /* bytes of a title; longer ones are cut */

static const char *const names[] = {
	[RECORD_BY_LOAD] = "load",
	[RECORD_BY_REBOOT] = "reboot",
	[RECORD_BY_SERVICE] = "service",
};

#define NAMES (sizeof(names) / sizeof(*names))

const char *record_by_name(enum record_by by)
{
	return names[by];
}

int record_stamp(struct machine *m, void *ctx, struct record *r, struct err *err)
{
	char *id;
	int rc = machine_read_file(m, ctx, "proc/sys/kernel/random/boot_id", 128, &id, err);

	if (rc < 0 && rc != -ENOENT) /* a captured tree need not have one */
		return rc;
	r->boot_id = rc == 0 ? id : "";
	r->time = time(NULL);
	return 0;
}

int record_write(struct machine *m, const char *path, const struct record *r, struct err *err)
{
	return record_json_save(m, path,
		json_pack("{ss sI so so ss sb ss*}", "boot_id", r->boot_id, "time",
			(json_int_t)r->time, "entry", record_json_text(r->entry, TEXT_MAX),
			"kernel", record_json_text(r->kernel, TEXT_MAX), "by", names[r->by],
			"handoff", r->has_handoff, "told", r->told),
		err);
}

void record_remove(struct machine *m, const char *path)
{
	if (faccessat(m->root_fd, path, F_OK, 0) == 0)
		m->effects->remove_file(m, path, NULL);
}

/* In what r has of strings; -EBADMSG for what is none. */
static int take_texts(const json_t *json, struct record *r, struct err *err)
{
	const struct record_json_text texts[] = {
		{"boot_id", &r->boot_id}, {"entry", &r->entry}, {"kernel", &r->kernel}};

	return record_json_take(json, r, texts, sizeof(texts) / sizeof(*texts), TEXT_MAX, err);
}

static int take_rest(const json_t *json, struct record *r, struct err *err)
{
	const char *by = json_string_value(json_object_get(json, "by"));
	const char *told = json_string_value(json_object_get(json, "told"));
	size_t i = 0;

	while (by && i < NAMES && strcmp(by, names[i]))
		i++;
	if (!by || i == NAMES || !json_is_integer(json_object_get(json, "time")))
		return err_set(err, -EBADMSG, "it does not say who wrote it when");
	r->by = (enum record_by)i;
	r->time = json_integer_value(json_object_get(json, "time"));
	r->has_handoff = json_is_true(json_object_get(json, "handoff"));
	r->told = told && strlen(told) <= TEXT_MAX ? talloc_strdup(r, told) : NULL;
	return 0;
}

int record_parse(const char *bytes, size_t len, void *ctx, struct record **r, struct err *err)
{
	_cleanup_talloc_ struct record *read = talloc_zero(ctx, struct record);
	json_auto_t *json = NULL;
	int rc = read ? record_json_parse(bytes, len, &json, err)
		      : err_errno(err, -ENOMEM, "read it");

	if (rc == 0)
		rc = take_texts(json, read, err);
	if (rc == 0)
		rc = take_rest(json, read, err);
	if (rc < 0)
		return rc;
	*r = read;
	read = NULL;
	return 0;
}

int record_read(struct machine *m, void *ctx, const char *path, struct record **r, struct err *err)
{
	_cleanup_talloc_ char *text = NULL;
	int rc = machine_read_file(m, NULL, path, RECORD_MAX, &text, err);

	if (rc == -ENOTDIR)
		rc = -ENOENT;
	if (rc < 0)
		return rc;
	rc = record_parse(text, strlen(text), ctx, r, err);
	return rc < 0 ? err_wrap(err, rc, "/%s", path) : 0;
}
