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
		if (e->bytes[at] == '#' || !equals || equals == e->bytes + at ||
			memchr(e->bytes + at, '\0', end - at))
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

static void write_line(char *to, const char *name, const char *value)
{
	while (*name)
		*to++ = *name++;
	*to++ = '=';
	for (; *value; value++) {
		if (*value == '\\' || *value == '\n')
			*to++ = '\\';
		*to++ = *value;
	}
	*to = '\n';
}

/* The variable's line, [at, end) with its newline; or where one may be put. */
struct line {
	size_t at, end;
	bool ended; /* the last line before it has its newline */
};

static struct line find(const char *bytes, size_t len, const char *name)
{
	size_t name_len = strlen(name);
	struct line line = {SIGNATURE_LEN, SIGNATURE_LEN, true};

	for (; line.at < len; line.at = line.end) {
		line.end = line_end(bytes, line.at, len);
		line.ended = line.end < len;
		line.end += line.ended;
		if (line.end - line.at > name_len && !memcmp(bytes + line.at, name, name_len) &&
			bytes[line.at + name_len] == '=') {
			line.ended = true;
			return line;
		}
	}
	return line;
}

/* The `#` at the end, which are room. A line of comment is none: what is room follows a newline. */
static size_t room_begin(const char *bytes, size_t len)
{
	size_t at = len;

	while (at > SIGNATURE_LEN && bytes[at - 1] == '#')
		at--;
	return at;
}

static int check_name(const char *name, struct err *err)
{
	if (!*name || *name == '#' || strpbrk(name, "=\n\\"))
		return err_set(err, -EINVAL, "%s cannot stand in a GRUB environment block", name);
	return 0;
}

int grub_environment_set(
	char *bytes, size_t len, const char *name, const char *value, struct err *err)
{
	struct grub_environment e;
	size_t room, old, fresh;
	struct line line;

	if (!grub_environment_open(&e, bytes, len))
		return err_set(err, -EINVAL, "this is no GRUB environment block");
	if (check_name(name, err) < 0)
		return -EINVAL;
	room = room_begin(bytes, len);
	line = find(bytes, room, name);
	if (!line.ended)
		return err_set(err, -EINVAL, "the GRUB environment block ends within a line");
	old = line.end - line.at;
	fresh = value ? strlen(name) + 1 + escaped_length(value) + 1 : 0;
	if (fresh > old + (len - room))
		return err_set(err, -ENOSPC, "the GRUB environment block has no room for %s", name);
	memmove(bytes + line.at + fresh, bytes + line.end, room - line.end);
	if (fresh < old)
		memset(bytes + room - (old - fresh), '#', old - fresh);
	if (fresh)
		write_line(bytes + line.at, name, value);
	return 0;
}
