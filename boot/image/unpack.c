// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/image/unpack.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "devices/cleanup.h"

#define BLOCK ((size_t)128 << 10)

/* One step of a decoder: fills the block as far as it can. */
enum progress {
	PROGRESS_MORE, /* there is room left or the block is full: go on */
	PROGRESS_END,  /* of the stream */
	PROGRESS_CUT,  /* the input ends within the stream */
	PROGRESS_DAMAGED,
	PROGRESS_NO_MEMORY,
};

struct stream {
	const uint8_t *in; /* what is left */
	size_t in_len;
	uint8_t *out; /* to be filled from its beginning, of out_size bytes */
	size_t out_size, out_len;
	union {
		z_stream gzip;
		lzma_stream xz;
		ZSTD_DStream *zstd;
	} state;
};

struct decoder {
	const char *name;
	bool (*begin)(struct stream *s);
	enum progress (*step)(struct stream *s);
	void (*end)(struct stream *s);
};

#define GZIP_WRAPPER 16 /* zlib.h, inflateInit2: "decode only the gzip format" */

static bool gzip_begin(struct stream *s)
{
	memset(&s->state.gzip, 0, sizeof(s->state.gzip));
	return inflateInit2(&s->state.gzip, MAX_WBITS + GZIP_WRAPPER) == Z_OK;
}

static enum progress gzip_step(struct stream *s)
{
	z_stream *z = &s->state.gzip;
	uInt in = s->in_len < UINT32_MAX ? (uInt)s->in_len : UINT32_MAX;
	int rc;

	z->next_in = (Bytef *)s->in;
	z->avail_in = in;
	z->next_out = s->out;
	z->avail_out = (uInt)s->out_size;
	rc = inflate(z, Z_NO_FLUSH);
	s->in += in - z->avail_in;
	s->in_len -= in - z->avail_in;
	s->out_len = s->out_size - z->avail_out;
	if (rc == Z_STREAM_END)
		return PROGRESS_END;
	if (rc == Z_BUF_ERROR || (rc == Z_OK && !s->in_len && z->avail_out))
		return PROGRESS_CUT;
	if (rc == Z_OK)
		return PROGRESS_MORE;
	return rc == Z_MEM_ERROR ? PROGRESS_NO_MEMORY : PROGRESS_DAMAGED;
}

static void gzip_end(struct stream *s)
{
	inflateEnd(&s->state.gzip);
}

static bool xz_begin(struct stream *s)
{
	s->state.xz = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&s->state.xz, UNPACK_MEMORY_MAX, 0) == LZMA_OK;
}

static enum progress xz_step(struct stream *s)
{
	lzma_stream *z = &s->state.xz;
	lzma_ret rc;

	z->next_in = s->in;
	z->avail_in = s->in_len;
	z->next_out = s->out;
	z->avail_out = s->out_size;
	rc = lzma_code(z, LZMA_RUN);
	s->in = z->next_in;
	s->in_len = z->avail_in;
	s->out_len = s->out_size - z->avail_out;
	if (rc == LZMA_STREAM_END)
		return PROGRESS_END;
	if (rc == LZMA_BUF_ERROR || (rc == LZMA_OK && !s->in_len && z->avail_out))
		return PROGRESS_CUT;
	if (rc == LZMA_OK)
		return PROGRESS_MORE;
	return rc == LZMA_MEM_ERROR || rc == LZMA_MEMLIMIT_ERROR ? PROGRESS_NO_MEMORY
								 : PROGRESS_DAMAGED;
}

static void xz_end(struct stream *s)
{
	lzma_end(&s->state.xz);
}

static bool zstd_begin(struct stream *s)
{
	s->state.zstd = ZSTD_createDStream();
	if (!s->state.zstd)
		return false;
	ZSTD_DCtx_setParameter(s->state.zstd, ZSTD_d_windowLogMax, UNPACK_WINDOW_LOG_MAX);
	return true;
}

static enum progress zstd_step(struct stream *s)
{
	ZSTD_inBuffer in = {s->in, s->in_len, 0};
	ZSTD_outBuffer out = {s->out, s->out_size, 0};
	size_t rc = ZSTD_decompressStream(s->state.zstd, &out, &in);

	s->in += in.pos;
	s->in_len -= in.pos;
	s->out_len = out.pos;
	if (ZSTD_isError(rc))
		return PROGRESS_DAMAGED;
	if (rc == 0)
		return PROGRESS_END;
	return !s->in_len && out.pos < out.size ? PROGRESS_CUT : PROGRESS_MORE;
}

static void zstd_end(struct stream *s)
{
	ZSTD_freeDStream(s->state.zstd);
}

static const struct decoder decoders[] = {
	[PACKING_GZIP] = {"gzip", gzip_begin, gzip_step, gzip_end},
	[PACKING_XZ] = {"xz", xz_begin, xz_step, xz_end},
	[PACKING_ZSTD] = {"zstd", zstd_begin, zstd_step, zstd_end},
};

static int explain(const struct decoder *d, enum progress progress, struct err *err)
{
	if (progress == PROGRESS_NO_MEMORY)
		return err_set(
			err, -ENOMEM, "its %s data needs too much memory to unpack", d->name);
	return err_set(err, -EBADMSG, "its %s data is %s", d->name,
		progress == PROGRESS_CUT ? "cut off" : "damaged");
}

static int write_all(int fd, const uint8_t *bytes, size_t len, struct err *err)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, -errno, "write what was unpacked");
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int run(const struct decoder *d, struct stream *s, int fd, uint64_t limit, struct err *err)
{
	enum progress progress;
	uint64_t total = 0;
	int rc;

	do {
		progress = d->step(s);
		total += s->out_len;
		if (total > limit)
			return err_set(err, -EFBIG, "it unpacks to more than %llu MiB",
				(unsigned long long)limit >> 20);
		rc = write_all(fd, s->out, s->out_len, err);
	} while (rc == 0 && progress == PROGRESS_MORE);
	return rc < 0 || progress == PROGRESS_END ? rc : explain(d, progress, err);
}

int unpack(enum packing packing, const uint8_t *bytes, size_t len, int fd, uint64_t limit,
	struct err *err)
{
	const struct decoder *d = &decoders[packing];
	_cleanup_talloc_ uint8_t *block = talloc_array(NULL, uint8_t, BLOCK);
	struct stream s = {.in = bytes, .in_len = len, .out = block, .out_size = BLOCK};
	int rc;

	if (!block || !d->begin(&s))
		return err_errno(err, -ENOMEM, "unpack %s", d->name);
	rc = run(d, &s, fd, limit, err);
	d->end(&s);
	return rc;
}

long unpack_head(enum packing packing, const uint8_t *bytes, size_t len, uint8_t *head, size_t size,
	struct err *err)
{
	const struct decoder *d = &decoders[packing];
	struct stream s = {.in = bytes, .in_len = len, .out = head, .out_size = size};
	enum progress progress;

	if (!d->begin(&s))
		return err_errno(err, -ENOMEM, "unpack %s", d->name);
	do {
		progress = d->step(&s);
		s.out += s.out_len;
		s.out_size -= s.out_len;
	} while (progress == PROGRESS_MORE && s.out_size);
	d->end(&s);
	if (progress == PROGRESS_DAMAGED || progress == PROGRESS_NO_MEMORY)
		return explain(d, progress, err);
	return (long)(size - s.out_size);
}
