/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_CRASH_DUMP_PARTS_H
#define BOOT_CRASH_DUMP_PARTS_H

/* What dump.c, dump_local.c and dump_remote.c share. */

#include <sys/statvfs.h>

#include "boot/crash/dump.h"
#include "boot/crash/pipeline.h"

#define DUMP_VMCORE "proc/vmcore"
/* makedumpfile tells its progress every second (makedumpfile's print_info.c, print_progress()). */
#define DUMP_QUIET_MS 300000
#define DUMP_INCOMPLETE "dump-incomplete"
/* Where makedumpfile cannot make one. */
#define DUMP_COPY "vmcore"
#define DUMP_COPY_INCOMPLETE "vmcore-incomplete"

struct pipeline dump_pipeline(struct dump *d, const char *const *first, const char *const *second);
/* What makedumpfile is called with for the dump, with more options before the user's; out may be NULL. Both
 * belong to ctx; NULL when memory ran out. */
const char **dump_command(struct dump *d, void *ctx, const char *const *more, const char *out);
const char **dump_messages_command(struct dump *d, void *ctx, const char *out);

/* After makedumpfile has failed so: would a copy of all the memory help (copy.h)? Says so then. Not where there
 * is no room, nothing moves, or the other machine does not take it. */
int dump_wants_copy(int rc, const struct err *why);
/* What copies it, into the file or to the second; ctx as above. */
struct pipeline dump_copying(struct dump *d, void *ctx, const char *out, const char *const *second);

/* What remains of a file whose making failed so: kept, a part is better than nothing; but not where it is empty, or
 * takes the room that is to stay free. Where nothing moves it is not even looked at. */
void dump_tidy(int rc, const char *path);

/* "HOST-STAMP", what a dump is called where those of many machines lie: HOST is proc/sys/kernel/hostname or, where an
 * initramfs has set none, etc/hostname or the beginning of etc/machine-id. Of it only [A-Za-z0-9._-] stays, the
 * rest becomes '_'. Belongs to ctx; NULL when memory ran out. */
char *dump_name(struct dump *d, void *ctx);

/* Bytes that a dump may take of a filesystem. */
uint64_t dump_room(const struct statvfs *fs);

int dump_save_local(struct dump *d, void *ctx, struct err *err);
int dump_save_remote(struct dump *d, void *ctx, struct err *err);

#endif
