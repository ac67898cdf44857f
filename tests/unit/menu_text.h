/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_MENU_TEXT_H
#define TESTS_UNIT_MENU_TEXT_H

/*
 * What a parser made of a configuration, as text to compare. A line for each entry:
 *
 *   4*title: KERNEL +INITRD +INITRD dtb=PATH | options | reason
 *
 * with the entry's line of the file, a star for the default, files as PATH or PATH@DEVICE; what is
 * not there is left out, from the bars on too. Then "timeout N", if there is one, and lines
 * "problem: ...".
 */

#include "boot/format.h"

/* Parse text as the file of this name, without volumes; compare with the expectation. */
void menu_text_check(
	entry_parser *parser, const char *file, const char *text, const char *expected);

/* The list as text, below itself. */
char *menu_text(struct entry_list *list);

#endif
