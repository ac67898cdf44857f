// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/line_diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "ui/print.h"

/* Beyond so many pairs of lines, what differs is printed as one piece: tables cost memory. */
#define PAIRS_MAX ((size_t)16 << 20)

struct text {
	char **lines;
	size_t count;
};

/* In place. */
static int split(void *ctx, const char *bytes, struct text *text)
{
	char *copy = talloc_strdup(ctx, bytes), *rest = copy, *line;
	size_t room = 1;

	for (const char *at = bytes; *at; at++)
		room += *at == '\n';
	text->lines = talloc_array(ctx, char *, room + 1);
	if (!copy || !text->lines)
		return -ENOMEM;
	while ((line = strsep(&rest, "\n")) && (rest || *line))
		text->lines[text->count++] = line;
	return 0;
}

/* What is alike at both ends is not looked at. */
static void trim(struct text *a, struct text *b, size_t *before)
{
	*before = 0;
	while (a->count && b->count && !strcmp(a->lines[0], b->lines[0])) {
		a->lines++, a->count--;
		b->lines++, b->count--;
		++*before;
	}
	while (a->count && b->count && !strcmp(a->lines[a->count - 1], b->lines[b->count - 1])) {
		a->count--;
		b->count--;
	}
}

/* table[i * (b->count + 1) + j]: the longest common subsequence of the lines from i and from j on. */
static unsigned int *measure(void *ctx, const struct text *a, const struct text *b)
{
	size_t row = b->count + 1;
	unsigned int *table = talloc_zero_array(ctx, unsigned int, (a->count + 1) * row);

	for (size_t i = a->count; table && i-- > 0;)
		for (size_t j = b->count; j-- > 0;) {
			unsigned int *here = &table[i * row + j];

			if (!strcmp(a->lines[i], b->lines[j]))
				*here = here[row + 1] + 1;
			else
				*here = here[row] > here[1] ? here[row] : here[1];
		}
	return table;
}

static void print_lines(const struct text *t, size_t first, size_t end, const char *mark, FILE *out)
{
	for (size_t i = first; i < end; i++) {
		enum style style = *mark == '-' ? STYLE_BAD : STYLE_GOOD;

		print_styled(out, style, mark, 0);
		print_styled(out, style, t->lines[i], 0);
		fputc('\n', out);
	}
}

/* Lines i to i_end of a became j to j_end of b. */
static void print_change(const struct text *a, const struct text *b, const size_t from[2],
	const size_t to[2], size_t before, FILE *out)
{
	if (from[0] == to[0] && from[1] == to[1])
		return;
	fprintf(out, "@@ -%zu +%zu @@\n", before + from[0] + 1, before + from[1] + 1);
	print_lines(a, from[0], to[0], "-", out);
	print_lines(b, from[1], to[1], "+", out);
}

int line_diff(const char *old, const char *new, FILE *out)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	struct text a = {.count = 0}, b = {.count = 0};
	size_t before, from[2] = {0, 0}, at[2] = {0, 0};
	unsigned int *table = NULL;

	if (!ctx || split(ctx, old, &a) < 0 || split(ctx, new, &b) < 0)
		return -ENOMEM;
	trim(&a, &b, &before);
	if ((a.count + 1) * (b.count + 1) <= PAIRS_MAX)
		table = measure(ctx, &a, &b);
	while (table && at[0] < a.count && at[1] < b.count) {
		const unsigned int *here = &table[at[0] * (b.count + 1) + at[1]];

		if (!strcmp(a.lines[at[0]], b.lines[at[1]])) {
			print_change(&a, &b, from, at, before, out);
			from[0] = ++at[0];
			from[1] = ++at[1];
		} else {
			at[here[1] > here[b.count + 1] ? 1 : 0]++;
		}
	}
	print_change(&a, &b, from, (size_t[2]){a.count, b.count}, before, out);
	return 0;
}
