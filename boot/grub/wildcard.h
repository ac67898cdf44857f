/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_WILDCARD_H
#define BOOT_GRUB_WILDCARD_H

#include "boot/grub/run.h"

/* Words that a statement comes to. */
struct grub_words {
	struct grub_arena *arena;
	char **argv;
	size_t argc, room;
};

/* Add a copy; what there is no room for is dropped. False when memory ran out. */
bool grub_words_add(struct grub_words *words, const char *text);

/* Add the files that a word stands for: "/boot/vmlinuz-*", "(hd*,*)/boot" (GRUB's
 * commands/wildcard.c). In the word a backslash takes the meaning from a wildcard. False if there
 * are none; the backslashes are gone then, and the word stands for itself. */
bool grub_wildcard(struct grub_run *g, char *word, struct grub_words *words);

#endif
