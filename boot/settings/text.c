// SPDX-License-Identifier: GPL-2.0-or-later
/* The file of settings: reading and changing its text. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/bls/line.h"
#include "boot/settings/settings.h"
#include "devices/cleanup.h"

#define LAST "last"

static const char header[] =
	"# What was set in stillboot's menu. `stillboot settings` changes it.\n";

struct settings *settings_new(void *ctx)
{
	return talloc_zero(ctx, struct settings);
}

int settings_problem(struct settings *s, const char *fmt, ...)
{
	const char **more;
	va_list ap;

	if (s->problem_count >= SETTINGS_PROBLEMS_MAX)
		return 0;
	more = talloc_realloc(s, s->problems, const char *, s->problem_count + 1);
	if (!more)
		return -ENOMEM;
	s->problems = more;
	va_start(ap, fmt);
	more[s->problem_count] = talloc_vasprintf(s, fmt, ap);
	va_end(ap);
	if (!more[s->problem_count])
		return -ENOMEM;
	s->problem_count++;
	return 0;
}

static unsigned int line_of(const char *bytes, const char *at)
{
	unsigned int line = 1;

	while ((bytes = memchr(bytes, '\n', (size_t)(at - bytes)))) {
		line++;
		bytes++;
	}
	return line;
}

/* A value on its way: the line that it is from, for a sentence if it is wrong. */
struct found {
	struct bls_slice value;
	enum setting which;
	unsigned int line;
};

static int take(struct settings *s, const struct found *f, const char *where)
{
	const char *value = talloc_strndup(s, f->value.text, f->value.len), *wrong;

	if (!value)
		return -ENOMEM;
	s->in_file[f->which] = true;
	wrong = strlen(value) == f->value.len ? setting_check(f->which, value)
					      : "it is no plain text";
	if (!wrong) {
		s->values[f->which] = value;
		s->stored[f->which] = where;
		return 0;
	}
	return settings_problem(s, "%s:%u: %s is not used: %s", where, f->line,
		setting_kinds[f->which].name, wrong);
}

static int take_last(struct settings *s, struct bls_slice value)
{
	s->last = value.len <= SETTINGS_VALUE_MAX ? talloc_strndup(s, value.text, value.len) : "";
	return s->last ? 0 : -ENOMEM;
}

int settings_parse(struct settings *s, const char *bytes, size_t len, const char *where)
{
	struct bls_slice rest = bls_text(bytes, len), key, value;
	int rc = 0;

	where = talloc_strdup(s, where);
	if (!where)
		return -ENOMEM;
	while (rc == 0 && bls_next(&rest, &key, &value)) {
		struct found f = {.value = value};
		int which = 0;

		while (which < SETTINGS && !bls_slice_is(key, setting_kinds[which].name))
			which++;
		f.which = (enum setting)which;
		f.line = which < SETTINGS ? line_of(bytes, key.text) : 0;
		if (which < SETTINGS)
			rc = take(s, &f, where);
		else if (bls_slice_is(key, LAST))
			rc = take_last(s, value);
	}
	return rc;
}

/* What is written is what will be read. */
static bool can_stand(const char *line, const char *name, const char *value)
{
	struct bls_slice rest = bls_text(line, strlen(line)), key, read;

	return strlen(value) <= SETTINGS_VALUE_MAX && bls_next(&rest, &key, &read) && !rest.len &&
	       bls_slice_is(key, name) && bls_slice_is(read, value);
}

/* Text in the making. */
struct text {
	char *bytes;
	size_t len, room;
};

static void append(struct text *t, const char *bytes, size_t len)
{
	if (t->len + len <= t->room && len)
		memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

static bool is_line_of(struct bls_slice line, const char *name)
{
	return bls_slice_is(bls_take_word(&line), name);
}

/* A byte order mark within a file is a part of its line, which it would not be at the beginning. */
static void append_old(struct text *t, const char *bytes, size_t len)
{
	if (!t->len && bls_text(bytes, len).len < len)
		append(t, header, sizeof(header) - 1);
	append(t, bytes, len);
}

/* The first line that has the name becomes the new one, the others go. */
static void edit(struct text *t, struct bls_slice rest, const char *name, const char *line)
{
	while (rest.len) {
		const char *newline = memchr(rest.text, '\n', rest.len);
		size_t len = newline ? (size_t)(newline - rest.text) + 1 : rest.len;
		struct bls_slice old = {rest.text, len - !!newline};

		if (!is_line_of(old, name)) {
			append_old(t, rest.text, len);
			if (!newline)
				append(t, "\n", 1);
		} else {
			append(t, line, strlen(line));
			line = "";
		}
		rest = (struct bls_slice){rest.text + len, rest.len - len};
	}
	append(t, line, strlen(line));
}

int settings_edit(
	void *ctx, char **bytes, size_t *len, const char *name, const char *value, struct err *err)
{
	struct bls_slice old = *bytes ? bls_text(*bytes, *len)
				      : (struct bls_slice){header, sizeof(header) - 1};
	_cleanup_talloc_ char *line = value ? talloc_asprintf(ctx, "%s %s\n", name, value)
					    : talloc_strdup(ctx, "");
	struct text t = {.bytes = talloc_size(ctx, SETTINGS_FILE_MAX), .room = SETTINGS_FILE_MAX};
	int rc = 0;

	if (!line || !t.bytes)
		rc = err_errno(err, -ENOMEM, "set %s", name);
	else if (value && !can_stand(line, name, value))
		rc = err_set(err, -EINVAL, "%s cannot be '%s'", name, value);
	if (rc == 0)
		edit(&t, old, name, line);
	if (rc == 0 && t.len > t.room)
		rc = err_set(err, -EFBIG, "%s has no room: %d bytes are enough", name,
			SETTINGS_FILE_MAX);
	if (rc < 0) {
		talloc_free(t.bytes);
		return rc;
	}
	talloc_free(*bytes);
	*bytes = t.bytes;
	*len = t.len;
	return 0;
}
