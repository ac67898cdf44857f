/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PASSWORD_H
#define UI_PASSWORD_H

/* The password of the menu's lock, which is only kept as a hash of crypt(3). */

#include "devices/err.h"

/* yescrypt's hash of it with a salt of its own, or SHA-512's where the C library knows no yescrypt; belongs
 * to ctx. NULL with a sentence: -EINVAL for an empty one or one that is too long. */
char *password_hash(void *ctx, const char *password, struct err *err);

/* 1 if this is the password. Takes as long as the hash wants it: some tenths of a second. */
int password_fits(const char *hash, const char *password);

#endif
