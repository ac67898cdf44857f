/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_HANDOFF_H
#define BOOT_HANDOFF_H

/*
 * The handoff: what this boot did, carried into the next kernel. A record of one heading line
 *
 *   stillboot-handoff VERSION LENGTH CRC32\n
 *
 * (LENGTH of the body in bytes, decimal; CRC32 of it as zlib's crc32(), eight hexadecimal digits)
 * and a JSON object as body. It travels as the file stillboot/handoff of a newc cpio archive
 * behind the initrd, mode 0600. Newer versions are read as far as they are understood.
 *
 *   { "boot_id": "...", "kernel": "6.1.0-56-amd64", "entry": "...", "duration_us": N,
 *     "incomplete": "..." (only where steps and devices did not come along: why),
 *     "steps": [ { "slot", "step", "rule", "start_us", "duration_us", "result", "detail" } ],
 *     "devices": [ { "slot", "verdict": "still"|"loud"|"left", "why" } ] }
 *
 * The "slot" of an errand is its subject ("platform:i2c-0", "sys/...", a module; or "machine").
 */

#include "boot/pin.h"
#include "devices/journal.h"
#include "devices/machine.h"

struct handoff {
	const char *boot_id;    /* of the boot that wrote it */
	const char *kernel;     /* release of the kernel that wrote it */
	const char *entry;      /* title of what it jumped into */
	const char *incomplete; /* why there is no journal; NULL where there is */
	struct journal journal;
};

/* Upper bound in bytes of the archive that handoff_write() makes for the journal of this plan. */
size_t handoff_size_max(const struct plan *plan);

/* Write the archive into buf; *len is its size, a multiple of four. Allocates nothing. -ENOSPC if
 * it does not fit. */
int handoff_write(
	const struct handoff *handoff, char *buf, size_t size, size_t *len, struct err *err);

/* What this boot is: boot_id and kernel, which belong to ctx. */
int handoff_identify(struct machine *m, void *ctx, struct handoff *handoff, struct err *err);

/* Write the handoff of an image that is loaded now, before there is a journal, into its room: where it
 * cannot be loaded again later, the next kernel knows at least where it comes from. */
int handoff_write_first(
	struct machine *m, const struct pinned *pinned, const char *entry, struct err *err);

/* Read a record (not the archive around it). Bytes are hostile: -EBADMSG for a damaged one, with
 * what is wrong. The handoff belongs to ctx. */
int handoff_parse(
	const char *bytes, size_t len, void *ctx, struct handoff **handoff, struct err *err);

#define HANDOFF_MAX (4 << 20) /* bytes of the largest record that is read */

/* Find the record that the previous kernel left and parse it: run/stillboot/handoff, where an
 * initramfs hook carried it, or stillboot/handoff, where the archive put it. -ENOENT when this
 * boot did not come from a stillboot. */
int handoff_read(struct machine *m, void *ctx, struct handoff **handoff, struct err *err);

#endif
