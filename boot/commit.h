/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_COMMIT_H
#define BOOT_COMMIT_H

/*
 * What is written when an entry is really booted (struct entry_write), or when a user saves a choice.
 * Prepared while the volumes are open: everything is read and made ready in memory, so that what cannot
 * be written is known while it can still be told. Afterwards neither the volumes nor the entries are
 * needed but for their strings.
 *
 * A file of settings or an entry of the user's own is made with the directories that it needs, and
 * replaced as a whole. What we only ever open to read (RAID, LVM, LUKS) and filesystems that cannot be
 * written are refused beforehand.
 */

#include "boot/entry.h"
#include "devices/machine.h"

struct commit;

/* The writes in their order. A talloc context below ctx. -ENOENT or what reading gives where an
 * environment block is not there or is none, -ENOSPC where it has no room,
 * -EROFS on storage or in a file that we opened read-only, and where no file can be made (what stays as it is, and what to
 * do), -EBUSY where a hibernated system may have the filesystem open,
 * -EFBIG where a file of settings is or would be too large: the first that cannot be
 * written is told, a choice for one boot before all others, and *commit is there all the same, with the
 * others; NULL only where memory ran out. A
 * caller for whom it is all or nothing does not run it. */
int commit_prepare(
	void *ctx, const struct entry_write *writes, struct commit **commit, struct err *err);

/* Carry them out by the machine's effects; what fails does not keep the others from being done, and the
 * first failure is returned. */
int commit_run(struct machine *m, const struct commit *commit, struct err *err);

#endif
