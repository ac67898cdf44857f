// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/bls/line.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\0';
}

static struct bls_slice trim(struct bls_slice s)
{
	while (s.len && is_blank(*s.text)) {
		s.text++;
		s.len--;
	}
	while (s.len && is_blank(s.text[s.len - 1]))
		s.len--;
	return s;
}

struct bls_slice bls_take_word(struct bls_slice *s)
{
	struct bls_slice word;

	*s = trim(*s);
	word = (struct bls_slice){s->text, 0};
	while (word.len < s->len && !is_blank(s->text[word.len]))
		word.len++;
	s->text += word.len;
	s->len -= word.len;
	return word;
}

struct bls_slice bls_text(const char *bytes, size_t len)
{
	size_t mark = len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;

	return mark ? (struct bls_slice){bytes + mark, len - mark} : (struct bls_slice){bytes, len};
}

static struct bls_slice unquote(struct bls_slice s)
{
	if (s.len <= 2 || *s.text != '"' || s.text[s.len - 1] != '"' ||
		memchr(s.text + 1, '"', s.len - 2))
		return s;
	return (struct bls_slice){s.text + 1, s.len - 2};
}

bool bls_next(struct bls_slice *rest, struct bls_slice *key, struct bls_slice *value)
{
	while (rest->len) {
		const char *newline = memchr(rest->text, '\n', rest->len);
		size_t len = newline ? (size_t)(newline - rest->text) : rest->len;
		struct bls_slice line = {rest->text, len};

		rest->text += len + !!newline;
		rest->len -= len + !!newline;
		*key = bls_take_word(&line);
		*value = unquote(trim(line));
		if (key->len && *key->text != '#' && value->len)
			return true;
	}
	return false;
}

bool bls_slice_is(struct bls_slice s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.text, text, s.len);
}
