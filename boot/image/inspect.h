/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_INSPECT_H
#define BOOT_INSPECT_H

/*
 * Looking at the files that entries name, each only once: a thousand entries may share a kernel.
 */

#include "boot/entry.h"
#include "boot/image/image.h"
#include "boot/volume/volume.h"

enum inspect_what {
	INSPECT_FILE,   /* is it there, and a file? */
	INSPECT_KERNEL, /* and what kernel is in it? */
};

struct inspected {
	int rc;               /* 0, or why it cannot be opened: -ENOENT where it is missing */
	const char *text;     /* then the sentence; else why the kernel cannot be booted, or NULL */
	enum image_kind kind; /* of a kernel */
};

/* Nothing is known yet. machine is uname(2)'s, borrowed. NULL when memory ran out. */
struct inspector *inspector_new(void *ctx, const char *machine);

/* What is known of the file, of which volume is set; found out if need be. Its path is borrowed for
 * as long as the inspector lives. The answer is valid until the next question; NULL when memory ran
 * out. */
const struct inspected *inspect(
	struct inspector *inspector, const struct entry_file *file, enum inspect_what what);

#endif
