// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/preinit.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/journal_json.h"
#include "boot/record_json.h"
#include "devices/cleanup.h"

#define RECORD_MAX (4 << 20) /* bytes */
#define RESTORED_MAX 65536   /* registers */

static const char *const sources[] = {"baseline", "before"};

static json_t *restored_json(const struct preinit *p)
{
	json_t *array = json_array();

	for (size_t i = 0; i < p->restored_count; i++) {
		const struct preinit_restored *r = &p->restored[i];

		json_array_append_new(
			array, json_pack("{so ss si ss sI sI}", "slot", journal_json_text(r->slot),
				       "register", r->reg, "offset", (int)r->offset, "from",
				       sources[r->source], "was", (json_int_t)r->was, "is",
				       (json_int_t)r->is));
	}
	return array;
}

json_t *preinit_json(const struct preinit *p)
{
	json_t *json = json_pack("{ss sI sI sI sI so}", "boot", boot_kind_name(p->boot), "begin_us",
		(json_int_t)p->begin_us, "end_us", (json_int_t)p->end_us, "uptime_us",
		(json_int_t)p->uptime_us, "hung", (json_int_t)p->hung, "restored",
		restored_json(p));

	if (!json || journal_to_json(&p->journal, json) < 0 ||
		(p->off && json_object_set_new(json, "off", journal_json_text(p->off)) < 0) ||
		(p->handoff &&
			json_object_set_new(json, "handoff", journal_json_text(p->handoff)) < 0)) {
		json_decref(json);
		return NULL;
	}
	return json;
}

int preinit_write(struct machine *m, const struct preinit *p, struct err *err)
{
	return record_json_save(m, PREINIT_FILE, preinit_json(p), err);
}

static const char *get_text(void *ctx, json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? talloc_strdup(ctx, s) : NULL;
}

static void copy_text(char *to, size_t size, json_t *object, const char *key)
{
	snprintf(to, size, "%s", record_json_string(object, key));
}

static int read_restored(json_t *array, struct preinit *p)
{
	size_t count = json_array_size(array);

	count = count > RESTORED_MAX ? RESTORED_MAX : count;
	p->restored = talloc_zero_array(p, struct preinit_restored, count);
	if (!p->restored)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		json_t *json = json_array_get(array, i);
		struct preinit_restored *r = &p->restored[i];

		copy_text(r->slot, sizeof(r->slot), json, "slot");
		copy_text(r->reg, sizeof(r->reg), json, "register");
		r->offset = (unsigned int)record_json_number(json, "offset") & 0xfff;
		r->source = strcmp(record_json_string(json, "from"), sources[PREINIT_BEFORE])
				    ? PREINIT_BASELINE
				    : PREINIT_BEFORE;
		r->was = (uint32_t)record_json_number(json, "was");
		r->is = (uint32_t)record_json_number(json, "is");
	}
	p->restored_count = count;
	return 0;
}

int preinit_parse(
	const char *bytes, size_t len, void *ctx, struct preinit **preinit, struct err *err)
{
	_cleanup_talloc_ struct preinit *p = NULL;
	json_auto_t *json = NULL;
	enum boot_kind boot;
	int rc = record_json_parse(bytes, len, &json, err);

	if (rc < 0)
		return rc;
	if (boot_kind_from_name(record_json_string(json, "boot"), &boot) < 0)
		return err_set(err, -EBADMSG, "it is no record of a preinit");
	p = talloc_zero(ctx, struct preinit);
	if (!p || journal_from_json(json, p, &p->journal) < 0 ||
		read_restored(json_object_get(json, "restored"), p) < 0)
		return err_errno(err, -ENOMEM, "read it");
	p->boot = boot;
	p->begin_us = record_json_number(json, "begin_us");
	p->end_us = record_json_number(json, "end_us");
	p->uptime_us = record_json_number(json, "uptime_us");
	p->hung = record_json_number(json, "hung");
	p->off = get_text(p, json, "off");
	p->handoff = get_text(p, json, "handoff");
	*preinit = p;
	p = NULL;
	return 0;
}

int preinit_read(struct machine *m, void *ctx, struct preinit **p, struct err *err)
{
	_cleanup_talloc_ char *text = NULL;
	int rc = machine_read_file(m, NULL, PREINIT_FILE, RECORD_MAX, &text, err);

	if (rc == -ENOENT || rc == -ENOTDIR)
		return err_set(err, -ENOENT, "preinit did not run in this boot");
	if (rc < 0)
		return rc;
	rc = preinit_parse(text, strlen(text), ctx, p, err);
	return rc < 0 ? err_wrap(err, rc, "the record in /%s", PREINIT_FILE) : 0;
}
