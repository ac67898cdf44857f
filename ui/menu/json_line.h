/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_JSON_LINE_H
#define MENU_JSON_LINE_H

/*
 * A JSON object on one line, made in a buffer of a fixed size without allocating: for messages between
 * the first unbind and the jump. What does not fit is left out, a member at a time, and texts are cut; the
 * line is a whole object all the same. Text is of unknown origin: what is not UTF-8 comes out as the text
 * "\xNN", as json_text() does it.
 */

#include <stddef.h>

#define JSON_LINE_MAX 4096 /* a step's texts, were each byte to become six, have 1,500 */

struct json_line { /* zeroed at the beginning */
	char bytes[JSON_LINE_MAX];
	size_t len;
};

void json_line_text(struct json_line *line, const char *key, const char *text); /* NULL is null */
void json_line_number(struct json_line *line, const char *key, unsigned long long number);
/* Close it: bytes and len are an object and a line feed. */
void json_line_end(struct json_line *line);

#endif
