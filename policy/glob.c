// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/glob.h"

#include <stddef.h>
#include <string.h>

/* The closing bracket of a set that opens at p[0], NULL if there is none. The first character of a
 * set may be a bracket itself. */
static const char *set_end(const char *p)
{
	p += p[1] == '!' ? 2 : 1;
	return *p ? strchr(p + 1, ']') : NULL;
}

static int in_set(const char *p, const char *end, unsigned char c)
{
	int negated = *++p == '!';
	int found = 0;

	for (p += negated; p < end; p++) {
		unsigned char low = (unsigned char)p[0], high = low;

		if (p[1] == '-' && p + 2 < end) {
			high = (unsigned char)p[2];
			p += 2;
		}
		found |= low <= c && c <= high;
	}
	return found != negated;
}

/* Match one character; the pattern behind what matched it, NULL if it does not. */
static const char *match_one(const char *p, char c)
{
	const char *end = *p == '[' ? set_end(p) : NULL;

	if (end)
		return in_set(p, end, (unsigned char)c) ? end + 1 : NULL;
	return *p == c || *p == '?' ? p + 1 : NULL;
}

int glob_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL;

	/* Only the last star needs to be retried: what an earlier one took can stay as short. */
	while (*text) {
		const char *next = NULL;

		if (*pattern == '*') {
			star = ++pattern;
			resume = text;
			continue;
		}
		if (*pattern)
			next = match_one(pattern, *text);
		if (next) {
			pattern = next;
			text++;
		} else if (star) {
			pattern = star;
			text = ++resume;
		} else {
			return 0;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
