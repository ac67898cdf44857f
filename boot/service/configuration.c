// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/service/configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "devices/utf8.h"

#define BLANKS " \t"

static int take_reboot(struct configuration *c, const char *value)
{
	if (strcmp(value, "firmware") && strcmp(value, "kexec"))
		return -EINVAL;
	c->reboot = *value == 'k' ? REBOOT_BY_KEXEC : REBOOT_BY_FIRMWARE;
	return 0;
}

static int take_entry(struct configuration *c, const char *value)
{
	c->entry = value;
	return 0;
}

static int take_timeout(struct configuration *c, const char *value)
{
	long seconds = strlen(value) <= 4 ? atol(value) : CONFIGURATION_TIMEOUT_MAX + 1;

	if (!*value || value[strspn(value, "0123456789")] || seconds > CONFIGURATION_TIMEOUT_MAX)
		return -EINVAL;
	c->timeout_s = (unsigned int)seconds;
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct configuration *c, const char *value); /* -EINVAL */
	const char *builtin;                                     /* what an empty value means */
	const char *expects;
} names[] = {
	[CONFIGURATION_REBOOT] = {"reboot", take_reboot, "firmware", "\"firmware\" or \"kexec\""},
	[CONFIGURATION_ENTRY] = {"entry", take_entry, "", "an entry of `stillboot list`"},
	[CONFIGURATION_TIMEOUT] = {"timeout", take_timeout, "10",
		"a number of seconds, at most 3600"},
};

/* One line on its way, cut into name and value in place. */
struct line {
	char *name, *value;
	const char *where; /* "FILE:LINE" */
};

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, BLANKS);
	len = strlen(text);
	while (len && strchr(BLANKS "\r", text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

static int is_plain(const char *text)
{
	for (const char *at = text; *at; at++)
		if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f)
			return 0;
	return utf8_is_valid(text);
}

static int take(struct configuration *c, const struct line *line, struct err *err)
{
	size_t which = 0;

	while (which < CONFIGURATION_NAMES && strcmp(line->name, names[which].name))
		which++;
	if (which == CONFIGURATION_NAMES)
		return err_set(err, -EINVAL,
			"%s: there is no '%.64s'; what can be set is reboot, entry and timeout",
			line->where, line->name);
	if (strlen(line->value) > CONFIGURATION_VALUE_MAX)
		return err_set(err, -EINVAL, "%s: %s has a value of more than %d bytes",
			line->where, line->name, CONFIGURATION_VALUE_MAX);
	if (names[which].take(c, *line->value ? line->value : names[which].builtin) < 0)
		return err_set(err, -EINVAL, "%s: %s = %.64s makes no sense: it is %s", line->where,
			line->name, line->value, names[which].expects);
	c->where[which] = *line->value ? line->where : NULL;
	return 0;
}

static int parse_line(struct configuration *c, char *text, const char *where, struct err *err)
{
	struct line line = {.where = where};
	char *equals;

	text = trim(text);
	if (!*text || *text == '#')
		return 0;
	if (!is_plain(text))
		return err_set(err, -EINVAL, "%s: this is no plain text", where);
	equals = strchr(text, '=');
	if (!equals)
		return err_set(err, -EINVAL,
			"%s: '%.64s' has no '='; a line is `name = value`, or a comment that "
			"begins with '#'",
			where, text);
	*equals = '\0';
	line.name = trim(text);
	line.value = trim(equals + 1);
	return take(c, &line, err);
}

int configuration_parse(void *ctx, const char *bytes, size_t len, const char *name,
	struct configuration *c, struct err *err)
{
	struct configuration taken = *c;
	char *text = talloc_strndup(ctx, bytes, len), *next;
	int rc = 0;

	if (!text)
		return err_errno(err, -ENOMEM, "read %s", name);
	if (strlen(text) < len)
		return err_set(err, -EINVAL, "%s:1: this is no text: it has a NUL in it", name);
	for (unsigned int line = 1; text && rc == 0; line++, text = next) {
		const char *where = talloc_asprintf(ctx, "%s:%u", name, line);

		next = strchr(text, '\n');
		if (next)
			*next++ = '\0';
		rc = where ? parse_line(&taken, text, where, err)
			   : err_errno(err, -ENOMEM, "read %s", name);
	}
	if (rc == 0)
		*c = taken;
	return rc;
}

static int read_file(
	struct machine *m, void *ctx, const char *path, struct configuration *c, struct err *err)
{
	_cleanup_talloc_ char *text = NULL, *name = talloc_asprintf(NULL, "/%s", path);
	int rc = machine_read_file(m, NULL, path, CONFIGURATION_FILE_MAX, &text, err);

	if (rc == -ENOENT || rc == -ENOTDIR)
		return 0;
	if (rc == 0 && !name)
		rc = err_errno(err, -ENOMEM, "read %s", path);
	/* The newline that reading took is of no matter here. */
	return rc < 0 ? rc : configuration_parse(ctx, text, strlen(text), name, c, err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_drop_ins(struct machine *m, void *ctx, struct configuration *c, struct err *err)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	char **found = machine_list_names(m, tmp, CONFIGURATION_DIRECTORY);
	size_t count = 0;
	int rc = 0;

	while (found && found[count])
		count++;
	if (count)
		qsort(found, count, sizeof(*found), by_name);
	for (size_t i = 0; i < count && rc == 0; i++) {
		const char *end = strrchr(found[i], '.');
		char *path = talloc_asprintf(tmp, CONFIGURATION_DIRECTORY "/%s", found[i]);

		if (!end || strcmp(end, ".conf"))
			continue;
		rc = path ? read_file(m, ctx, path, c, err)
			  : err_errno(err, -ENOMEM, "read /%s", CONFIGURATION_DIRECTORY);
	}
	return rc;
}

int configuration_read(struct machine *m, void *ctx, struct configuration *c, struct err *err)
{
	struct configuration read = CONFIGURATION_BUILTIN;
	int rc = read_file(m, ctx, CONFIGURATION_VENDOR_FILE, &read, err);

	if (rc == 0)
		rc = read_file(m, ctx, CONFIGURATION_FILE, &read, err);
	if (rc == 0)
		rc = read_drop_ins(m, ctx, &read, err);
	if (rc == 0)
		*c = read;
	return rc;
}
