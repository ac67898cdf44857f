/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_SANDBOX_H
#define POLICY_SANDBOX_H

/*
 * Where policies run: one Lua state for all files of a policy, kept as long as their functions may
 * still be called. Each chunk sees the words it may declare with and the functions of an allow-list
 * in an environment of its own, nothing else: it cannot read a file, ask for the time, load code, or
 * catch an error. Names that are not there are errors, not nil, so that a forgotten pair of quotes
 * is found.
 *
 * Everything that can throw runs inside one protected call. Words are Lua C functions; they raise
 * errors with luaL_error(), which jumps: what they hold must belong to a talloc context that the
 * caller frees.
 *
 * Limits here: memory, and instructions of each call. string.find and its like can keep C busy
 * without an instruction being counted: that is what the processor time of the process in which all
 * this runs is limited for (ask.h).
 */

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>

#include "devices/err.h"

/* Bytes for all of a policy. Rules and the plan of a machine of 1,000 devices as Lua tables are about
 * 4 MB. */
#define SANDBOX_MEMORY_MAX ((size_t)32 << 20)
/* Of one chunk, or of one function that a chunk left behind. A policy of a thousand rules needs about
 * 10,000; sorting the 8,000 steps of 1,000 devices about a million. */
#define SANDBOX_INSTRUCTIONS_MAX 5000000
#define SANDBOX_CHUNKS_MAX 64

struct sandbox;

struct sandbox_chunk {
	const char *bytes; /* Lua source; precompiled code is refused */
	size_t len;
	const char *name; /* the file, as errors are to call it */
};

/* A name in a running chunk that nothing stands for, or that it tried to set: told instead of raised
 * where the caller wants to go on and find more. Returns 0 to raise the error after all. */
typedef int sandbox_unknown(void *data, const struct sandbox_chunk *chunk, unsigned int line,
	const char *name, const char *text);

/* A new state with words (ended by {NULL, NULL}, and like data borrowed), freed with ctx. unknown may
 * be NULL. NULL if there is no memory. */
struct sandbox *sandbox_new(void *ctx, const luaL_Reg *words, sandbox_unknown *unknown, void *data);

/* Instructions of each chunk and call, where not SANDBOX_INSTRUCTIONS_MAX. */
void sandbox_limit(struct sandbox *sandbox, int instructions);

/* Say in these bytes (shared with somebody else) what is being run, as errors would call it. */
#define SANDBOX_NOTE_MAX 256
void sandbox_note(struct sandbox *sandbox, char note[SANDBOX_NOTE_MAX]);

/* Run a chunk; from within a word of a running one too. An error is one line, "file:line: what",
 * followed by who called that, the line left out where there is none (out of memory). -EINVAL. */
int sandbox_run(struct sandbox *sandbox, const struct sandbox_chunk *chunk, struct err *err);

/* Call a function that a chunk left behind under a reference (luaL_ref in the registry). push pushes
 * its arguments and returns how many; take looks at its one result, at index -1. Both may raise errors.
 * Errors as sandbox_run(). */
struct sandbox_call {
	const char *name; /* what errors call it where they have no line of their own */
	int function;
	int (*push)(lua_State *L, void *data);
	void (*take)(lua_State *L, void *data);
	void *data;
};
int sandbox_call(struct sandbox *sandbox, const struct sandbox_call *call, struct err *err);

/* For words: the data of sandbox_new(); the chunk that called the word, and its line (0 if unknown). */
void *sandbox_data(lua_State *L);
const struct sandbox_chunk *sandbox_chunk(lua_State *L);
unsigned int sandbox_line(lua_State *L);

/* Does the value on top of the stack stand for a name that is not there, which was told? */
int sandbox_is_unknown(lua_State *L);

/* Whatever a file put into a message: one line of UTF-8, and nothing that a terminal obeys. */
void sandbox_one_line(char *text);

#endif
