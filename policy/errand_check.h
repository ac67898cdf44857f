/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_ERRAND_CHECK_H
#define POLICY_ERRAND_CHECK_H

#include "devices/plan.h"

/*
 * What is wrong with an errand, as a sentence that begins with the field's name; NULL if nothing is.
 * Whoever asked for it: attributes lie in sysfs or below /proc/sys and cannot lead out of it, names are
 * names, a program has a path, and runs in stage 0, before any function is touched: afterwards there
 * may be no disk to read it from.
 */
const char *errand_check(const struct plan_errand *e);

#endif
