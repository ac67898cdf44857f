// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/crash/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/clock.h"

#define PAGE 4096
#define BLOCK (64 * PAGE)
#define TELL_US 1000000 /* between two words of how far it is */

struct copy {
	const struct pipeline *p;
	int from, to, said;
	int has_holes;   /* it goes into a file */
	uint64_t at;     /* this far */
	uint64_t size;   /* of it all, 0 if not known */
	uint64_t filled; /* what is no hole */
	uint64_t told_us;
};

static void tell(struct copy *c)
{
	const unsigned int permille = c->size ? (unsigned int)(c->at * 1000 / c->size) : 0;

	dprintf(c->said, "Copying all memory : [%3u.%u %%]\r", permille / 10, permille % 10);
	c->told_us = clock_now_us();
}

static int put(struct copy *c, const char *bytes, size_t count)
{
	while (count) {
		ssize_t n = write(c->to, bytes, count);

		if (n < 0 && errno != EINTR)
			return -errno;
		bytes += n > 0 ? n : 0;
		count -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int is_zero(const char *bytes, size_t count)
{
	return !*bytes && !memcmp(bytes, bytes + 1, count - 1);
}

static int put_page(struct copy *c, const char *bytes, size_t count)
{
	if (c->has_holes && is_zero(bytes, count))
		return lseek(c->to, (off_t)count, SEEK_CUR) < 0 ? -errno : 0;
	c->filled += count;
	/* A limit of the file's size would count holes too; so it ends as if it had been one. */
	if (c->p->file_max && c->filled > c->p->file_max)
		raise(SIGXFSZ);
	return put(c, bytes, count);
}

static int put_block(struct copy *c, const char *bytes, size_t count)
{
	int rc = 0;

	if (!c->has_holes)
		return put_page(c, bytes, count);
	for (size_t at = 0; at < count && rc == 0; at += PAGE)
		rc = put_page(c, bytes + at, count - at < PAGE ? count - at : PAGE);
	return rc;
}

static int copy_all(struct copy *c)
{
	char block[BLOCK];
	ssize_t n = 1;
	int rc = 0;

	while (rc == 0 && n > 0) {
		n = read(c->from, block, sizeof(block));
		if (n < 0)
			return -errno;
		rc = n ? put_block(c, block, (size_t)n) : 0;
		c->at += (uint64_t)n;
		if (clock_now_us() - c->told_us >= TELL_US)
			tell(c);
	}
	if (rc == 0 && !c->at)
		rc = -ENODATA;
	/* It may end with a hole. */
	if (rc == 0 && c->has_holes && ftruncate(c->to, (off_t)c->at) < 0)
		rc = -errno;
	return rc;
}

int copy_vmcore(const struct pipeline *p, int out, int said)
{
	const char *from = p->first[1], *to = p->first[2];
	_cleanup_fd_ int source = open(from, O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int file = to ? open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	struct copy c = {.p = p,
		.from = source,
		.to = to ? file : out,
		.said = said,
		.has_holes = to != NULL};
	struct stat st;
	int rc = -errno;

	if (source >= 0 && c.to >= 0) {
		c.size = fstat(source, &st) == 0 ? (uint64_t)st.st_size : 0;
		rc = copy_all(&c);
	}
	if (rc < 0)
		dprintf(said, "%s at byte %llu\n", strerror(-rc), (unsigned long long)c.at);
	else
		tell(&c);
	return rc < 0;
}
