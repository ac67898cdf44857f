// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/schema.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/sandbox.h"
#include "policy/spelling.h"

/* How much of a wrong value an error repeats, in bytes. */
#define SHOWN_MAX 40

/* Push the value on top of the stack in words. */
static const char *describe(lua_State *L)
{
	size_t len;
	const char *text;

	if (lua_type(L, -1) == LUA_TNUMBER || lua_type(L, -1) == LUA_TBOOLEAN)
		return luaL_tolstring(L, -1, NULL);
	if (lua_type(L, -1) != LUA_TSTRING)
		return lua_pushfstring(L, "a %s", luaL_typename(L, -1));
	text = lua_tolstring(L, -1, &len);
	lua_pushlstring(L, text, len > SHOWN_MAX ? SHOWN_MAX : len);
	return lua_pushfstring(L, len > SHOWN_MAX ? "\"%s...\"" : "\"%s\"", lua_tostring(L, -1));
}

const char *schema_expected(lua_State *L, const struct schema_field *field)
{
	const char *text = lua_pushstring(L, field->type->is);

	for (const struct schema_word *word = field->words; word && word->name; word++)
		text = lua_pushfstring(
			L, "%s%s \"%s\"", text, word == field->words ? "" : ",", word->name);
	return text;
}

void schema_mismatch(lua_State *L, const struct schema_field *field, const char *nearest)
{
	const char *got, *wanted;

	if (sandbox_is_unknown(L)) {
		lua_pushnil(L);
		lua_error(L);
	}
	got = describe(L);
	wanted = schema_expected(L, field);
	if (nearest)
		luaL_error(L, "%s must be %s, not %s; did you mean \"%s\"?", field->name, wanted,
			got, nearest);
	luaL_error(L, "%s must be %s, not %s", field->name, wanted, got);
	abort(); /* luaL_error does not return, but its declaration does not say so */
}

static void unknown_field(lua_State *L, const struct schema *schema, const char *name,
	const struct schema_teller *teller)
{
	struct spelling spelling = {.word = name};
	const char *text, *shown = name;

	for (size_t i = 0; i < schema->count; i++)
		spelling_consider(&spelling, schema->fields[i].name);
	if (strlen(name) > SHOWN_MAX) {
		lua_pushlstring(L, name, SHOWN_MAX);
		shown = lua_pushfstring(L, "%s...", lua_tostring(L, -1));
	}
	text = spelling.nearest ? lua_pushfstring(L, "%s has no field \"%s\"; did you mean \"%s\"?",
					  schema->name, shown, spelling.nearest)
				: lua_pushfstring(L, "%s has no field \"%s\"", schema->name, shown);
	teller->tell(teller->data, name, text);
	lua_settop(L, 1);
}

static int knows(const struct schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->count; i++)
		if (!strcmp(schema->fields[i].name, name))
			return 1;
	return 0;
}

/* As many unknown fields of one declaration are told of: each is a walk through the table. */
#define UNKNOWN_MAX 10

/* Lua walks a table in any order: unknown fields are told in that of the alphabet. */
static void check_names(
	lua_State *L, const struct schema *schema, const struct schema_teller *teller)
{
	const char *last = "";

	for (int told = 0; told < UNKNOWN_MAX; told++) {
		const char *unknown = NULL;

		for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
			const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2)
									  : NULL;

			if (name && !knows(schema, name) && strcmp(name, last) > 0 &&
				(!unknown || strcmp(name, unknown) < 0))
				unknown = name;
		}
		if (!unknown)
			return;
		unknown_field(L, schema, unknown, teller);
		last = unknown;
	}
}

static int has_nameless(lua_State *L)
{
	for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
		if (lua_type(L, -2) != LUA_TSTRING) {
			lua_pop(L, 2);
			return 1;
		}
	return 0;
}

struct reading {
	const struct schema_field *field;
	void *ctx, *value;
};

static int read_field(lua_State *L)
{
	const struct reading *r = lua_touserdata(L, 1);

	r->field->type->read(L, r->field, r->ctx, r->value);
	return 0;
}

/* The value is on top of the stack. */
static int try_field(lua_State *L, const struct reading *r, const struct schema_teller *teller)
{
	int status;

	lua_pushcfunction(L, read_field);
	lua_insert(L, -2);
	lua_pushlightuserdata(L, (void *)(uintptr_t)r);
	lua_insert(L, -2);
	status = lua_pcall(L, 2, 0, 0);
	if (status == LUA_OK)
		return 1;
	if (status != LUA_ERRRUN || !(lua_isnil(L, -1) || lua_type(L, -1) == LUA_TSTRING))
		lua_error(L); /* out of memory */
	teller->tell(teller->data, r->field->name, lua_tostring(L, -1));
	return 0;
}

unsigned int schema_read(lua_State *L, const struct schema *schema, void *ctx, void *record,
	const struct schema_teller *teller)
{
	unsigned int says = 0;

	luaL_checkstack(L, 8, NULL);
	if (lua_gettop(L) != 1 || !lua_istable(L, 1)) {
		teller->tell(teller->data, NULL,
			lua_pushfstring(L, "%s takes one table of fields: %s { ... }", schema->name,
				schema->name));
		return 0;
	}
	if (has_nameless(L))
		teller->tell(teller->data, NULL,
			lua_pushfstring(L, "%s takes fields with names, as in %s = ...",
				schema->name, schema->fields[0].name));
	lua_settop(L, 1);
	check_names(L, schema, teller);
	for (size_t i = 0; i < schema->count; i++) {
		const struct schema_field *field = &schema->fields[i];
		const struct reading r = {field, ctx, (char *)record + field->offset};

		lua_pushstring(L, field->name);
		lua_rawget(L, 1);
		if (!lua_isnil(L, -1) && try_field(L, &r, teller))
			says |= 1u << i;
		lua_settop(L, 1);
	}
	return says;
}

const char *schema_word_of(const struct schema_word *words, unsigned int value)
{
	for (; words->name; words++)
		if (words->value == value)
			return words->name;
	return "";
}
