/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_IMAGE_H
#define BOOT_IMAGE_H

/*
 * Looking at a kernel image before anything is done with it. The kernel itself checks only the
 * header: a truncated or damaged image loads, and dies after the jump, when nobody can be told any
 * more. So its length and checksum are checked here.
 */

#include <stddef.h>
#include <stdint.h>

#include "devices/err.h"

struct image {
	const char *
		format; /* "bzImage", "ELF", or NULL: not one that this code knows, which does not mean
			       that the kernel or kexec-tools know no better */
	size_t cmdline_max; /* longest command line in bytes without its NUL */
	char version[64];   /* "6.1.0-56-amd64", "" if it does not say */
};

/* Examine the bytes. -EBADMSG if they are a damaged image, with a sentence that names the damage;
 * 0 otherwise. */
int image_examine(const uint8_t *bytes, size_t len, struct image *image, struct err *err);

#endif
