/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_CRASH_RECORD_H
#define BOOT_CRASH_RECORD_H

/*
 * What crash kernel stillboot has loaded, in run/stillboot/crash: a JSON object
 *
 *   { "time", "entry", "kernel", "cmdline", "saver",
 *     "files": [ { "path", "size", "mtime" } ] }
 *
 * so that `stillboot crash status` can tell whether the files are still those that were loaded. The kernel
 * itself says only that there is one; somebody else's that was loaded over it is not told apart.
 */

#include <stddef.h>
#include <stdint.h>

#include "devices/machine.h"

#define CRASH_RECORD "run/stillboot/crash"
#define CRASH_RECORD_MAX (64 << 10) /* bytes */
#define CRASH_FILES_MAX 20          /* a kernel and its initrds */

struct crash_file {
	const char *path; /* from the root, without a slash; NULL where it has no place there */
	uint64_t size;    /* bytes */
	int64_t mtime_ns; /* nanoseconds since 1970 */
};

struct crash_record {
	int64_t time;        /* seconds since 1970 */
	const char *entry;   /* its title */
	const char *kernel;  /* its version, "" where the image does not say */
	const char *cmdline; /* without what the kernel adds */
	const char *saver;   /* as in struct crash_saver; "" for nobody */
	struct crash_file files[CRASH_FILES_MAX];
	size_t file_count;
};

/* Take down what an open file is; its path belongs to ctx. Nothing for one too many. */
void crash_record_add(struct machine *m, void *ctx, int fd, struct crash_record *r);

enum crash_file_state { CRASH_FILE_SAME, CRASH_FILE_CHANGED, CRASH_FILE_GONE, CRASH_FILE_UNKNOWN };
enum crash_file_state crash_file_look(struct machine *m, const struct crash_file *file);
/* "same", "changed", "gone", "unknown". */
const char *crash_file_state_name(enum crash_file_state state);

/* Effects of the machine. */
int crash_record_write(struct machine *m, const struct crash_record *r, struct err *err);
void crash_record_remove(struct machine *m);

/* -ENOENT where there is none; -EBADMSG with what is wrong. The record belongs to ctx. */
int crash_record_read(struct machine *m, void *ctx, struct crash_record **r, struct err *err);
/* Bytes are hostile. */
int crash_record_parse(
	const char *bytes, size_t len, void *ctx, struct crash_record **r, struct err *err);

#endif
