// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes beyond one entry: loader.conf and the order of the menu. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/bls.h"
#include "boot/bls_line.h"
#include "boot/format.h"
#include "boot/version.h"

int bls_parse_settings(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	struct bls_slice rest = {bytes, len}, name, value;

	while (bls_next(&rest, &name, &value)) {
		if (!bls_slice_is(name, "default") || *value.text == '@')
			continue;
		r->list->default_pattern = talloc_strndup(r->list, value.text, value.len);
		if (!r->list->default_pattern)
			return err_errno(err, -ENOMEM, "%s", r->file);
	}
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

/* "Sorting", step by step; the counters at the end make the order complete. */
static int compare_entries(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
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
		order = version_compare(b->id, a->id);
	if (!order)
		order = strcmp(a->id, b->id);
	if (!order)
		order = (a->tries_done > b->tries_done) - (a->tries_done < b->tries_done);
	return order;
}

void bls_sort(struct entry_list *list)
{
	if (list->count)
		qsort(list->entries, list->count, sizeof(*list->entries), compare_entries);
	for (size_t i = 0; i < list->count; i++)
		list->entries[i].position = (unsigned int)i;
}
