// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes beyond one entry: loader.conf and the order of the menu. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include "boot/bls/bls.h"
#include "boot/bls/line.h"
#include "boot/format.h"
#include "boot/version.h"
#include "devices/cleanup.h"

/* What one file says; the last line counts. */
struct settings {
	struct bls_slice default_pattern, preferred_pattern;
	int timeout;
};

/* "menu-force" is no number of seconds. */
static void take_timeout(struct settings *s, struct bls_slice value)
{
	int seconds = 0;

	if (bls_slice_is(value, "menu-hidden") || bls_slice_is(value, "menu-disabled"))
		s->timeout = 0;
	if (bls_slice_is(value, "menu-force"))
		s->timeout = ENTRY_TIMEOUT_NEVER;
	for (size_t i = 0; i < value.len; i++) {
		if (value.text[i] < '0' || value.text[i] > '9')
			return;
		seconds = seconds < INT_MAX / 10 - 1 ? seconds * 10 + value.text[i] - '0' : seconds;
	}
	s->timeout = seconds;
}

/* "@saved" is the only one of its kind. */
static bool is_pattern(struct bls_slice value)
{
	return *value.text != '@' || (value.len == 6 && !strncasecmp(value.text, "@saved", 6));
}

static bool set_pattern(void *ctx, const char **pattern, struct bls_slice value)
{
	if (*pattern || !value.len)
		return true;
	if (*value.text == '@')
		*pattern = talloc_strdup(ctx, "@saved");
	else
		*pattern = talloc_strndup(ctx, value.text, value.len);
	return *pattern;
}

int bls_parse_settings(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	struct bls_slice rest = bls_text(bytes, len), name, value;
	struct settings s = {.timeout = -1};

	while (bls_next(&rest, &name, &value))
		if (bls_slice_is(name, "timeout"))
			take_timeout(&s, value);
		else if (bls_slice_is(name, "default") && is_pattern(value))
			s.default_pattern = value;
		else if (bls_slice_is(name, "preferred") && is_pattern(value))
			s.preferred_pattern = value;
	if (!set_pattern(r->list, &r->list->default_pattern, s.default_pattern) ||
		!set_pattern(r->list, &r->list->preferred_pattern, s.preferred_pattern))
		return err_errno(err, -ENOMEM, "%s", r->file);
	if (r->list->timeout == -1)
		r->list->timeout = s.timeout;
	return 0;
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static bool is_set(const char *s)
{
	return s && *s;
}

/* An entry and the name that it is sorted by: of its file, without counter and suffix. Ids are the
 * same in upper and lower case. */
struct place {
	const struct entry *entry;
	const char *name;
};

static const char *name_of(void *ctx, const struct entry *e)
{
	size_t len = strlen(e->id);
	bool is_lower = true;
	const char *suffix = !strcmp(e->format, "bls2") ? strcasestr(e->id, ".efi") : NULL;
	char *name;

	for (size_t i = 0; i < len && is_lower; i++)
		is_lower = e->id[i] < 'A' || e->id[i] > 'Z';
	if (is_lower && !suffix)
		return e->id;
	name = talloc_strndup(ctx, e->id, suffix ? (size_t)(suffix - e->id) : len);
	for (char *c = name; c && *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return name;
}

static int compare_numbers(long a, long b)
{
	return (a > b) - (a < b);
}

/* "Sorting", step by step; what differs by the counters alone in the order of systemd-boot; the id
 * makes the order complete. */
static int compare_places(const void *x, const void *y)
{
	const struct place *p = x, *q = y;
	const struct entry *a = p->entry, *b = q->entry;
	int order = (a->tries_left == 0) - (b->tries_left == 0);

	if (!order)
		order = is_set(b->sort_key) - is_set(a->sort_key);
	if (!order && is_set(a->sort_key)) {
		order = compare_text(a->sort_key, b->sort_key);
		if (!order)
			order = compare_text(a->machine_id, b->machine_id);
		if (!order)
			order = version_compare(b->version, a->version);
	}
	if (!order)
		order = version_compare(q->name, p->name);
	if (!order)
		order = compare_numbers(a->profile, b->profile);
	if (!order)
		order = (a->tries_left >= 0) - (b->tries_left >= 0);
	if (!order)
		order = compare_numbers(b->tries_left, a->tries_left);
	if (!order)
		order = compare_numbers(a->tries_done, b->tries_done);
	return order ? order : strcmp(a->id, b->id);
}

/* Put each entry where the sorted places want it, along the cycles of the permutation: entries are
 * large, and thousands of them are not to be copied twice. */
static void permute(struct entry *entries, struct place *places, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct entry first;
		size_t to = i, from;

		if (places[i].entry == &entries[i])
			places[i].entry = NULL;
		if (!places[i].entry)
			continue;
		first = entries[i];
		for (; places[to].entry; to = from) {
			from = (size_t)(places[to].entry - entries);
			places[to].entry = NULL;
			entries[to] = from == i ? first : entries[from];
		}
	}
}

/* Without memory the order of the files is good enough. They come as their names rise, and newer ones are
 * to stand first: from the last to the first there is less to sort. */
static void sort_entries(void *ctx, struct entry_list *list)
{
	struct place *places = talloc_array(ctx, struct place, list->count);

	for (size_t i = 0; places && i < list->count; i++) {
		const struct entry *e = &list->entries[list->count - 1 - i];

		places[i] = (struct place){e, name_of(places, e)};
		if (!places[i].name)
			return;
	}
	if (!places)
		return;
	qsort(places, list->count, sizeof(*places), compare_places);
	permute(list->entries, places, list->count);
}

void bls_sort(struct entry_list *list)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);

	if (list->count && ctx)
		sort_entries(ctx, list);
	for (size_t i = 0; i < list->count; i++)
		list->entries[i].position = (unsigned int)i;
}
