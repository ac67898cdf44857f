/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_SANDBOX_H
#define POLICY_SANDBOX_H

/*
 * Where a policy file runs: one Lua state for one chunk, thrown away afterwards. The chunk sees the
 * words it may declare with and the functions of an allow-list, nothing else: it cannot read a
 * file, ask for the time, or load code. Names that are not there are errors, not nil, so that a
 * forgotten pair of quotes is found.
 *
 * Everything that can throw runs inside one protected call. Words are Lua C functions; they raise
 * errors with luaL_error(), which jumps: what they hold must belong to a talloc context that the
 * caller of sandbox_run() frees.
 *
 * Limits: memory, memory asked for in total, and instructions. They bound what a script does by
 * itself. What is missing is a limit on time: a script that compares long strings over and over
 * still takes seconds. That is for the process in which sandbox_run() will be called (a forked
 * child with a CPU limit), which is why it hands everything over through data.
 */

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>

#include "devices/err.h"

/* A policy of a thousand rules needs about 1 MB and 10,000 instructions. */
#define SANDBOX_MEMORY_MAX ((size_t)4 << 20)
#define SANDBOX_MEMORY_TOTAL_MAX ((size_t)64 << 20) /* also counting what was given back */
#define SANDBOX_INSTRUCTIONS_MAX 200000

struct sandbox_chunk {
	const char *bytes; /* Lua source; precompiled code is refused */
	size_t len;
	const char *name; /* the file, as errors are to call it */
};

/* Run the chunk with words (ended by {NULL, NULL}). An error is one line, "file:line: what", the
 * line left out where there is none (out of memory): -EINVAL for what the chunk did wrong, -ENOMEM
 * if there was no memory to begin with. */
int sandbox_run(
	const struct sandbox_chunk *chunk, const luaL_Reg *words, void *data, struct err *err);

/* For words: the data of sandbox_run(), and the line of the chunk that called the word (0 if
 * unknown). */
void *sandbox_data(lua_State *L);
int sandbox_line(lua_State *L);

#endif
