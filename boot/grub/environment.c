// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/environment.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

static const char signature[] = "# GRUB Environment Block\n";
#define SIGNATURE_LEN (sizeof(signature) - 1)

bool grub_environment_open(struct grub_environment *e, const char *bytes, size_t len)
{
	if (len < SIGNATURE_LEN || memcmp(bytes, signature, SIGNATURE_LEN))
		return false;
	*e = (struct grub_environment){bytes, len, SIGNATURE_LEN};
	return true;
}

/* The end of the line that begins here: its newline, or len if there is none. */
static size_t line_end(const char *bytes, size_t at, size_t len)
{
	while (at < len && bytes[at] != '\n')
		at += bytes[at] == '\\' ? 2 : 1;
	return at < len ? at : len;
}

static char *unescape(void *ctx, const char *from, const char *end)
{
	char *text = talloc_array(ctx, char, (size_t)(end - from) + 1), *to = text;

	for (; text && from < end; from++) {
		from += *from == '\\' && from + 1 < end;
		if (*from)
			*to++ = *from;
	}
	if (text)
		*to = '\0';
	return text;
}

/* The last line may lack its newline: GRUB passes over it then, other tools write it so. */
bool grub_environment_next(struct grub_environment *e, void *ctx, char **name, char **value)
{
	while (e->at < e->len) {
		size_t at = e->at, end = line_end(e->bytes, at, e->len);
		const char *equals = memchr(e->bytes + at, '=', end - at);
		char *copy;

		e->at = end + 1;
		if (e->bytes[at] == '#' || !equals || equals == e->bytes + at)
			continue;
		copy = talloc_strndup(ctx, e->bytes + at, (size_t)(equals - e->bytes) - at);
		*value = unescape(ctx, equals + 1, e->bytes + end);
		if (!copy || !*value)
			return false;
		*name = copy;
		return true;
	}
	return false;
}

static size_t escaped_length(const char *value)
{
	size_t len = 0;

	for (; *value; value++)
		len += *value == '\\' || *value == '\n' ? 2 : 1;
	return len;
}

static void write_value(char *to, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '\n')
			*to++ = '\\';
		*to++ = *value;
	}
	*to = '\n';
}

/* Where the variable's line stands: [*at, *end), with the newline. False if it is not there. */
static bool find(const char *bytes, size_t len, const char *name, size_t *at, size_t *end)
{
	size_t name_len = strlen(name);

	for (*at = SIGNATURE_LEN; *at < len; *at = *end) {
		*end = line_end(bytes, *at, len);
		*end += *end < len;
		if (*end - *at > name_len && !memcmp(bytes + *at, name, name_len) &&
			bytes[*at + name_len] == '=')
			return true;
	}
	return false;
}

/* The `#` at the end, which are room. A line of comment is none: what is room follows a newline. */
static size_t room_begin(const char *bytes, size_t len)
{
	size_t at = len;

	while (at > SIGNATURE_LEN && bytes[at - 1] == '#')
		at--;
	return at;
}

int grub_environment_set(
	char *bytes, size_t len, const char *name, const char *value, struct err *err)
{
	size_t at, end, room, old = 0, fresh = 0;
	struct grub_environment e;

	if (!grub_environment_open(&e, bytes, len))
		return err_set(err, -EINVAL, "this is no GRUB environment block");
	if (!*name || strpbrk(name, "=\n\\") || *name == '#')
		return err_set(err, -EINVAL, "%s cannot stand in a GRUB environment block", name);
	room = room_begin(bytes, len);
	if (find(bytes, room, name, &at, &end))
		old = end - at;
	else
		at = end = room;
	if (at == room && bytes[room - 1] != '\n')
		return err_set(
			err, -EINVAL, "the last line of the GRUB environment block is not ended");
	if (value)
		fresh = strlen(name) + 1 + escaped_length(value) + 1;
	if (fresh > old + (len - room))
		return err_set(err, -ENOSPC, "the GRUB environment block has no room for %s", name);
	memmove(bytes + at + fresh, bytes + end, room - end);
	if (fresh)
		write_value(stpncpy(bytes + at, name, strlen(name)) + 1, value);
	if (fresh)
		bytes[at + strlen(name)] = '=';
	if (fresh < old)
		memset(bytes + room - (old - fresh), '#', old - fresh);
	return 0;
}
