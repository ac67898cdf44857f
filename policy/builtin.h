/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_BUILTIN_H
#define POLICY_BUILTIN_H

#include <stddef.h>

/* configs/default.lua and configs/quirks.lua, compiled in by the Makefile; NUL-terminated behind their
 * length. */
extern const char builtin_default[], builtin_quirks[];
extern const size_t builtin_default_len, builtin_quirks_len;

#endif
