/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_OS_RELEASE_H
#define BOOT_OS_RELEASE_H

/*
 * Text in the way of os-release(5): lines of KEY=VALUE, the value perhaps in quotes, where a
 * backslash takes the next character as it is; comments with #.
 */

/* The value that the last line with this key gives, allocated from ctx; NULL if there is none, if
 * it is empty, or if memory ran out. */
char *os_release_get(void *ctx, const char *text, const char *key);

/* The first of these keys (NULL-terminated) that has a value. */
char *os_release_first(void *ctx, const char *text, const char *const *keys);

#endif
