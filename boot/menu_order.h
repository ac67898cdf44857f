/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_MENU_ORDER_H
#define BOOT_MENU_ORDER_H

/*
 * In which order menus are listed: by the user's order of devices; within that the menu of the loader that
 * started this machine first, as it says itself (the EFI variable LoaderInfo); then as they were read, but a
 * menu that has only entries of the user's own behind the others of its disk.
 */

#include "boot/explore.h"
#include "boot/settings/settings.h"

/* Menus that are alike keep their order. loader may be NULL. */
void menu_order_by_loader(struct exploration *e, const char *loader);
/* -ENOMEM. */
int menu_order_by_settings(struct exploration *e, const struct settings *s);

/* The entry that stands for the boot disk (settings.h): the first of these menus that is not the user's
 * own; NULL if there is none. */
const struct entry *menu_first_entry(const struct exploration *e);

#endif
