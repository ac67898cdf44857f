/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_AUDIT_FILE_H
#define DEVICES_AUDIT_FILE_H

/*
 * Inside the driver audit: the bytes of a module file, unpacked. libzstd and liblzma are loaded when
 * the first such file is met, so that a start does not pay for them; in an initramfs they may be
 * missing.
 */

#include <stddef.h>

#include "devices/err.h"

/* Room for one file and what is in it. The pages are the kernel's until they are touched, and are
 * used again for the next file. Linux modules are below 30 MiB, with debugging symbols some below
 * 300. */
struct audit_buffer {
	unsigned char *packed, *plain;
};

#define AUDIT_FILE_MAX ((size_t)512 << 20)

int audit_buffer_open(struct audit_buffer *b, struct err *err);
void audit_buffer_close(struct audit_buffer *b);

/* Is this the name of a module file? Then *stem is the length of its name without suffixes. */
int audit_is_module(const char *file, size_t *stem);

/* Read and unpack the module file below dirfd; *bytes points into the buffer. */
int audit_file_read(struct audit_buffer *b, int dirfd, const char *file, const void **bytes,
	size_t *size, struct err *err);

#endif
