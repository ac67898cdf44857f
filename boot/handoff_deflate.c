// SPDX-License-Identifier: GPL-2.0-or-later
/* Large texts within a handoff: zlib makes them a tenth and less, base64 fit for JSON. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>
#include <zlib.h>

#include "boot/handoff_parts.h"
#include "devices/cleanup.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648, section 4. */
static char *encode(void *ctx, const uint8_t *bytes, size_t len)
{
	char *text = talloc_size(ctx, (len + 2) / 3 * 4 + 1), *to = text;

	for (size_t i = 0; text && i < len; i += 3) {
		const size_t n = len - i < 3 ? len - i : 3;
		const uint32_t group = (uint32_t)bytes[i] << 16 |
				       (n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
				       (n > 2 ? bytes[i + 2] : 0);

		for (size_t k = 0; k < 4; k++)
			*to++ = k <= n ? digits[group >> (18 - 6 * k) & 63] : '=';
	}
	if (text)
		*to = '\0';
	return text;
}

/* Strictly: nothing but digits in groups of four, the last one filled up. Returns bytes, or -EBADMSG. */
static long decode(const char *text, size_t len, uint8_t *bytes)
{
	const size_t fill = len && text[len - 1] == '=' ? 1U + (text[len - 2] == '=') : 0;
	uint8_t *to = bytes;

	for (size_t i = 0; i < len; i += 4) {
		uint32_t group = 0;

		for (size_t k = 0; k < 4; k++) {
			const char c = text[i + k];
			const char *digit = i + k < len - fill && c ? strchr(digits, c) : NULL;

			if (!digit && i + k < len - fill)
				return -EBADMSG;
			group = group << 6 | (digit ? (uint32_t)(digit - digits) : 0);
		}
		*to++ = (uint8_t)(group >> 16);
		*to++ = (uint8_t)(group >> 8);
		*to++ = (uint8_t)group;
	}
	return to - bytes - (long)fill;
}

char *handoff_deflate(void *ctx, const char *text)
{
	const size_t len = strlen(text);
	uLongf packed_len = compressBound(len);
	_cleanup_talloc_ uint8_t *packed = talloc_size(NULL, packed_len);

	if (!packed || compress(packed, &packed_len, (const Bytef *)text, len) != Z_OK)
		return NULL;
	return encode(ctx, packed, packed_len);
}

static void cleanup_inflate(z_stream *z)
{
	inflateEnd(z);
}

/* The room grows with what comes out, so that a length is believed only when it is there. */
static int run(z_stream *z, void *ctx, size_t limit, char **text)
{
	size_t room = 0;
	int rc = Z_OK;

	*text = NULL;
	while (rc == Z_OK || rc == Z_BUF_ERROR) {
		if (room && (rc == Z_BUF_ERROR || !z->avail_in) && z->avail_out)
			return -EBADMSG; /* it ends too early */
		if (room > limit)
			return -EFBIG;
		room = room ? 2 * room : 64 << 10;
		*text = talloc_realloc_size(ctx, *text, room + 1);
		if (!*text)
			return -ENOMEM;
		z->next_out = (Bytef *)*text + z->total_out;
		z->avail_out = (uInt)(room - z->total_out);
		rc = inflate(z, Z_NO_FLUSH);
	}
	if (rc != Z_STREAM_END)
		return -EBADMSG;
	(*text)[z->total_out] = '\0';
	if (z->total_out > limit)
		return -EFBIG;
	return strlen(*text) == z->total_out ? 0 : -EBADMSG;
}

int handoff_inflate(void *ctx, const char *base64, size_t limit, char **text)
{
	__attribute__((cleanup(cleanup_inflate))) z_stream z = {0};
	const size_t len = strlen(base64);
	_cleanup_talloc_ uint8_t *packed = talloc_size(NULL, len + 1);
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	char *unpacked;
	long n;
	int rc;

	if (!packed || !tmp)
		return -ENOMEM;
	n = len % 4 ? -EBADMSG : decode(base64, len, packed);
	if (n < 0)
		return (int)n;
	z.next_in = packed;
	z.avail_in = (uInt)n;
	if (inflateInit(&z) != Z_OK)
		return -ENOMEM;
	rc = run(&z, tmp, limit, &unpacked);
	if (rc < 0)
		return rc;
	*text = talloc_steal(ctx, talloc_realloc_size(tmp, unpacked, z.total_out + 1));
	return *text ? 0 : -ENOMEM;
}
