/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_BUILTIN_H
#define POLICY_BUILTIN_H

#include <stddef.h>

/* configs/default.lua, compiled in by the Makefile; NUL-terminated behind its length. */
extern const char builtin_policy[];
extern const size_t builtin_policy_len;

#endif
