/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_AT_END_H
#define UI_AT_END_H

#include "ui/command.h"

/*
 * The plan for the end of this system, made while it still runs: what processes, filesystems and the
 * network use now is nobody's then. For the exitrd's decision, which is final: a rule that leaves alone
 * what is in use must not have had its say on the root disk. What is in use at the end all the same is
 * seen when the decision is judged, and is left alone then.
 */
int at_end_plan(struct session *s, struct still_plan *end, struct err *err);

#endif
