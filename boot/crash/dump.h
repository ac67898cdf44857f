/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_CRASH_DUMP_H
#define BOOT_CRASH_DUMP_H

/*
 * Saving a dump, in the crash kernel: proc/vmcore is the memory of the kernel that crashed, and makedumpfile
 * writes of it what a debugger needs. Into FOLDER/STAMP/, as kdump-tools names them: first the kernel's
 * messages, dmesg.STAMP, small and most often enough; then the dump, dump.STAMP. Until a file is complete
 * and on the disk it is called dump-incomplete. A twentieth of the filesystem, at most 256 MiB, stays free; where
 * the dump would take that there are only the messages. A folder that is there already is never taken:
 * STAMP-1 and so on. On another machine, where those of many lie, the folder is HOST-STAMP, HOST-STAMP-1; and the dump is flat.STAMP, which
 * `makedumpfile -R dump <flat.STAMP` makes one that debuggers read. Where makedumpfile is not there or fails (it
 * may not know the kernel) all of proc/vmcore is copied, as vmcore.STAMP. What broke off is kept under the name that
 * it has until then.
 */

#include <stdint.h>

#include "boot/crash/place.h"
#include "devices/machine.h"

#define DUMP_DEFAULT_FOLDER "/var/crash"
#define DUMP_DEFAULT_ARGUMENTS "-l -d 31"
#define DUMP_ARGUMENTS_MAX 16 /* words */

/* Where makedumpfile is. */
struct dump_progress {
	char what[64];         /* "Copying data" */
	unsigned int permille; /* of this */
};

/* A line of makedumpfile's; 0 if it tells no progress. */
int dump_progress_parse(const char *line, struct dump_progress *progress);

struct dump {
	struct machine *m;
	struct crash_place place;
	const char *stamp;     /* "20261121233000": names the folder and the files */
	const char *arguments; /* makedumpfile's, parted by blanks */
	void (*watch)(void *ctx, const struct dump_progress *progress);
	void *ctx;
	/* Results: where things are, "/var/crash/STAMP" or "HOST:/..."; belongs to the talloc context
	 * given. */
	const char *saved_to;
	int has_messages, has_dump;
};

/* Is this the crash kernel? */
int dump_is_there(struct machine *m);

/* Save it. -ENOENT where ssh is not installed, -ENOSPC with figures where the dump would not
 * fit (asked beforehand where the folder has less than a quarter of the memory that crashed), -EFBIG where it turns out not to, -ETIME where
 * nothing moves any more, else what was said. The messages may have been saved all the same. Effects of the
 * machine. */
int dump_save(struct dump *d, void *ctx, struct err *err);

#endif
