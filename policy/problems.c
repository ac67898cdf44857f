// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/problems.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define LINES_MAX 200

/* Cut between two characters. */
static char *copy_text(void *ctx, const char *text)
{
	size_t len = strnlen(text, PROBLEM_TEXT_MAX);

	while (text[len] && len && (text[len] & 0xc0) == 0x80)
		len--;
	return talloc_strndup(ctx, text, len);
}

int problems_add(struct problems *p, const char *file, unsigned int line, unsigned int column,
	const char *text)
{
	struct problem *list;

	if (p->count == PROBLEMS_MAX)
		return -E2BIG;
	list = talloc_realloc(p, p->list, struct problem, p->count + 1);
	if (!list)
		return -ENOMEM;
	p->list = list;
	list[p->count] = (struct problem){
		.file = talloc_strdup(list, file),
		.line = line,
		.column = column,
		.text = copy_text(list, text),
	};
	if (!list[p->count].file || !list[p->count].text)
		return -ENOMEM;
	p->count++;
	return 0;
}

static int is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* What is looked for. */
struct sought {
	const char *word;
	size_t len;
	enum { ANYWHERE, GETS_A_VALUE } how;
};

static int gets_a_value(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at < end && *at == '=' && (at + 1 == end || at[1] != '=');
}

static int stands_at(const char *at, const char *end, const char *begin, const struct sought *s)
{
	return (size_t)(end - at) >= s->len && !memcmp(at, s->word, s->len) &&
	       (at == begin || !is_word(at[-1]) || !is_word(s->word[0])) &&
	       (at + s->len == end || !is_word(at[s->len]) || !is_word(s->word[s->len - 1])) &&
	       (s->how == ANYWHERE || gets_a_value(at + s->len, end));
}

static unsigned int find(
	const char *bytes, size_t len, const struct sought *sought, unsigned int *line)
{
	const char *end = bytes + len, *start = bytes;
	unsigned int at_line = 1;

	if (!sought->len)
		return 0;
	for (; start < end && at_line < *line; at_line++) {
		start = memchr(start, '\n', (size_t)(end - start));
		start = start ? start + 1 : end;
	}
	for (const char *at = start; at < end && at_line < *line + LINES_MAX; at++) {
		if (stands_at(at, end, bytes, sought)) {
			*line = at_line;
			return (unsigned int)(at - start) + 1;
		}
		if (*at == '\n') {
			start = at + 1;
			at_line++;
		}
	}
	return 0;
}

unsigned int problems_find(const char *bytes, size_t len, const char *word, unsigned int *line)
{
	return find(bytes, len, &(struct sought){word, strlen(word), ANYWHERE}, line);
}

unsigned int problems_find_field(
	const char *bytes, size_t len, const char *word, unsigned int *line)
{
	unsigned int column = find(
		bytes, len, &(struct sought){word, strlen(word), GETS_A_VALUE}, line);

	return column ? column : problems_find(bytes, len, word, line);
}

/* What Lua's own messages quote: "... near 'x'". */
static unsigned int find_near(const char *bytes, size_t len, const char *text, unsigned int *line)
{
	const char *near = strstr(text, " near '");
	char word[64];
	size_t n;

	if (!near)
		return 0;
	near += strlen(" near '");
	n = strcspn(near, "'");
	if (!n || n >= sizeof(word))
		return 0;
	memcpy(word, near, n);
	word[n] = '\0';
	return problems_find(bytes, len, word, line);
}

/* The ":12:" behind a file's name; NULL if the error does not begin so. */
static const char *find_line(const char *error)
{
	for (const char *at = strchr(error, ':'); at; at = strchr(at + 1, ':')) {
		size_t digits = strspn(at + 1, "0123456789");

		if (digits && digits < 8 && at[1 + digits] == ':' && at > error)
			return at;
		if (at[1] == ' ')
			break;
	}
	return NULL;
}

/* "file: text", where that is the file, or the name of another one in Lua. */
static int add_without_line(struct problems *p, const char *file, const char *error)
{
	static const char suffix[] = ".lua";
	const size_t own = strlen(file), len = sizeof(suffix) - 1;
	const char *colon = strstr(error, ": ");
	char *name;
	int rc;

	if (!strncmp(error, file, own) && error[own] == ':')
		return problems_add(p, file, 0, 0, error + own + 1 + strspn(error + own + 1, " "));
	if (!colon || (size_t)(colon - error) <= len || memcmp(colon - len, suffix, len))
		return problems_add(p, file, 0, 0, error);
	name = talloc_strndup(p, error, (size_t)(colon - error));
	rc = name ? problems_add(p, name, 0, 0, colon + 2) : -ENOMEM;
	talloc_free(name);
	return rc;
}

int problems_add_error(
	struct problems *p, const char *file, const char *bytes, size_t len, const char *error)
{
	const char *at = find_line(error);
	unsigned int line, column;
	char *name, *rest;
	int rc;

	if (!at)
		return add_without_line(p, file, error);
	name = talloc_strndup(p, error, (size_t)(at - error));
	if (!name)
		return -ENOMEM;
	line = (unsigned int)strtoul(at + 1, &rest, 10);
	rest += 1 + strspn(rest + 1, " ");
	column = strcmp(name, file) ? 0 : find_near(bytes, len, rest, &line);
	rc = problems_add(p, name, line, column, rest);
	talloc_free(name);
	return rc;
}
