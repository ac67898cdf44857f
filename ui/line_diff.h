/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_LINE_DIFF_H
#define UI_LINE_DIFF_H

#include <stdio.h>

/* Print the lines that differ, as diff -U0 does: "@@ -3 +3 @@" (from which line on), "-" before what is
 * only in old, "+" before what is only in new. 0, or -ENOMEM. */
int line_diff(const char *old, const char *new, FILE *out);

#endif
