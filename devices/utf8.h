/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_UTF8_H
#define DEVICES_UTF8_H

/* Text of unknown origin. Pure; owns nothing. */

#include <stddef.h>
#include <stdint.h>

/* Bytes of the UTF-8 sequence of two to four that begins here, in a string with a NUL at its end; 0
 * if it is none (RFC 3629: overlong forms, surrogates and what lies beyond U+10FFFF are none). */
size_t utf8_sequence(const char *text);

/* The code point of such a sequence of n bytes. */
uint32_t utf8_code(const char *text, size_t n);

/* A code point, which is none beyond U+10FFFF, as 1 to 4 bytes; returns how many. */
size_t utf8_put(char to[4], uint32_t c);

/* Is all of the text ASCII and such sequences? */
int utf8_is_valid(const char *text);

/* Make a string fit to be shown and compared, in place: control characters (those of U+0080 to
 * U+009F too) and bytes that are no UTF-8 become '?', what lies beyond limit bytes is cut off at a
 * character's end. Blanks and line ends at the end go. */
void utf8_clean(char *text, size_t limit);

#endif
