// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/history.h"

#include <string.h>
#include <talloc.h>

struct history {
	char *list[HISTORY_MAX];
	size_t count;
};

struct history *history_new(void *ctx)
{
	return talloc_zero(ctx, struct history);
}

void history_add(struct history *h, const char *text)
{
	size_t i = 0;
	char *copy;

	if (!*text)
		return;
	copy = talloc_strdup(h, text);
	if (!copy)
		return;
	while (i < h->count && strcmp(h->list[i], text) != 0)
		i++;
	if (i == HISTORY_MAX)
		i--;
	if (i < h->count)
		talloc_free(h->list[i]);
	else
		h->count++;
	memmove(h->list + 1, h->list, i * sizeof(*h->list));
	h->list[0] = copy;
}

const char *history_at(const struct history *h, size_t i)
{
	return i < h->count ? h->list[i] : NULL;
}
