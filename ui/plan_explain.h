/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PLAN_EXPLAIN_H
#define UI_PLAN_EXPLAIN_H

/* `stillboot plan --explain SLOT`: how one device came by its line of the plan. */

#include "ui/command.h"

/* Decide and show it; the facts in p are read already. */
enum exit_code plan_explain(struct session *s, struct still_plan *p);

#endif
