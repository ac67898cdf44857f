// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/seen.h"

#include <stdint.h>
#include <talloc.h>

struct slot {
	dev_t dev;
	ino_t ino;
	bool taken;
};

/* A hash table with open addressing, never more than half full. */
struct seen {
	struct slot *slots;
	size_t count, size; /* size is a power of two */
};

#define SIZE_FIRST 64

struct seen *seen_new(void *ctx)
{
	struct seen *seen = talloc_zero(ctx, struct seen);

	if (!seen)
		return NULL;
	seen->slots = talloc_zero_array(seen, struct slot, SIZE_FIRST);
	seen->size = SIZE_FIRST;
	if (!seen->slots)
		TALLOC_FREE(seen);
	return seen;
}

/* The slot of this file, or the free one where it would go. Inode numbers follow each other: the factor
 * (2^64 by the golden ratio) spreads them. */
static struct slot *find(struct slot *slots, size_t size, dev_t dev, ino_t ino)
{
	size_t at = (size_t)(((uint64_t)ino ^ (uint64_t)dev << 32) * 0x9e3779b97f4a7c15 >> 32);

	for (;; at++) {
		struct slot *s = &slots[at & (size - 1)];

		if (!s->taken || (s->dev == dev && s->ino == ino))
			return s;
	}
}

static bool grow(struct seen *seen)
{
	size_t size = 2 * seen->size;
	struct slot *slots = talloc_zero_array(seen, struct slot, size);

	if (!slots)
		return false;
	for (size_t i = 0; i < seen->size; i++)
		if (seen->slots[i].taken)
			*find(slots, size, seen->slots[i].dev, seen->slots[i].ino) = seen->slots[i];
	talloc_free(seen->slots);
	seen->slots = slots;
	seen->size = size;
	return true;
}

bool seen_add(struct seen *seen, const struct stat *st)
{
	struct slot *s = find(seen->slots, seen->size, st->st_dev, st->st_ino);

	if (s->taken)
		return false;
	if (2 * (seen->count + 1) > seen->size) {
		if (!grow(seen))
			return true;
		s = find(seen->slots, seen->size, st->st_dev, st->st_ino);
	}
	*s = (struct slot){st->st_dev, st->st_ino, true};
	seen->count++;
	return true;
}
