/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PRINT_H
#define UI_PRINT_H

/*
 * Text for people. What comes from disks and hardware is shown, never obeyed: control characters
 * and what is not UTF-8 come out as \xNN. Colour only on a terminal, and not with NO_COLOR set.
 */

#include <stddef.h>
#include <stdio.h>

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD };

/* Print text escaped and in a style, padded with spaces to at least width columns. */
void print_styled(FILE *out, enum style style, const char *text, int width);
/* The same, plain. */
void print_text(FILE *out, const char *text, int width);

/* Columns that the text takes when printed so. */
int print_width(const char *text);

/* Escaped into buf, cut to its size; returns buf. */
const char *print_escape(char *buf, size_t size, const char *text);

/* Microseconds as "12 ms", "1.25 s". */
const char *print_duration(char *buf, size_t size, unsigned long long us);

#endif
