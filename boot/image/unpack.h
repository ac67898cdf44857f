/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_UNPACK_H
#define BOOT_UNPACK_H

/*
 * Unpacking compressed kernels, by zlib, liblzma and libzstd. The first stream counts; what follows
 * it (the kernel's build appends the size) is passed over. The bytes are hostile: how much comes
 * out is limited by the caller, how much memory a stream may ask for by UNPACK_MEMORY_MAX.
 */

#include <stddef.h>
#include <stdint.h>

#include "devices/err.h"

enum packing {
	PACKING_NONE,
	PACKING_GZIP,
	PACKING_XZ,
	PACKING_ZSTD,
};

/* Dictionaries of 64 MiB (`xz -9`) and windows of 128 MiB (`zstd --ultra -22`) are the largest that
 * kernels are packed with; only what is used of them takes memory. */
#define UNPACK_MEMORY_MAX ((uint64_t)160 << 20)
#define UNPACK_WINDOW_LOG_MAX 27

/* Unpack all to the descriptor. -EBADMSG if the stream is damaged or cut off, -EFBIG if more than
 * limit bytes come out, -ENOMEM, or what writing says. */
int unpack(enum packing packing, const uint8_t *bytes, size_t len, int fd, uint64_t limit,
	struct err *err);

/* Unpack the beginning of a stream of which perhaps only the beginning is there: at most size
 * bytes. Returns how many came out, -EBADMSG if the stream is damaged there. */
long unpack_head(enum packing packing, const uint8_t *bytes, size_t len, uint8_t *head, size_t size,
	struct err *err);

#endif
