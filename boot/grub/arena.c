// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/arena.h"

#include <string.h>
#include <talloc.h>

#define CHUNK_SIZE (16 << 10)

struct grub_chunk {
	struct grub_chunk *before;
	size_t size; /* of bytes */
	_Alignas(16) char bytes[];
};

static struct grub_chunk *add_chunk(struct grub_arena *arena, size_t size)
{
	struct grub_chunk *chunk;

	if (size < CHUNK_SIZE)
		size = CHUNK_SIZE;
	chunk = talloc_size(arena->ctx, sizeof(*chunk) + size);
	if (!chunk)
		return NULL;
	chunk->before = arena->chunk;
	chunk->size = size;
	arena->chunk = chunk;
	arena->used = 0;
	return chunk;
}

/* talloc aligns to 16 bytes, and so does the member. */
void *grub_arena_take(struct grub_arena *arena, size_t size)
{
	void *bytes;

	if (size <= arena->limit)
		size = (size + 7) & ~(size_t)7;
	if (arena->limit - arena->taken < size) {
		arena->full = true;
		return NULL;
	}
	if ((!arena->chunk || arena->chunk->size - arena->used < size) && !add_chunk(arena, size))
		return NULL;
	bytes = arena->chunk->bytes + arena->used;
	arena->used += size;
	arena->taken += size;
	return bytes;
}

char *grub_arena_copy(struct grub_arena *arena, const char *text, size_t len)
{
	char *copy = grub_arena_take(arena, len + 1);

	if (!copy)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

struct grub_mark grub_arena_mark(const struct grub_arena *arena)
{
	return (struct grub_mark){arena->chunk, arena->used, arena->taken};
}

/* The first chunk stays when all is given back: it will be needed again. */
void grub_arena_back(struct grub_arena *arena, struct grub_mark mark)
{
	while (arena->chunk != mark.chunk && arena->chunk->before) {
		struct grub_chunk *chunk = arena->chunk;

		arena->chunk = chunk->before;
		talloc_free(chunk);
	}
	arena->used = arena->chunk == mark.chunk ? mark.used : 0;
	arena->taken = mark.taken;
}
