/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_PREINIT_H
#define BOOT_PREINIT_H

/*
 * The record of what `stillboot preinit` did in this boot's initramfs, before the first driver was loaded:
 * the file run/stillboot/preinit, for root alone, one JSON object:
 *
 *   { "boot": "firmware"|"kexec"|"crash", "begin_us": N, "end_us": N, "uptime_us": N, "hung": N,
 *     "off": "..." (only where nothing was done: why),
 *     "handoff": "..." (only where one was there and was not taken: why),
 *     "duration_us": N, "steps": [...], "devices": [...] (both as in the handoff's record, handoff.h),
 *     "restored": [ { "slot", "register", "offset", "from": "baseline"|"before", "was", "is" } ] }
 *
 * "devices" has a verdict for every function that was there: still, loud, or left as it is and why.
 */

#include "devices/boot_kind.h"
#include "devices/journal.h"
#include "devices/machine.h"

#define PREINIT_FILE "run/stillboot/preinit"

/* Whose value a register was given. */
enum preinit_source {
	PREINIT_BASELINE, /* the firmware's: a reset, here or before the jump, had cleared it */
	PREINIT_BEFORE,   /* what stood there before a reset here */
};

/* One register that was put back. */
struct preinit_restored {
	char slot[PCI_SLOT_MAX];
	char reg[48];        /* its name, as in config_registers.h */
	unsigned int offset; /* in the configuration space */
	enum preinit_source source;
	uint32_t was, is; /* as the reset left it; as it is now */
};

struct preinit {
	enum boot_kind boot;
	/* CLOCK_REALTIME, microseconds since 1970; and how long this kernel ran when it began. */
	uint64_t begin_us, end_us, uptime_us;
	size_t hung;     /* steps that never came back: their devices stay locked */
	const char *off; /* why nothing was done; NULL where the devices were looked at */
	const char *
		handoff; /* why the handoff that was there was not taken; NULL where it was, or none was */
	struct journal journal;
	struct preinit_restored *restored;
	size_t restored_count;
};

/* It as a jansson value, which the caller releases; NULL when memory ran out. */
struct json_t;
struct json_t *preinit_json(const struct preinit *p);

/* Write it. */
int preinit_write(struct machine *m, const struct preinit *p, struct err *err);

/* Read it: it belongs to ctx. -ENOENT when preinit did not run in this boot, -EBADMSG for what is no such
 * record; what a newer version wrote besides is passed over. */
int preinit_read(struct machine *m, void *ctx, struct preinit **p, struct err *err);

/* The same of bytes. */
int preinit_parse(const char *bytes, size_t len, void *ctx, struct preinit **p, struct err *err);

#endif
