/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PRINT_H
#define UI_PRINT_H

/*
 * Text for people. What comes from disks and hardware is shown, never obeyed: control characters,
 * those that turn the direction of writing, and what is not UTF-8 come out as \xNN. Colour only on a terminal, and not with NO_COLOR set.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD };

/* Is there colour, and are there styles? A system call: who prints many lines asks once. */
int print_has_colour(FILE *out);
/* Print text escaped and in a style, padded with spaces to at least width columns. */
void print_styled(FILE *out, enum style style, const char *text, int width);
/* The same, plain. */
void print_text(FILE *out, const char *text, int width);

/* Columns of the terminal (COLUMNS, where that is set): 0 where out is none, or too narrow a one to
 * break lines for. */
int print_terminal_width(FILE *out);

/*
 * Text in columns, broken between words where it would pass the right edge, and going on below the
 * beginning of its column.
 */
struct print_flow {
	FILE *out;
	int right; /* columns in all; 0 for lines of any length */
	int left;  /* where the current column begins, */
	int at;    /* and how far the line is written */
};

/* Begin a column: on this line, or on the next if the last one has grown into it. */
void print_flow_to(struct print_flow *flow, int column);
void print_flow(struct print_flow *flow, enum style style, const char *text);
/* "(text)" in one piece, the brackets plain, two blanks before it unless the column begins with it.
 * One that is wider than the column begins further left. */
void print_flow_bracket(struct print_flow *flow, enum style style, const char *text);

/* Can this character be shown, in one column? */
int print_has_character(const char *character);

/* Columns that the text takes when printed so. */
int print_width(const char *text);

/* Is it a character that moves others about? One line could be made to look like another (Unicode's
 * Bidi_Control, and its two ends of lines). */
int print_disorders(uint32_t c);

/* Escaped into buf, cut to its size; returns buf. */
const char *print_escape(char *buf, size_t size, const char *text);

/* The same, cut to so many columns and with an ellipsis at its end where it has more: what is to
 * stay in a table, whatever a disk says. Printing the result once more changes nothing. */
const char *print_shorten(char *buf, size_t size, const char *text, int columns);

/* Microseconds as "12 ms", "1.25 s". */
const char *print_duration(char *buf, size_t size, unsigned long long us);

/* What kernel is loaded since when (seconds since 1970): "Debian (6.1.0), since 2026-11-21 22:00:00", to
 * standard output. */
void print_since(const char *entry, const char *kernel, long long time);

#endif
