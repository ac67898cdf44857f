/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_PIN_H
#define BOOT_PIN_H

/*
 * Pinning: what the next kernel needs is copied into memory files, so that after it no disk is
 * needed. Several initrds become one, each padded to four bytes as the kernel's unpacker wants it
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Behind their end room is kept for the
 * handoff, allocated now because nothing can be allocated when it is written; it is no part of the
 * file (FALLOC_FL_KEEP_SIZE), so that only what is written there is loaded.
 *
 * A kernel that is compressed as a whole (gzip, xz, zstd, EFI zboot) is unpacked here: kexec takes
 * none of these. What comes out is limited, for a few bytes may unpack to terabytes. Initrds stay
 * as they are.
 */

#include <stddef.h>

#include "boot/image/image.h"
#include "devices/machine.h"

struct pinned {
	int kernel_fd; /* sealed memory file */
	int initrd_fd; /* memory file that does not shrink, -1 when the entry has no initrd */
	size_t kernel_size, initrd_size; /* bytes; initrd_size with what is written of a handoff */
	size_t handoff_offset, handoff_room; /* room 0 without an initrd */
	struct image image;
	const char *cmdline; /* borrowed from the caller */
	char *tied; /* the same with a word that names the handoff (handoff_tie.h), which is what is
		       loaded; NULL for none */
};

struct pin_source {
	int fd;                /* open for reading, borrowed */
	const char *name;      /* for errors: "/boot/vmlinuz on /dev/nvme0n1p2" */
	uint64_t offset, size; /* the part of the file that is meant; size 0 is all behind offset */
};

#define PIN_UNPACKED_MAX ((uint64_t)512 << 20) /* bytes; vmlinux files have less than 100 MiB */

/* Copy and examine. Refuses with -ENOMEM when the machine has not memory for the copies and one
 * loaded image (proc/meminfo), with -EBADMSG for a damaged kernel, with -ENOEXEC for one of another
 * kind than this machine boots, with -EFBIG for one that unpacks to too much. On success
 * the files are the caller's; pin_release() closes them. */
int pin_files(struct machine *m, const struct pin_source *kernel, const struct pin_source *initrds,
	size_t initrd_count, size_t handoff_room, struct pinned *pinned, struct err *err);
int pin_cmdline(struct pinned *pinned, const char *cmdline, struct err *err);
/* Write the handoff into its room, over an earlier one: what that had more is zeros afterwards, which the
 * unpacker passes over. Allocates nothing. */
int pin_write_handoff(
	struct machine *m, struct pinned *pinned, const void *bytes, size_t len, struct err *err);
/* The command line that it is loaded with. */
const char *pin_command_line(const struct pinned *pinned);
void pin_release(struct pinned *pinned);

/* Bytes of memory that can be had without swapping (proc/meminfo); SIZE_MAX if nobody says. */
size_t pin_memory_available(struct machine *m);

/* Is there memory to load the image a second time while the first is still loaded? The kernel reads the
 * files, and sets aside what the image will be: initrd, and the kernel as large as it wants to be when it
 * starts (image.start_size), which is several times its file. */
int pin_can_reload(struct machine *m, const struct pinned *pinned);

#endif
