/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_SYSLINUX_LINE_H
#define BOOT_SYSLINUX_LINE_H

/*
 * The lines of SYSLINUX menus: a keyword, blanks, and a value to the end of the line; what a
 * carriage return or a NUL cuts off is no part of it (com32/menu/readconfig.c, parse_config_file).
 * Texts point into the input. One without a pointer was not given at all, an empty one was.
 */

#include <stdbool.h>
#include <stddef.h>

struct syslinux_text {
	const char *text;
	size_t len;
};

/* Take the next line off the rest, without blanks at both ends; false at the end. */
bool syslinux_next_line(struct syslinux_text *rest, struct syslinux_text *line);

/* Take the first word off s; it is empty when there is none. s then begins with the next one. */
struct syslinux_text syslinux_take_word(struct syslinux_text *s);

/* Take what is before the delimiter off s, and the delimiter. False when s was empty. */
bool syslinux_take_part(struct syslinux_text *s, char delimiter, struct syslinux_text *part);

/* Keywords compare without regard to case, labels strictly. */
bool syslinux_is(struct syslinux_text s, const char *word);
bool syslinux_ends_in(struct syslinux_text s, const char *word); /* and more before it */
bool syslinux_same(struct syslinux_text a, struct syslinux_text b);

/* The number at the beginning, 0 if there is none; base 0 takes 0x and 0 in front. */
unsigned long syslinux_number(struct syslinux_text s, int base);

#endif
