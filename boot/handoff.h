/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_HANDOFF_H
#define BOOT_HANDOFF_H

/*
 * The handoff: what this boot did and knows, carried into the next kernel. A record of one heading line
 *
 *   stillboot-handoff VERSION LENGTH CRC32\n
 *
 * (LENGTH of the body in bytes, decimal; CRC32 of it as zlib's crc32(), eight hexadecimal digits;
 * blanks may stand before the line's end) and a JSON object as body. It travels as the file
 * stillboot/handoff of a newc cpio archive behind the initrd, mode 0600, in a directory of mode 0700.
 * This is version 2; version 1 had no tie, and of the members only those without a star. Newer versions
 * are read as far as they are understood.
 *
 *   { "boot_id": "...", "kernel": "6.1.0-56-amd64", "entry": "...", "duration_us": N,
 *     "incomplete": "..." (only where steps and devices did not come along: why),
 *   * "hops": N,
 *   * "crash": true (only where it is),
 *   * "times": { "request_us", "services_down_us", "quiesce_begin_us", "quiesce_end_us", "jump_us" },
 *   * "messages": [ "..." ],
 *   * "baseline": "...", "saved": "..." (base64 of a zlib stream, RFC 4648 and 1950),
 *     "steps": [ { "slot", "step", "rule", "start_us", "duration_us", "result", "detail" } ],
 *     "devices": [ { "slot", "verdict": "still"|"loud"|"left", "why" } ] }
 *
 * The "slot" of an errand is its subject ("platform:i2c-0", "sys/...", a module; or "machine").
 *
 * A record of version 2 is tied to its jump (handoff_tie.h): the command line of the kernel that it is
 * for names its digest. One that is not named there is of another jump, and is not read.
 */

#include "boot/handoff_tie.h"
#include "boot/pin.h"
#include "devices/journal.h"
#include "devices/machine.h"

#define HANDOFF_VERSION 2

/* CLOCK_REALTIME in microseconds since 1970, which the next kernel's clock goes on with; 0 where nobody
 * knows. */
struct handoff_times {
	uint64_t request_us;       /* somebody wanted it */
	uint64_t services_down_us; /* the system had ended; 0 where it was not to end */
	uint64_t quiesce_begin_us, quiesce_end_us;
	uint64_t jump_us; /* the last that is known: the record is written now */
};

/* Does the command line name this record? */
enum handoff_tie {
	HANDOFF_TIED,
	HANDOFF_UNTIED, /* it names none: one of version 1 */
	HANDOFF_OTHER,  /* it names another; handoff_read() gives none such */
};

struct handoff {
	unsigned int version;   /* of the record that was read */
	const char *boot_id;    /* of the boot that wrote it */
	const char *kernel;     /* release of the kernel that wrote it */
	const char *entry;      /* title of what it jumped into */
	const char *incomplete; /* why there is no journal; NULL where there is */
	/* Kernels since the firmware, this jump counted: 1 after the first kexec. 0 for unknown: in records
	 * of version 1, and behind a jump that handed nothing over. */
	unsigned int hops;
	int is_crash; /* written when a crash kernel was loaded, before anything happened */
	struct handoff_times times;
	/* As in devices/baseline.h, with its title line: what the firmware left, unchanged through all
	 * hops. NULL for none. */
	const char *baseline;
	/* The same for the functions that were to be reset: as they were before. NULL for none. For writing;
	 * of a record that was read handoff_saved() unpacks it. */
	const char *saved;
	const char *packed_saved;
	/* What the kernel that wrote it said about devices in trouble (devices/kernel_log.h); one that
	 * is tied to a slot names it. */
	const char **messages;
	size_t message_count;
	enum handoff_tie tie; /* set by handoff_read() */
	struct journal journal;
	const char *packed; /* for writing: made by handoff_pack() */
	/* Set by handoff_pack(): the first that found no room ("baseline", "saved", "messages"); NULL for
	 * none. */
	const char *left_out;
};

/* Room in bytes for the archive that handoff_write() makes for the journal of this plan and what is packed
 * beside it; far more than most need. NULL for a record without a journal. */
size_t handoff_size_max(const struct plan *plan);

/* What this boot is and knows, all of it belonging to ctx: boot_id, kernel, hops, the baseline, messages. What
 * cannot be read is left out. */
int handoff_identify(struct machine *m, void *ctx, struct handoff *handoff, struct err *err);

/* A jump was asked for at this time (clock_wall_us()), which another process will make, at the end of the
 * system: noted in run/stillboot/request. Nothing for 0. */
int handoff_note_request(struct machine *m, uint64_t time_us, struct err *err);
/* When it was, or 0. */
uint64_t handoff_requested(struct machine *m);

/* Fill in saved: configuration space of the functions that the plan resets, as the snapshot has it. Belongs
 * to ctx. */
int handoff_save_config(
	const struct plan *plan, void *ctx, struct handoff *handoff, struct err *err);

/* Pack what is known before the first unbind: all but title, journal, and times. Belongs to ctx. room is what
 * it may take in bytes: the baseline comes first, then saved, then messages, and what does not fit is left out. */
int handoff_pack(void *ctx, size_t room, struct handoff *handoff, struct err *err);

/* The part of a room of this size that handoff_pack() may use, with this plan; NULL for no journal. */
size_t handoff_pack_room(const struct plan *plan, size_t room);

struct handoff_archive {
	char *bytes; /* the room for it, of this size */
	size_t size;
	size_t len;                      /* of what is in it, a multiple of four */
	char digest[HANDOFF_DIGEST + 1]; /* of the record */
};

/* An archive without anything in it; it belongs to ctx. */
int handoff_archive_new(void *ctx, size_t size, struct handoff_archive **archive, struct err *err);

/* Write the record into the archive. Allocates nothing. -ENOSPC if it does not fit. */
int handoff_write(const struct handoff *handoff, struct handoff_archive *archive, struct err *err);

/* Put the archive behind the initrd and its digest into the command line (handoff_tie_prepare() was
 * called). Allocates nothing. */
int handoff_attach(struct machine *m, struct pinned *pinned, const struct handoff_archive *archive,
	struct err *err);

struct handoff_first {
	const char *entry; /* its title */
	enum { HANDOFF_FIRST_JUMP, HANDOFF_FIRST_CRASH } kind;
};

/* Write the handoff of an image that is to be loaded now, before there is a journal, into its room, and tie
 * it to the image's command line: where it cannot be loaded again later, the next kernel knows at least
 * where it comes from; and a crash kernel (HANDOFF_FIRST_CRASH) never learns more. 1 with a sentence where
 * the image has no room for one, or its command line none for the tie. The tied command line belongs to
 * ctx. */
int handoff_write_first(struct machine *m, void *ctx, struct pinned *pinned,
	const struct handoff_first *first, struct err *err);

/* The same, and leave in known what handoff_identify() gave (the kernel's log is long): the handoff with the
 * journal begins with it. Belongs to ctx; no boot_id where it did not come to that. */
int handoff_write_first_known(struct machine *m, void *ctx, struct pinned *pinned,
	const struct handoff_first *first, struct handoff *known, struct err *err);

/* Read a record (not the archive around it). Bytes are hostile: -EBADMSG for a damaged one, with
 * what is wrong. The handoff belongs to ctx. */
int handoff_parse(
	const char *bytes, size_t len, void *ctx, struct handoff **handoff, struct err *err);

/* The configuration space that a record carries of what was to be reset, as text that belongs to ctx: -ENOENT
 * for none, -EBADMSG. Megabytes, which most who read a record have no use for. */
int handoff_saved(const struct handoff *handoff, void *ctx, char **text, struct err *err);

/* Bytes of the largest record that is read; that of 1,000 functions has two or three MiB. */
#define HANDOFF_MAX (16 << 20)

/* Find the record that the previous kernel left and parse it: run/stillboot/handoff, where an
 * initramfs hook carried it, or stillboot/handoff, where the archive put it. -ENOENT when this
 * boot did not come from a stillboot; -ESTALE for a record that is not of the jump that brought us here;
 * -EFBIG for one that is too large. */
int handoff_read(struct machine *m, void *ctx, struct handoff **handoff, struct err *err);

/* The baseline of a handoff becomes this boot's (devices/baseline.h), byte by byte, unless there is one
 * already. 1 with a sentence where there is nothing to do. */
int baseline_inherit(struct machine *m, const struct handoff *handoff, struct err *err);

#endif
