// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/power/line.h"

#include <limits.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\0';
}

static void skip(struct line_text *text, size_t n)
{
	text->at += n;
	text->len -= n;
}

static void skip_blanks(struct line_text *text)
{
	while (text->len && is_blank(*text->at))
		skip(text, 1);
}

bool line_next(struct line_reader *reader, struct line_text *line)
{
	struct line_text *rest = &reader->rest;

	while (rest->len) {
		const char *newline = memchr(rest->at, '\n', rest->len);
		size_t len = newline ? (size_t)(newline - rest->at) : rest->len;

		*line = (struct line_text){rest->at, len};
		skip(rest, len + !!newline);
		reader->number++;
		if (line->len && line->at[line->len - 1] == '\r')
			line->len--;
		skip_blanks(line);
		if (line->len && *line->at != '#')
			return true;
	}
	return false;
}

struct line_text line_trim(struct line_text text)
{
	skip_blanks(&text);
	while (text.len && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

struct line_text line_unquote(struct line_text text)
{
	const char *end;

	text = line_trim(text);
	if (!text.len || (*text.at != '"' && *text.at != '\''))
		return text;
	end = memrchr(text.at + 1, *text.at, text.len - 1);
	skip(&text, 1);
	if (end)
		text.len = (size_t)(end - text.at);
	return line_trim(text);
}

struct line_text line_take_word(struct line_text *rest)
{
	struct line_text word;

	skip_blanks(rest);
	word = (struct line_text){rest->at, 0};
	while (word.len < rest->len && !is_blank(word.at[word.len]))
		word.len++;
	skip(rest, word.len);
	skip_blanks(rest);
	return word;
}

bool line_take_until(struct line_text *rest, char separator, struct line_text *before)
{
	const char *found = rest->len ? memchr(rest->at, separator, rest->len) : NULL;

	if (!found)
		return false;
	*before = (struct line_text){rest->at, (size_t)(found - rest->at)};
	skip(rest, before->len + 1);
	return true;
}

bool line_is(struct line_text text, const char *word)
{
	return text.len == strlen(word) && !strncasecmp(text.at, word, text.len);
}

int line_number(struct line_text text)
{
	int n = text.len && *text.at >= '0' && *text.at <= '9' ? 0 : -1;

	for (size_t i = 0; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++)
		n = n > (INT_MAX - 9) / 10 ? INT_MAX : n * 10 + (text.at[i] - '0');
	return n;
}

char *line_copy(void *ctx, struct line_text text)
{
	return talloc_strndup(ctx, text.len ? text.at : "", text.len);
}
