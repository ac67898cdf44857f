// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/image/inspect.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>
#include <sys/stat.h>

#include "devices/cleanup.h"

/* A place in the table; free while path is NULL. */
struct known {
	const struct volume *volume;
	const char *path;
	uint64_t offset, size;
	enum inspect_what what;
	struct inspected answer;
};

struct inspector {
	const char *machine;
	struct known *table; /* size is a power of two; at most half of it is used */
	size_t size, count;
};

#define FIRST_SIZE 64

struct inspector *inspector_new(void *ctx, const char *machine)
{
	struct inspector *i = talloc_zero(ctx, struct inspector);

	if (!i)
		return NULL;
	i->machine = machine;
	i->size = FIRST_SIZE;
	i->table = talloc_zero_array(i, struct known, i->size);
	if (!i->table)
		TALLOC_FREE(i);
	return i;
}

/* FNV-1a, of the path; the rest seldom differs. */
static size_t hash(const char *path)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *path; path++)
		h = (h ^ (unsigned char)*path) * 0x100000001b3;
	return (size_t)(h ^ h >> 32);
}

static bool is_same(const struct known *a, const struct known *b)
{
	return a->volume == b->volume && a->what == b->what && a->offset == b->offset &&
	       a->size == b->size && !strcmp(a->path, b->path);
}

/* Its place, or the free one that it should have. */
static struct known *find(const struct inspector *i, const struct known *key)
{
	size_t at = hash(key->path) & (i->size - 1);

	while (i->table[at].path && !is_same(&i->table[at], key))
		at = (at + 1) & (i->size - 1);
	return &i->table[at];
}

static bool grow(struct inspector *i)
{
	struct inspector larger = {.size = i->size * 2};

	larger.table = talloc_zero_array(i, struct known, larger.size);
	if (!larger.table)
		return false;
	for (size_t n = 0; n < i->size; n++)
		if (i->table[n].path)
			*find(&larger, &i->table[n]) = i->table[n];
	talloc_free(i->table);
	i->table = larger.table;
	i->size = larger.size;
	return true;
}

static ssize_t read_head(int fd, uint8_t *head, const struct known *k, uint64_t *size)
{
	struct stat st;
	uint64_t left;

	if (fstat(fd, &st) < 0)
		return -errno;
	left = (uint64_t)st.st_size > k->offset ? (uint64_t)st.st_size - k->offset : 0;
	*size = k->size && k->size < left ? k->size : left;
	return pread(fd, head, *size < IMAGE_HEAD ? *size : IMAGE_HEAD, (off_t)k->offset);
}

static int look_at_kernel(struct inspector *i, struct known *k, struct err *err)
{
	_cleanup_talloc_ uint8_t *head = talloc_size(NULL, IMAGE_HEAD);
	_cleanup_fd_ int fd = -1;
	int rc = volume_open(k->volume, k->path, &fd, err);
	struct image image;
	uint64_t size = 0;
	ssize_t n;

	if (rc < 0 || !head)
		return rc < 0 ? rc : err_errno(err, -ENOMEM, "read %s", k->path);
	n = read_head(fd, head, k, &size);
	if (n < 0)
		return err_errno(err, -errno, "read %s on %s", k->path, volume_name(k->volume));
	image_look(head, (size_t)n, size, i->machine, &image);
	k->answer.kind = image.kind;
	if (*image.reason)
		k->answer.text = talloc_strdup(i, image.reason);
	return 0;
}

static void look(struct inspector *i, struct known *k)
{
	struct err err;

	if (k->what == INSPECT_KERNEL)
		k->answer.rc = look_at_kernel(i, k, &err);
	else
		k->answer.rc = volume_has(k->volume, k->path, &err);
	if (k->answer.rc < 0)
		k->answer.text = talloc_strdup(i, err.text);
}

const struct inspected *inspect(
	struct inspector *i, const struct entry_file *file, enum inspect_what what)
{
	struct known key = {file->volume, file->path, file->offset, file->size, what, {0}};
	struct known *k;

	if (i->count >= i->size / 2 && !grow(i))
		return NULL;
	k = find(i, &key);
	if (!k->path) {
		*k = key;
		i->count++;
		look(i, k);
	}
	return &k->answer;
}
