/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_SERVICE_RECORD_H
#define BOOT_SERVICE_RECORD_H

/*
 * What is preloaded, and what was tried, each a small JSON object in a file of its own:
 *
 *   { "boot_id", "time", "entry", "kernel", "by": "load"|"reboot"|"service", "handoff": true, "told" }
 *
 * run/stillboot/preloaded stands beside a kernel that is loaded. var/lib/stillboot/attempt is written
 * when the machine is about to leave, while the disk can still be written, and removed when a boot has
 * arrived that carries the handoff of that boot id: so what is left there did not arrive.
 * "told" is the boot id of the boot that was told so: no other one is.
 */

#include <stdint.h>

#include "devices/machine.h"

#define RECORD_PRELOADED "run/stillboot/preloaded"
#define RECORD_ATTEMPT "var/lib/stillboot/attempt"
#define RECORD_MAX (16 << 10) /* bytes */

enum record_by {
	RECORD_BY_LOAD,    /* `stillboot load` */
	RECORD_BY_REBOOT,  /* `stillboot reboot` */
	RECORD_BY_SERVICE, /* stillboot.service, of the configuration */
};

struct record {
	const char *boot_id; /* of the boot in which it was written */
	int64_t time;        /* seconds since 1970 */
	const char *entry;   /* its title */
	const char *kernel;  /* its version, "" where the image does not say */
	enum record_by by;
	const char *told; /* the boot that was told that it did not arrive; NULL for none */
	int has_handoff;  /* the next kernel will be told: there is room for a handoff */
};

/* Fill in boot id and time of now; strings belong to ctx. -ENOMEM, and what reading gives. */
int record_stamp(struct machine *m, void *ctx, struct record *r, struct err *err);

/* Effects of the machine. */
int record_write(struct machine *m, const char *path, const struct record *r, struct err *err);
void record_remove(struct machine *m, const char *path);

/* -ENOENT where there is none; -EBADMSG with what is wrong. The record belongs to ctx. */
int record_read(struct machine *m, void *ctx, const char *path, struct record **r, struct err *err);
/* Bytes are hostile. */
int record_parse(const char *bytes, size_t len, void *ctx, struct record **r, struct err *err);

/* "load", "reboot", "service". */
const char *record_by_name(enum record_by by);

#endif
