/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_DEFAULTS_H
#define BOOT_GRUB_DEFAULTS_H

/*
 * Who says what the default is: the variable itself does not tell, so the words that set it are
 * looked at. One that was set from $next_entry of the environment block is a choice for one boot,
 * one from $saved_entry the user's.
 */

#include "boot/grub/menu.h"

/* A variable of the environment block was loaded. */
void grub_note_loaded(struct grub_run *g, const char *name, const char *value);
/* The variable default was set by this statement. */
void grub_note_default(struct grub_run *g, const struct grub_node *node);
/* Put the default and the timeout that the menu's context has into the list. */
void grub_give_default(struct grub_run *g, const struct grub_menu *menu);

#endif
