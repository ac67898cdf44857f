// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/utf8.h"

#include <string.h>

size_t utf8_sequence(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;

	if (s[0] > 0xf4 || (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
		(s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

uint32_t utf8_code(const char *text, size_t n)
{
	uint32_t c = (unsigned char)*text & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)text[i] & 0x3f);
	return c;
}

size_t utf8_put(char to[4], uint32_t c)
{
	static const struct {
		uint32_t end;
		unsigned char lead, length;
	} forms[] = {{0x80, 0, 1}, {0x800, 0xc0, 2}, {0x10000, 0xe0, 3}, {0x110000, 0xf0, 4}};
	size_t form = 0;

	while (c >= forms[form].end)
		form++;
	for (size_t i = forms[form].length; i-- > 1; c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(forms[form].lead | c);
	return forms[form].length;
}

int utf8_is_valid(const char *text)
{
	while (*text) {
		size_t n = (unsigned char)*text < 0x80 ? 1 : utf8_sequence(text);

		if (!n)
			return 0;
		text += n;
	}
	return 1;
}

static int is_control(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	return s[0] < ' ' || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

static void trim(char *text, size_t len)
{
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	text[len] = '\0';
}

void utf8_clean(char *text, size_t limit)
{
	size_t to = 0;

	trim(text, strlen(text));
	for (const char *from = text; *from;) {
		size_t n = (unsigned char)*from < 0x80 ? 1 : utf8_sequence(from);
		const char *c = n && !is_control(from) ? from : "?";
		size_t put = c == from ? n : 1;

		if (to + put > limit)
			break;
		memmove(text + to, c, put);
		to += put;
		from += n ? n : 1;
	}
	trim(text, to);
}
