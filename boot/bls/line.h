/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_BLS_LINE_H
#define BOOT_BLS_LINE_H

/*
 * The lines of type 1 files and loader.conf: a key, blanks, and a value to the end of the line.
 * Blanks around both go, also the carriage return of a CRLF; a NUL counts as a blank. Quotes around
 * a value that has no others go too, as in systemd-boot. Slices point into the input.
 */

#include <stdbool.h>
#include <stddef.h>

struct bls_slice {
	const char *text;
	size_t len;
};

/* A whole file, without the byte order mark that some editors put in front. */
struct bls_slice bls_text(const char *bytes, size_t len);

/* Take the next line that has a key and a value off the rest; false at the end. Comments and empty
 * lines are passed over. */
bool bls_next(struct bls_slice *rest, struct bls_slice *key, struct bls_slice *value);

/* Take the first word off s; it is empty when there is none. */
struct bls_slice bls_take_word(struct bls_slice *s);

bool bls_slice_is(struct bls_slice s, const char *text);

#endif
