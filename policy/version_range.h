/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_VERSION_RANGE_H
#define POLICY_VERSION_RANGE_H

/*
 * Ranges of kernel versions: terms with commas between them, each an operator (<, <=, >, >=, = or
 * none) and a version of up to four numbers. A term looks only at as many numbers as it names: "6.1" and
 * "<= 6.1" hold for 6.1.55.
 */

#include "policy/rule.h"

/* -EINVAL for what is no range; text is then not set. */
int version_range_parse(const char *text, struct version_range *range);

/* Does a release ("6.1.0-42-amd64") lie in it? One that does not begin with a number lies in none. */
int version_range_holds(const struct version_range *range, const char *release);

#endif
