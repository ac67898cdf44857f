// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/sandbox.h"

#include <ctype.h>
#include <errno.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "policy/spelling.h"

/* Lua cuts long chunk names, so every chunk runs under this one, and errors get the real one. */
#define CHUNK "policy"

/*
 * What a chunk may use. Left out on purpose: whatever reaches outside (io, os, require, load), what
 * could catch the limits' errors (pcall, coroutines), metatables, and what can keep C busy
 * without executing an instruction: patterns, string.rep (of ""), table.sort, .move, .insert.
 */
static const struct library {
	const char *name; /* NULL: straight into the environment */
	lua_CFunction open;
	const char *const allowed[12];
} libraries[] = {
	{NULL, luaopen_base,
		{"assert", "error", "ipairs", "next", "pairs", "select", "tonumber", "tostring",
			"type"}},
	{"string", luaopen_string,
		{"byte", "char", "format", "len", "lower", "reverse", "sub", "upper"}},
	{"table", luaopen_table, {"concat", "unpack"}},
	{"math", luaopen_math,
		{"abs", "ceil", "floor", "fmod", "huge", "max", "maxinteger", "min", "mininteger",
			"tointeger", "type"}},
};

struct budget {
	size_t used, total;
};

struct run {
	const struct sandbox_chunk *chunk;
	const luaL_Reg *words;
	void *data;
};

/* A lua_Alloc. Making a block smaller must not fail. */
static void *allocate(void *ud, void *block, size_t old, size_t size)
{
	struct budget *b = ud;
	void *fresh;

	if (!block)
		old = 0; /* it was a type, see lua_Alloc */
	if (!size) {
		free(block);
		b->used -= old;
		return NULL;
	}
	if (size > old && (size - old > SANDBOX_MEMORY_MAX - b->used ||
				  size > SANDBOX_MEMORY_TOTAL_MAX - b->total))
		return NULL;
	fresh = realloc(block, size);
	if (!fresh)
		return size <= old ? block : NULL;
	b->used = b->used - old + size;
	b->total += size > old ? size : 0;
	return fresh;
}

static void stop(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	luaL_where(L, 0);
	lua_pushfstring(
		L, "more than %d instructions, probably an endless loop", SANDBOX_INSTRUCTIONS_MAX);
	lua_concat(L, 2);
	lua_error(L);
}

/* The environment's __index: called for names that are not there. */
static int unknown_name(lua_State *L)
{
	struct spelling spelling = {.word = luaL_tolstring(L, 2, NULL)};

	for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
		if (lua_type(L, -2) == LUA_TSTRING)
			spelling_consider(&spelling, lua_tostring(L, -2));
	if (spelling.nearest)
		return luaL_error(L, "unknown name \"%s\"; did you mean \"%s\"?", spelling.word,
			spelling.nearest);
	return luaL_error(L, "unknown name \"%s\"", spelling.word);
}

/* And its __newindex: what looks like a setting but is not one would be lost silently. */
static int new_name(lua_State *L)
{
	return luaL_error(L, "nothing is called \"%s\" here; for a variable of your own say local",
		luaL_tolstring(L, 2, NULL));
}

/* Copy the allowed functions from the library on top of the stack to the table below it. */
static void copy_allowed(lua_State *L, const struct library *lib)
{
	for (const char *const *name = lib->allowed; *name; name++) {
		lua_getfield(L, -1, *name);
		lua_setfield(L, -3, *name);
	}
}

static void open_library(lua_State *L, int env, const struct library *lib)
{
	if (lib->name)
		lua_newtable(L);
	else
		lua_pushvalue(L, env);
	luaL_requiref(L, lib->name ? lib->name : LUA_GNAME, lib->open, 0);
	copy_allowed(L, lib);
	lua_pop(L, 1);
	if (lib->name)
		lua_setfield(L, env, lib->name);
	else
		lua_pop(L, 1);
}

/* Methods of strings, ("x"):upper(), come from the string library as opened: give them ours. */
static void restrict_strings(lua_State *L, int env)
{
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_getfield(L, env, "string");
	lua_setfield(L, -2, "__index");
	lua_pop(L, 2);
}

/* Push the table that the chunk sees as its globals. */
static void push_environment(lua_State *L, const struct run *run)
{
	static const luaL_Reg strict[] = {
		{"__index", unknown_name}, {"__newindex", new_name}, {NULL, NULL}};
	int env;

	lua_newtable(L);
	env = lua_gettop(L);
	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
		open_library(L, env, &libraries[i]);
	restrict_strings(L, env);
	lua_pushlightuserdata(L, run->data);
	luaL_setfuncs(L, run->words, 1);
	luaL_newlib(L, strict);
	lua_setmetatable(L, env);
}

static int run_protected(lua_State *L)
{
	const struct run *run = lua_touserdata(L, 1);
	const struct sandbox_chunk *chunk = run->chunk;

	if (luaL_loadbufferx(L, chunk->bytes, chunk->len, "=" CHUNK, "t") != LUA_OK)
		return lua_error(L);
	push_environment(L, run);
	lua_setupvalue(L, -2, 1); /* a chunk's first upvalue is _ENV */
	lua_sethook(L, stop, LUA_MASKCOUNT, SANDBOX_INSTRUCTIONS_MAX);
	lua_call(L, 0, 0);
	return 0;
}

/* No call here may throw any more: the error value is looked at, never converted. */
static int report(lua_State *L, int status, const char *name, struct err *err)
{
	const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
	size_t prefix = sizeof(CHUNK) - 1;

	if (status == LUA_ERRMEM)
		return err_set(err, -EINVAL, "%s: needs more memory than a policy may have", name);
	if (!text)
		return err_set(err, -EINVAL, "%s: threw a %s", name, luaL_typename(L, -1));
	if (!strncmp(text, CHUNK ":", prefix + 1) && isdigit((unsigned char)text[prefix + 1]))
		return err_set(err, -EINVAL, "%s%s", name, text + prefix);
	return err_set(err, -EINVAL, "%s: %s", name, text);
}

/* Whatever a file put into the message: one line, and nothing that a terminal obeys. */
static void make_one_line(char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			*text = ' ';
}

int sandbox_run(
	const struct sandbox_chunk *chunk, const luaL_Reg *words, void *data, struct err *err)
{
	struct run run = {.chunk = chunk, .words = words, .data = data};
	struct budget budget = {0};
	lua_State *L = lua_newstate(allocate, &budget);
	int status, rc = 0;

	if (!L)
		return err_errno(err, -ENOMEM, "%s", chunk->name);
	lua_pushcfunction(L, run_protected);
	lua_pushlightuserdata(L, &run);
	status = lua_pcall(L, 1, 0, 0);
	if (status != LUA_OK) {
		rc = report(L, status, chunk->name, err);
		if (err)
			make_one_line(err->text);
	}
	lua_close(L);
	return rc;
}

void *sandbox_data(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

int sandbox_line(lua_State *L)
{
	lua_Debug ar;

	if (!lua_getstack(L, 1, &ar) || !lua_getinfo(L, "l", &ar) || ar.currentline < 0)
		return 0;
	return ar.currentline;
}
