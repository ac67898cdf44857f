// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/sandbox.h"

#include <ctype.h>
#include <errno.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/utf8.h"
#include "policy/spelling.h"
#include "policy/walk.h"

/* Lua cuts long chunk names. So the chunks are called "policy0:", "policy1:", ..., and errors get the
 * real names afterwards. */
#define CHUNK "policy"

/*
 * What a chunk may use. Left out on purpose: whatever reaches outside (io, os, require, load), what
 * could catch the limits' errors (pcall, coroutines), metatables, and what depends on chance. pairs and
 * next are ours (walk.h).
 */
static const struct library {
	const char *name; /* NULL: straight into the environment */
	lua_CFunction open;
	const char *const allowed[18];
} libraries[] = {
	{NULL, luaopen_base,
		{"assert", "error", "ipairs", "select", "tonumber", "tostring", "type"}},
	{"string", luaopen_string,
		{"byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep",
			"reverse", "sub", "upper"}},
	{"table", luaopen_table, {"concat", "insert", "move", "pack", "remove", "sort", "unpack"}},
	{"math", luaopen_math,
		{"abs", "ceil", "floor", "fmod", "huge", "max", "maxinteger", "min", "mininteger",
			"tointeger", "type"}},
};

struct sandbox {
	lua_State *L;
	const luaL_Reg *words;
	sandbox_unknown *unknown;
	void *data;
	size_t used; /* bytes of memory */
	int instructions;
	char *note; /* NULL where nobody wants to know */
	const char *noted;
	const char *names[SANDBOX_CHUNKS_MAX];
	size_t chunks;
	const struct sandbox_chunk *running; /* the innermost chunk; NULL when none is */
};

/* A lua_Alloc. Making a block smaller must not fail. */
static void *allocate(void *ud, void *block, size_t old, size_t size)
{
	struct sandbox *s = ud;
	void *fresh;

	if (!block)
		old = 0; /* it was a type, see lua_Alloc */
	if (!size) {
		free(block);
		s->used -= old;
		return NULL;
	}
	if (size > old && size - old > SANDBOX_MEMORY_MAX - s->used)
		return NULL;
	fresh = realloc(block, size);
	if (!fresh)
		return size <= old ? block : NULL;
	s->used = s->used - old + size;
	return fresh;
}

static struct sandbox *self(lua_State *L)
{
	return *(struct sandbox **)lua_getextraspace(L);
}

static void stop(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	luaL_where(L, 0);
	lua_pushfstring(
		L, "more than %d instructions, probably an endless loop", self(L)->instructions);
	lua_concat(L, 2);
	lua_error(L);
}

/* Tell or raise. What is told is found again by its caller, who goes on with a function that takes
 * anything and does nothing. */
static int unknown(lua_State *L, const char *name, const char *text)
{
	struct sandbox *s = self(L);

	if (s->running && s->unknown &&
		s->unknown(s->data, s->running, sandbox_line(L), name, text))
		return 0;
	return luaL_error(L, "%s", text);
}

static int nothing(lua_State *L)
{
	(void)L;
	return 0;
}

int sandbox_is_unknown(lua_State *L)
{
	return lua_tocfunction(L, -1) == nothing;
}

#define NAME_MAX_SHOWN 64

/* The key at index 2, as a text that is left on the stack. */
static const char *shown_name(lua_State *L)
{
	size_t len;
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &len) : NULL;

	if (!name)
		return lua_pushfstring(L, "a %s", luaL_typename(L, 2));
	return lua_pushlstring(L, name, len > NAME_MAX_SHOWN ? NAME_MAX_SHOWN : len);
}

/* The environment's __index: called for names that are not there. */
static int unknown_name(lua_State *L)
{
	struct spelling spelling = {.word = shown_name(L)};
	const char *text;

	for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
		if (lua_type(L, -2) == LUA_TSTRING)
			spelling_consider(&spelling, lua_tostring(L, -2));
	text = spelling.nearest ? lua_pushfstring(L, "unknown name \"%s\"; did you mean \"%s\"?",
					  spelling.word, spelling.nearest)
				: lua_pushfstring(L, "unknown name \"%s\"", spelling.word);
	unknown(L, spelling.word, text);
	lua_pushcfunction(L, nothing);
	return 1;
}

/* And its __newindex: what looks like a setting but is not one would be lost silently. */
static int new_name(lua_State *L)
{
	const char *name = shown_name(L);

	return unknown(L, name,
		lua_pushfstring(L,
			"nothing is called \"%s\" here; for a variable of your own say local",
			name));
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

/* Methods of strings, ("x"):upper(), come from the string library as opened: give them what is allowed.
 * All chunks share them, so it is none of the tables that a chunk can write to. */
static void restrict_strings(lua_State *L, const struct library *lib)
{
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_newtable(L);
	lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_getfield(L, -1, lib->name);
	lua_remove(L, -2);
	copy_allowed(L, lib);
	lua_pop(L, 1);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 2);
}

/* Push the table that a chunk sees as its globals. */
static void push_environment(lua_State *L)
{
	static const luaL_Reg strict[] = {
		{"__index", unknown_name}, {"__newindex", new_name}, {NULL, NULL}};
	static const luaL_Reg ours[] = {{"next", walk_next}, {"pairs", walk_pairs}, {NULL, NULL}};
	int env;

	lua_newtable(L);
	env = lua_gettop(L);
	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
		open_library(L, env, &libraries[i]);
	restrict_strings(L, &libraries[1]);
	luaL_setfuncs(L, ours, 0);
	luaL_setfuncs(L, self(L)->words, 0);
	luaL_newlib(L, strict);
	lua_setmetatable(L, env);
}

static int run_chunk(lua_State *L)
{
	const struct sandbox *s = self(L);
	char name[32];

	if (s->running->len && s->running->bytes[0] == LUA_SIGNATURE[0])
		return luaL_error(L, "is compiled Lua: only its source is read");
	if (memchr(s->running->bytes, '\0', s->running->len))
		return luaL_error(L, "has a zero byte in it: it is no text");
	snprintf(name, sizeof(name), "=" CHUNK "%zu", s->chunks - 1);
	if (luaL_loadbufferx(L, s->running->bytes, s->running->len, name, "t") != LUA_OK)
		return lua_error(L);
	push_environment(L);
	lua_setupvalue(L, -2, 1); /* a chunk's first upvalue is _ENV */
	lua_sethook(L, stop, LUA_MASKCOUNT, self(L)->instructions);
	lua_call(L, 0, 0);
	return 0;
}

static int call_function(lua_State *L)
{
	const struct sandbox_call *call = lua_touserdata(L, 1);
	int count;

	lua_rawgeti(L, LUA_REGISTRYINDEX, call->function);
	count = call->push(L, call->data);
	lua_sethook(L, stop, LUA_MASKCOUNT, self(L)->instructions);
	lua_call(L, count, 1);
	call->take(L, call->data);
	return 0;
}

#define CALLERS_MAX 4

/* The message handler: who called what went wrong, where that is more than the chunk itself. The
 * innermost line stands in the message already. */
static int add_callers(lua_State *L)
{
	lua_Debug ar;
	int shown = 0;

	if (lua_type(L, 1) != LUA_TSTRING)
		return 1;
	lua_settop(L, 1);
	for (int level = 1; shown <= CALLERS_MAX && lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (ar.currentline <= 0 || shown++ == 0)
			continue;
		lua_pushfstring(L, "%s%s:%d", shown == 2 ? " (called from " : ", ", ar.short_src,
			ar.currentline);
		lua_concat(L, 2);
	}
	if (shown > 1) {
		lua_pushliteral(L, ")");
		lua_concat(L, 2);
	}
	return 1;
}

/* Put the files' names where Lua wrote "policy3". */
static void name_files(const struct sandbox *s, const char *text, struct err *err)
{
	size_t len = 0;

	for (err->text[0] = '\0'; *text && len < sizeof(err->text) - 1;) {
		size_t prefix = sizeof(CHUNK) - 1, at = prefix, chunk = 0;

		if (!strncmp(text, CHUNK, prefix) && isdigit((unsigned char)text[prefix])) {
			for (; isdigit((unsigned char)text[at]) && chunk < SANDBOX_CHUNKS_MAX; at++)
				chunk = 10 * chunk + (size_t)(text[at] - '0');
			if (text[at] == ':' && chunk < s->chunks) {
				len += (size_t)snprintf(err->text + len, sizeof(err->text) - len,
					"%s", s->names[chunk]);
				text += at;
				continue;
			}
		}
		err->text[len++] = *text++;
		err->text[len < sizeof(err->text) ? len : sizeof(err->text) - 1] = '\0';
	}
}

void sandbox_one_line(char *text)
{
	for (char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	utf8_clean(text, strlen(text));
}

/* No call here may throw any more: the error value is looked at, never converted. */
static int report(const struct sandbox *s, int status, const char *name, struct err *err)
{
	const char *text = lua_type(s->L, -1) == LUA_TSTRING ? lua_tostring(s->L, -1) : NULL;
	struct err named;

	if (status == LUA_ERRMEM || (text && !strcmp(text, "not enough memory")))
		return err_set(err, -EINVAL, "%s: needs more memory than a policy may have", name);
	if (status == LUA_ERRERR)
		return err_set(err, -EINVAL, "%s: calls itself too deeply", name);
	if (!text)
		return err_set(err, -EINVAL, "%s: error() was given a %s, not a text", name,
			luaL_typename(s->L, -1));
	if (strstr(text, "C stack overflow"))
		return err_set(err, -EINVAL, "%s: calls itself or is nested too deeply", name);
	name_files(s, text, &named);
	sandbox_one_line(named.text);
	if (strncmp(text, CHUNK, sizeof(CHUNK) - 1))
		return err_set(err, -EINVAL, "%s: %s", name, named.text);
	return err_set(err, -EINVAL, "%s", named.text);
}

static void take_note(struct sandbox *s, const char *name)
{
	s->noted = name;
	if (s->note)
		snprintf(s->note, SANDBOX_NOTE_MAX, "%s", name ? name : "");
}

static int protect(struct sandbox *s, lua_CFunction function, const void *argument,
	const char *name, struct err *err)
{
	const char *outer = s->noted;
	int top = lua_gettop(s->L), status, rc = 0;

	if (!lua_checkstack(s->L, 8))
		return err_set(err, -EINVAL, "%s: calls itself too deeply", name);
	take_note(s, name);
	lua_pushcfunction(s->L, add_callers);
	lua_pushcfunction(s->L, function);
	lua_pushlightuserdata(s->L, (void *)(uintptr_t)argument);
	status = lua_pcall(s->L, 1, 0, top + 1);
	if (status != LUA_OK)
		rc = report(s, status, name, err);
	lua_settop(s->L, top);
	take_note(s, outer);
	return rc;
}

void sandbox_limit(struct sandbox *s, int instructions)
{
	s->instructions = instructions;
}

void sandbox_note(struct sandbox *s, char note[SANDBOX_NOTE_MAX])
{
	s->note = note;
}

int sandbox_run(struct sandbox *s, const struct sandbox_chunk *chunk, struct err *err)
{
	const struct sandbox_chunk *outer = s->running;
	int rc;

	if (s->chunks == SANDBOX_CHUNKS_MAX)
		return err_set(err, -EINVAL, "%s: more than %d policy files", chunk->name,
			SANDBOX_CHUNKS_MAX);
	s->names[s->chunks] = talloc_strdup(s, chunk->name);
	if (!s->names[s->chunks])
		return err_errno(err, -ENOMEM, "%s", chunk->name);
	s->chunks++;
	s->running = chunk;
	rc = protect(s, run_chunk, NULL, chunk->name, err);
	s->running = outer;
	return rc;
}

int sandbox_call(struct sandbox *s, const struct sandbox_call *call, struct err *err)
{
	return protect(s, call_function, call, call->name, err);
}

static int close_state(struct sandbox *s)
{
	if (s->L)
		lua_close(s->L);
	return 0;
}

struct sandbox *sandbox_new(
	void *ctx, const luaL_Reg *words, sandbox_unknown *unknown_name_told, void *data)
{
	struct sandbox *s = talloc_zero(ctx, struct sandbox);

	if (!s)
		return NULL;
	s->instructions = SANDBOX_INSTRUCTIONS_MAX;
	s->words = words;
	s->unknown = unknown_name_told;
	s->data = data;
	talloc_set_destructor(s, close_state);
	s->L = lua_newstate(allocate, s);
	if (!s->L) {
		talloc_free(s);
		return NULL;
	}
	*(struct sandbox **)lua_getextraspace(s->L) = s;
	return s;
}

void *sandbox_data(lua_State *L)
{
	return self(L)->data;
}

const struct sandbox_chunk *sandbox_chunk(lua_State *L)
{
	return self(L)->running;
}

unsigned int sandbox_line(lua_State *L)
{
	lua_Debug ar;

	if (!lua_getstack(L, 1, &ar) || !lua_getinfo(L, "l", &ar) || ar.currentline < 0)
		return 0;
	return (unsigned int)ar.currentline;
}
