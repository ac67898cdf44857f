/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_ARENA_H
#define BOOT_GRUB_ARENA_H

/*
 * Memory that is taken piece by piece and given back together: words, statements, the strings of
 * entries. Chunks are talloc children of ctx. Everything taken after a mark is given back by going
 * back to the mark; what is never given back lives as long as ctx.
 *
 * An arena takes at most limit bytes; beyond that, and where memory runs out, it gives NULL.
 */

#include <stdbool.h>
#include <stddef.h>

struct grub_chunk;

struct grub_arena {
	void *ctx;
	struct grub_chunk *chunk; /* the one in use; the others are behind it */
	size_t used;              /* of it */
	size_t taken, limit;      /* of all: bytes */
	bool full;                /* the limit was met */
};

struct grub_mark {
	struct grub_chunk *chunk;
	size_t used, taken;
};

/* size bytes, aligned for anything; not cleared. */
void *grub_arena_take(struct grub_arena *arena, size_t size);
/* A terminated copy. */
char *grub_arena_copy(struct grub_arena *arena, const char *text, size_t len);

struct grub_mark grub_arena_mark(const struct grub_arena *arena);
void grub_arena_back(struct grub_arena *arena, struct grub_mark mark);

#endif
