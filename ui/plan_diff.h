/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PLAN_DIFF_H
#define UI_PLAN_DIFF_H

/* `stillboot plan --diff OLD`: what the rules of --policy (or none) change against those of OLD. */

#include "ui/command.h"

/* Decide by both and show it; the facts in p are read already. EXIT_DONE whether there are differences
 * or not. */
enum exit_code plan_diff(struct session *s, struct still_plan *p);

#endif
