/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FUZZ_MENU_H
#define TESTS_FUZZ_MENU_H

/* What holds for the entries of any parser, whatever the bytes were. */

#include <stddef.h>
#include <stdint.h>

#include "boot/format.h"

/* Aborts where an entry lacks what every entry has, or a path is none. */
void menu_check(const struct entry_list *list);

/* Parse the bytes as this file, and check what comes of it; 0. Aborts where the parser fails. */
int menu_fuzz(entry_parser *parse, const char *file, const uint8_t *data, size_t size);

#endif
