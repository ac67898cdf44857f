/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LEAVE_EXITRD_TARGET_H
#define BOOT_LEAVE_EXITRD_TARGET_H

/*
 * stillboot/target.json of an exitrd: what is to be booted from it. Written and read by the same
 * program, and read strictly all the same: a tree that is not as it was made is not booted from.
 *
 *   { "version": 2, "title": "...", "format": "bzImage", "kernel_size": N, "initrd_size": N,
 *     "start_size": N, "handoff_offset": N, "handoff_room": N, "reboot_is_kexec": false }
 *
 * Sizes in bytes; an initrd_size of 0 is no initrd, start_size is what the kernel needs to start, 0 where it
 * does not say (image.h). The handoff's room begins within the initrd where a
 * first handoff is, and goes on behind its end (pin.h).
 */

#include "boot/leave/exitrd.h"

#define EXITRD_TARGET_MAX 65536 /* bytes of the largest that is read */
#define EXITRD_TITLE_MAX 1024   /* bytes; what is longer is cut */

struct exitrd_target {
	const char *title;  /* UTF-8 */
	const char *format; /* of the kernel, "" if it is not known */
	size_t kernel_size, initrd_size;
	uint64_t start_size;
	size_t handoff_offset, handoff_room;
	int reboot_is_kexec;
};

/* As JSON text, malloc'ed; NULL if there is no memory. */
char *exitrd_target_write(const struct exitrd *what);

/* And back: -EBADMSG with what is wrong. It belongs to ctx. */
int exitrd_target_parse(
	const char *bytes, size_t len, void *ctx, struct exitrd_target **target, struct err *err);

/* Read that of the tree in this directory ("" for the root itself). */
int exitrd_target_read(struct machine *m, void *ctx, const char *directory,
	struct exitrd_target **target, struct err *err);

/* Open what is to be booted, with this process in the tree; no copy is made. The command line belongs
 * to ctx, the files are the caller's (pin_release()). -EBADMSG if a file is not as long as it was. */
int exitrd_target_open(struct machine *m, void *ctx, const struct exitrd_target *target,
	struct pinned *pinned, struct err *err);

#endif
