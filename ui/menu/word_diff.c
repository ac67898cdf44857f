// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/word_diff.h"

#include <stdint.h>
#include <string.h>
#include <talloc.h>

/* Cells of the table that is made of what differs: more than that is told as all gone and all new. */
#define TABLE_MAX (512 * 512)

struct words {
	struct word *list;
	size_t count;
};

static const char *word_end(const char *at)
{
	int quoted = 0;

	for (; *at && (quoted || *at != ' '); at++)
		quoted ^= *at == '"';
	return at;
}

/* There are less words than half the bytes, and one. */
static struct words split(void *ctx, const char *text, enum word_state state)
{
	struct words w = {talloc_array(ctx, struct word, (unsigned int)strlen(text) / 2 + 1), 0};

	text += strspn(text, " ");
	while (w.list && *text) {
		const char *end = word_end(text);

		w.list[w.count++] = (struct word){state, text, (size_t)(end - text)};
		text = end + strspn(end, " ");
	}
	return w;
}

static int is_same(const struct word *a, const struct word *b)
{
	return a->len == b->len && !memcmp(a->text, b->text, a->len);
}

struct builder {
	struct word *list;
	size_t count;
};

static void add(struct builder *out, const struct word *from, size_t count, enum word_state state)
{
	for (size_t i = 0; i < count; i++) {
		out->list[out->count] = from[i];
		out->list[out->count++].state = state;
	}
}

/* The longest common subsequence: table[i][j] is how long it is of what follows i and j. */
static uint16_t *make_table(void *ctx, struct words old, struct words new)
{
	size_t width = new.count + 1;
	uint16_t *table;

	if ((old.count + 1) * width > TABLE_MAX)
		return NULL;
	table = talloc_zero_array(ctx, uint16_t, (unsigned int)((old.count + 1) * width));
	for (size_t i = old.count; table && i-- > 0;)
		for (size_t j = new.count; j-- > 0;) {
			uint16_t down = table[(i + 1) * width + j],
				 right = table[i * width + j + 1];

			table[i * width + j] = is_same(&old.list[i], &new.list[j])
						       ? (uint16_t)(table[(i + 1) * width + j + 1] +
								    1)
					       : down >= right ? down
							       : right;
		}
	return table;
}

static void compare(void *ctx, struct words old, struct words new, struct builder *out)
{
	uint16_t *table = make_table(ctx, old, new);
	size_t i = 0, j = 0, width = new.count + 1;

	while (table && i < old.count && j < new.count) {
		if (is_same(&old.list[i], &new.list[j])) {
			add(out, &new.list[j++], 1, WORD_SAME);
			i++;
		} else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) {
			add(out, &old.list[i++], 1, WORD_REMOVED);
		} else {
			add(out, &new.list[j++], 1, WORD_ADDED);
		}
	}
	add(out, old.list + i, old.count - i, WORD_REMOVED);
	add(out, new.list + j, new.count - j, WORD_ADDED);
}

struct word *word_diff(void *ctx, const char *old, const char *new, size_t *count)
{
	void *scratch = talloc_new(ctx);
	struct words a = split(scratch, old, WORD_REMOVED), b = split(scratch, new, WORD_ADDED);
	struct builder out = {
		talloc_array(ctx, struct word, (unsigned int)(a.count + b.count) + 1), 0};
	size_t first = 0, last = 0, least = a.count < b.count ? a.count : b.count;

	if (!a.list || !b.list || !out.list) {
		talloc_free(out.list);
		talloc_free(scratch);
		return NULL;
	}
	while (first < least && is_same(&a.list[first], &b.list[first]))
		first++;
	while (last < least - first &&
		is_same(&a.list[a.count - 1 - last], &b.list[b.count - 1 - last]))
		last++;
	add(&out, b.list, first, WORD_SAME);
	compare(scratch, (struct words){a.list + first, a.count - first - last},
		(struct words){b.list + first, b.count - first - last}, &out);
	add(&out, b.list + b.count - last, last, WORD_SAME);
	talloc_free(scratch);
	*count = out.count;
	return out.list;
}
