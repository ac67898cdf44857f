/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LINE_H
#define BOOT_LINE_H

/*
 * Text files of lines and words, as many small configurations are. Nothing is allocated: texts
 * point into the input and are not terminated. Blanks are spaces, tabs, and bytes that have no
 * business in a text: a NUL, a carriage return.
 */

#include <stdbool.h>
#include <stddef.h>

struct line_text {
	const char *at;
	size_t len;
};

struct line_reader {
	struct line_text rest;
	unsigned int number; /* of the line that was read last, counted from 1 */
};

/* The next line that has something in it and is no comment ("#"), without the blanks before it and
 * without its end ("\n" or "\r\n"); what is behind it stays. False at the end. */
bool line_next(struct line_reader *reader, struct line_text *line);

struct line_text line_trim(struct line_text text);

/* The same, and if it begins with a quote (' or ") what is between that and the last such quote. */
struct line_text line_unquote(struct line_text text);

/* Take the first word off the rest, and the blanks around it before the next; empty if there is
 * none. Quotes mean nothing here. */
struct line_text line_take_word(struct line_text *rest);

/* Take what stands before the separator, and that itself, off the rest. False, and nothing taken,
 * if there is none. */
bool line_take_until(struct line_text *rest, char separator, struct line_text *before);

/* Does it begin with this word and nothing else follows? Upper and lower case are alike. */
bool line_is(struct line_text text, const char *word);

/* The number that it begins with, at most INT_MAX; -1 if it begins with none. */
int line_number(struct line_text text);

/* A copy; NULL when memory ran out. */
char *line_copy(void *ctx, struct line_text text);

#endif
