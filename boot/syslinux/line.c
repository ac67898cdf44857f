// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/syslinux/line.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static struct syslinux_text trim(struct syslinux_text s)
{
	while (s.len && is_blank(*s.text)) {
		s.text++;
		s.len--;
	}
	while (s.len && is_blank(s.text[s.len - 1]))
		s.len--;
	return s;
}

bool syslinux_next_line(struct syslinux_text *rest, struct syslinux_text *line)
{
	const char *end;

	if (!rest->len)
		return false;
	*line = *rest;
	end = memchr(rest->text, '\n', rest->len);
	line->len = end ? (size_t)(end - rest->text) : rest->len;
	rest->text += line->len + !!end;
	rest->len -= line->len + !!end;
	end = memchr(line->text, '\r', line->len);
	if (end)
		line->len = (size_t)(end - line->text);
	line->len = strnlen(line->text, line->len);
	*line = trim(*line);
	return true;
}

struct syslinux_text syslinux_take_word(struct syslinux_text *s)
{
	struct syslinux_text word = {s->text, 0};

	if (!s->len)
		return word;
	*s = trim(*s);
	word.text = s->text;
	while (word.len < s->len && !is_blank(s->text[word.len]))
		word.len++;
	s->text += word.len;
	s->len -= word.len;
	*s = trim(*s);
	return word;
}

bool syslinux_take_part(struct syslinux_text *s, char delimiter, struct syslinux_text *part)
{
	const char *end = s->len ? memchr(s->text, delimiter, s->len) : NULL;

	if (!s->len)
		return false;
	*part = (struct syslinux_text){s->text, end ? (size_t)(end - s->text) : s->len};
	s->text += part->len + !!end;
	s->len -= part->len + !!end;
	return true;
}

bool syslinux_is(struct syslinux_text s, const char *word)
{
	size_t len = strlen(word);

	return s.len == len && !strncasecmp(s.text, word, len);
}

bool syslinux_ends_in(struct syslinux_text s, const char *word)
{
	size_t len = strlen(word);

	return s.len > len && !strncasecmp(s.text + s.len - len, word, len);
}

bool syslinux_same(struct syslinux_text a, struct syslinux_text b)
{
	return a.len == b.len && (!a.len || !memcmp(a.text, b.text, a.len));
}

unsigned long syslinux_number(struct syslinux_text s, int base)
{
	char digits[24];
	size_t len = s.len < sizeof(digits) ? s.len : sizeof(digits) - 1;

	if (len)
		memcpy(digits, s.text, len);
	digits[len] = '\0';
	return strtoul(digits, NULL, base);
}
