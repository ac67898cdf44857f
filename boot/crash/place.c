// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/crash/place.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <talloc.h>

#define SSH "ssh:"

static bool is_folder(const char *text)
{
	if (*text != '/')
		return false;
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

/* What begins with a dash ssh would take for an option. */
static bool is_host(const char *text)
{
	if (!*text || *text == '-' || *text == '@')
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("@._:%-", *text))
			return false;
	return text[-1] != '@';
}

/* Cut "USER@HOST:/FOLDER" in place; NULL for what is none. Brackets go. */
static char *cut(char *text)
{
	char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
	char *colon = close ? close + 1 : strchr(text, ':');

	if (!colon || *colon != ':')
		return NULL;
	*colon = '\0';
	if (close) {
		*close = '\0';
		memmove(open, open + 1, strlen(open));
	}
	return colon + 1;
}

int crash_place_parse(void *ctx, const char *text, struct crash_place *place, struct err *err)
{
	const bool remote = !strncmp(text, SSH, strlen(SSH));
	char *host = talloc_strdup(ctx, remote ? text + strlen(SSH) : text);
	char *folder = host && remote ? cut(host) : host;

	if (!host)
		return err_errno(err, -ENOMEM, "read where the dump goes");
	if (!folder || !is_folder(folder) || (remote && !is_host(host)))
		return err_set(err, -EINVAL,
			"'%.200s' is no place for a dump: it is /FOLDER or ssh:USER@HOST:/FOLDER",
			text);
	*place = (struct crash_place){.host = remote ? host : NULL, .folder = folder};
	return 0;
}

char *crash_place_quote(void *ctx, const char *word)
{
	char *quoted = talloc_size(ctx, 4 * strlen(word) + 3), *to = quoted;

	if (!quoted)
		return NULL;
	*to++ = '\'';
	for (; *word; word++)
		if (*word == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *word;
	*to++ = '\'';
	*to = '\0';
	return quoted;
}
