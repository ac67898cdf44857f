// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/version_range.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text;
	int how;
} operators[] = {
	{"<=", VERSION_AT_MOST},
	{">=", VERSION_AT_LEAST},
	{"<", VERSION_LESS},
	{">", VERSION_MORE},
	{"=", VERSION_SAME},
	{"", VERSION_SAME},
};

/* Numbers with dots between them; returns how many, and where they end. */
static unsigned int read_parts(
	const char *text, unsigned int parts[VERSION_PARTS_MAX], const char **end)
{
	unsigned int count = 0;

	while (count < VERSION_PARTS_MAX && isdigit((unsigned char)*text)) {
		char *rest;
		unsigned long n = strtoul(text, &rest, 10);

		parts[count++] = n > 0xffff ? 0xffff : (unsigned int)n;
		text = rest;
		if (*text != '.' || !isdigit((unsigned char)text[1]))
			break;
		text++;
	}
	*end = text;
	return count;
}

static int read_term(const char **text, struct version_term *term)
{
	size_t op = 0;

	*text += strspn(*text, " ");
	while (strncmp(*text, operators[op].text, strlen(operators[op].text)))
		op++;
	*text += strlen(operators[op].text);
	*text += strspn(*text, " ");
	*term = (struct version_term){.how = operators[op].how};
	term->count = read_parts(*text, term->parts, text);
	*text += strspn(*text, " ");
	return term->count ? 0 : -EINVAL;
}

int version_range_parse(const char *text, struct version_range *range)
{
	struct version_range r = {.count = 0};

	do {
		text += r.count > 0; /* the comma */
		if (r.count == VERSION_TERMS_MAX || read_term(&text, &r.terms[r.count++]) < 0)
			return -EINVAL;
	} while (*text == ',');
	if (*text)
		return -EINVAL;
	*range = r;
	return 0;
}

static int compare(const struct version_term *term, const unsigned int *parts, unsigned int count)
{
	for (unsigned int i = 0; i < term->count; i++) {
		unsigned int part = i < count ? parts[i] : 0;

		if (part != term->parts[i])
			return part < term->parts[i] ? -1 : 1;
	}
	return 0;
}

static int holds(const struct version_term *term, int c)
{
	switch (term->how) {
	case VERSION_LESS:
		return c < 0;
	case VERSION_AT_MOST:
		return c <= 0;
	case VERSION_MORE:
		return c > 0;
	case VERSION_AT_LEAST:
		return c >= 0;
	case VERSION_SAME:
		break;
	}
	return c == 0;
}

int version_range_holds(const struct version_range *range, const char *release)
{
	unsigned int parts[VERSION_PARTS_MAX];
	const char *end;
	unsigned int count = read_parts(release, parts, &end);

	if (!count)
		return 0;
	for (size_t i = 0; i < range->count; i++)
		if (!holds(&range->terms[i], compare(&range->terms[i], parts, count)))
			return 0;
	return 1;
}
