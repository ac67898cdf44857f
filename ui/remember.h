/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_REMEMBER_H
#define UI_REMEMBER_H

#include "ui/entries.h"

/* `stillboot list --set-default ENTRY` and `--set-oneshot ENTRY`: have the entry's own loader remember the
 * choice, and look whether it counts. An empty ENTRY makes every loader forget. */
enum exit_code remember_choice(struct session *s, struct entries_view *view);

#endif
