// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/spelling.h"

#include <string.h>

#define NEAR_MAX 2

static unsigned int min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: the edit distance in which two swapped neighbours count as one. */
static unsigned int edit_distance(const char *a, const char *b)
{
	unsigned int d[SPELLING_WORD_MAX + 1][SPELLING_WORD_MAX + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	for (unsigned int i = 0; i <= a_len; i++)
		d[i][0] = i;
	for (unsigned int j = 0; j <= b_len; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a_len; i++)
		for (size_t j = 1; j <= b_len; j++) {
			d[i][j] = min(d[i - 1][j], d[i][j - 1]) + 1;
			d[i][j] = min(d[i][j], d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[a_len][b_len];
}

void spelling_consider(struct spelling *s, const char *known)
{
	size_t len = strnlen(s->word, SPELLING_WORD_MAX + 1);
	unsigned int distance;

	if (len > SPELLING_WORD_MAX || strlen(known) > SPELLING_WORD_MAX)
		return;
	distance = edit_distance(s->word, known);
	if (distance > NEAR_MAX || 2 * distance >= len)
		return;
	/* Of two that are equally near the first in the alphabet: the caller's order may be any. */
	if (!s->nearest || distance < s->distance ||
		(distance == s->distance && strcmp(known, s->nearest) < 0)) {
		s->nearest = known;
		s->distance = distance;
	}
}
