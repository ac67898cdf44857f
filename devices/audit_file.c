// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/audit_file.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "devices/cleanup.h"
#include "devices/library.h"

#define LZMA_MEMORY_MAX ((uint64_t)256 << 20) /* scripts/Makefile.modinst packs with 1 to 64 MiB */

static int unpack_plain(
	const struct audit_buffer *b, size_t packed, const void **bytes, size_t *size)
{
	*bytes = b->packed;
	*size = packed;
	return 0;
}

static int unpack_gzip(
	const struct audit_buffer *b, size_t packed, const void **bytes, size_t *size)
{
	z_stream z = {.next_in = b->packed,
		.avail_in = (uInt)packed,
		.next_out = b->plain,
		.avail_out = (uInt)AUDIT_FILE_MAX};
	int rc;

	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) /* 16: with gzip's header */
		return -ENOMEM;
	rc = inflate(&z, Z_FINISH);
	*size = z.total_out;
	*bytes = b->plain;
	inflateEnd(&z);
	return rc == Z_STREAM_END ? 0 : -EBADMSG;
}

static int unpack_xz(const struct audit_buffer *b, size_t packed, const void **bytes, size_t *size)
{
	__typeof__(lzma_stream_buffer_decode) *decode;
	const struct library_function wanted = {&decode, "lzma_stream_buffer_decode"};
	uint64_t memory = LZMA_MEMORY_MAX;
	size_t in = 0;

	*size = 0;
	*bytes = b->plain;
	if (library_load("liblzma.so.5", &wanted, 1) < 0)
		return -ELIBACC;
	return decode(&memory, 0, NULL, b->packed, &in, packed, b->plain, size, AUDIT_FILE_MAX) ==
			       LZMA_OK
		       ? 0
		       : -EBADMSG;
}

static int unpack_zstd(
	const struct audit_buffer *b, size_t packed, const void **bytes, size_t *size)
{
	__typeof__(ZSTD_decompress) *decode;
	const struct library_function wanted = {&decode, "ZSTD_decompress"};

	if (library_load("libzstd.so.1", &wanted, 1) < 0)
		return -ELIBACC;
	*bytes = b->plain;
	*size = decode(b->plain, AUDIT_FILE_MAX, b->packed, packed);
	return *size <= AUDIT_FILE_MAX ? 0 : -EBADMSG; /* errors are huge: ZSTD_isError() */
}

/* scripts/Makefile.modinst: the suffixes that a kernel's own build gives. */
static const struct {
	const char *suffix, *library;
	int (*unpack)(
		const struct audit_buffer *b, size_t packed, const void **bytes, size_t *size);
} formats[] = {
	{".ko", NULL, unpack_plain},
	{".ko.gz", "zlib", unpack_gzip},
	{".ko.xz", "liblzma", unpack_xz},
	{".ko.zst", "libzstd", unpack_zstd},
};

#define COUNT (sizeof(formats) / sizeof(*formats))

static size_t format_of(const char *file, size_t *stem)
{
	size_t length = strlen(file);

	for (size_t i = 0; i < COUNT; i++) {
		size_t suffix = strlen(formats[i].suffix);

		if (length <= suffix || strcmp(file + length - suffix, formats[i].suffix))
			continue;
		*stem = length - suffix;
		return i;
	}
	return COUNT;
}

int audit_is_module(const char *file, size_t *stem)
{
	return format_of(file, stem) < COUNT;
}

static int read_whole(int fd, unsigned char *buf, size_t *size)
{
	for (*size = 0; *size < AUDIT_FILE_MAX;) {
		ssize_t n = read(fd, buf + *size, AUDIT_FILE_MAX - *size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		*size += (size_t)n;
	}
	return -EFBIG;
}

int audit_file_read(struct audit_buffer *b, int dirfd, const char *file, const void **bytes,
	size_t *size, struct err *err)
{
	_cleanup_fd_ int fd = openat(dirfd, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t stem, packed, format = format_of(file, &stem);
	struct stat st;
	int rc;

	if (fd < 0)
		return err_errno(err, -errno, "open %s", file);
	if (format == COUNT || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "%s is no module file", file);
	rc = read_whole(fd, b->packed, &packed);
	if (rc < 0)
		return err_errno(err, rc, "read %s", file);
	rc = formats[format].unpack(b, packed, bytes, size);
	if (rc == -ELIBACC)
		return err_set(err, rc, "%s is compressed, and %s is not installed", file,
			formats[format].library);
	if (rc < 0)
		return err_set(err, rc, "%s does not unpack: it is damaged or too large", file);
	return 0;
}

int audit_buffer_open(struct audit_buffer *b, struct err *err)
{
	void *room = mmap(NULL, 2 * AUDIT_FILE_MAX, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		return err_errno(err, -errno, "make room for module files");
	b->packed = room;
	b->plain = b->packed + AUDIT_FILE_MAX;
	return 0;
}

void audit_buffer_close(struct audit_buffer *b)
{
	munmap(b->packed, 2 * AUDIT_FILE_MAX);
}
