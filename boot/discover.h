/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_DISCOVER_H
#define BOOT_DISCOVER_H

/*
 * Discovery: every entry that this machine can boot, read once. Nothing is written, and nothing is
 * mounted in anybody's sight (volume.h). What cannot be read is a problem that is named beside the
 * entries, never a reason to show none.
 *
 * A discovery is a talloc context: entries, volumes and strings live as long as it. Its volumes are
 * open until discovery_close(), which is to be called before any device is unbound.
 */

#include "boot/choice.h"
#include "boot/settings/settings.h"
#include "boot/volume/volume.h"

struct discovery {
	struct volume_set *volumes;
	struct entry_list *entries; /* menu after menu (menu_order.h); the timeout is the
				       first that one of them has */
	struct choices *choices;    /* who said what about the default */
	struct settings *settings;  /* the user's, also those of the menu that do not matter here */
	const char **problems; /* sentences, those of the volumes first; of a volume that the kernel
				  cannot read there is one only if an entry means it */
	size_t problem_count;
};

/* Look at the machine; flags are enum discover_flags. On success *discovery is a new talloc context
 * below ctx, perhaps with no entries. An error means that the machine could not be read at all. May
 * take as long as VOLUME_DEADLINE_MS where a disk does not answer.
 *
 * At most one entry is the default (choice.h). Entries of the running kernel are marked.
 */
int discover(struct machine *m, void *ctx, unsigned int flags, struct discovery **discovery,
	struct err *err);

/* The same in these volumes, which become the discovery's, whatever becomes of it. m may be NULL: they
 * are of no machine in particular, and no variable of a firmware has a say. */
int discover_in(struct machine *m, void *ctx, struct volume_set *volumes,
	struct discovery **discovery, struct err *err);

/* Open one of an entry's files for reading. */
int discovery_open(const struct entry_file *file, int *fd, struct err *err);

/* "/boot/vmlinuz-6.1 on /dev/nvme0n1p2", belonging to ctx; NULL when memory ran out. */
char *discovery_file_name(void *ctx, const struct entry_file *file);

/* Close the volumes and wait until their devices are free; -EBUSY names the one that is not. */
int discovery_close(struct discovery *discovery, struct err *err);

#endif
