// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/json_line.h"

#include <stdio.h>
#include <string.h>

#include "devices/utf8.h"

#define END "}\n"

/* Room for what a member needs to its end is always kept: a quote, and the end of all. */
static size_t room(const struct json_line *line)
{
	size_t most = sizeof(line->bytes) - sizeof("\"" END);

	return line->len < most ? most - line->len : 0;
}

static int put(struct json_line *line, const char *bytes, size_t len)
{
	if (len > room(line))
		return 0;
	memcpy(line->bytes + line->len, bytes, len);
	line->len += len;
	return 1;
}

/* What one character becomes. Returns its bytes; *len are those in the JSON. */
static size_t escape(const char *at, char out[8], int *len)
{
	unsigned char c = (unsigned char)*at;
	size_t n = c >= 0x80 ? utf8_sequence(at) : 1;

	if (n == 0)
		*len = snprintf(out, 8, "\\\\x%02x", c);
	else if (c < 0x20 || c == 0x7f)
		*len = snprintf(out, 8, "\\u%04x", c);
	else if (c == '"' || c == '\\')
		*len = snprintf(out, 8, "\\%c", c);
	else
		*len = snprintf(out, 8, "%.*s", (int)n, at);
	return n ? n : 1;
}

/* The key, and enough room for a short value; else the line stays as it was. */
static int begin(struct json_line *line, const char *key)
{
	size_t before = line->len;

	if (room(line) >= strlen(key) + 32 && put(line, before ? ",\"" : "{\"", 2) &&
		put(line, key, strlen(key)) && put(line, "\":", 2))
		return 1;
	line->len = before;
	return 0;
}

void json_line_text(struct json_line *line, const char *key, const char *text)
{
	char out[8];
	int len;

	if (!begin(line, key))
		return;
	if (!text) {
		put(line, "null", 4);
		return;
	}
	put(line, "\"", 1);
	while (*text) {
		text += escape(text, out, &len);
		if (!put(line, out, (size_t)len))
			break;
	}
	line->bytes[line->len++] = '"';
}

void json_line_number(struct json_line *line, const char *key, unsigned long long number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", number);

	if (begin(line, key))
		put(line, digits, (size_t)len);
}

void json_line_end(struct json_line *line)
{
	if (!line->len)
		line->bytes[line->len++] = '{';
	memcpy(line->bytes + line->len, END, strlen(END));
	line->len += strlen(END);
}
