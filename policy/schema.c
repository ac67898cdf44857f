// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/schema.h"

#include <stdlib.h>
#include <string.h>

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

/* Push what the field wants in words: its type, and the words it knows. */
static const char *expected(lua_State *L, const struct schema_field *field)
{
	const char *text = lua_pushstring(L, field->type->is);

	for (const struct schema_word *word = field->words; word && word->name; word++)
		text = lua_pushfstring(
			L, "%s%s \"%s\"", text, word == field->words ? "" : ",", word->name);
	return text;
}

void schema_mismatch(lua_State *L, const struct schema_field *field, const char *nearest)
{
	const char *got = describe(L);
	const char *wanted = expected(L, field);

	if (nearest)
		luaL_error(L, "%s must be %s, not %s; did you mean \"%s\"?", field->name, wanted,
			got, nearest);
	luaL_error(L, "%s must be %s, not %s", field->name, wanted, got);
	abort(); /* luaL_error does not return, but its declaration does not say so */
}

static void unknown_field(lua_State *L, const struct schema *schema, const char *name)
{
	struct spelling spelling = {.word = name};

	for (size_t i = 0; i < schema->count; i++)
		spelling_consider(&spelling, schema->fields[i].name);
	if (spelling.nearest)
		luaL_error(L, "%s has no field \"%s\"; did you mean \"%s\"?", schema->name, name,
			spelling.nearest);
	luaL_error(L, "%s has no field \"%s\"", schema->name, name);
}

static int knows(const struct schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->count; i++)
		if (!strcmp(schema->fields[i].name, name))
			return 1;
	return 0;
}

/* Lua walks a table in any order: of several unknown fields name the first in the alphabet. */
static void check_names(lua_State *L, const struct schema *schema)
{
	const char *unknown = NULL;

	for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
		const char *name;

		if (lua_type(L, -2) != LUA_TSTRING)
			luaL_error(L, "%s takes fields with names, as in slot = \"01:00.0\"",
				schema->name);
		name = lua_tostring(L, -2);
		if (!knows(schema, name) && (!unknown || strcmp(name, unknown) < 0))
			unknown = name;
	}
	if (unknown)
		unknown_field(L, schema, unknown);
}

unsigned int schema_read(lua_State *L, const struct schema *schema, void *ctx, void *record)
{
	unsigned int says = 0;

	if (lua_gettop(L) != 1 || !lua_istable(L, 1))
		luaL_error(
			L, "%s takes one table of fields: %s { ... }", schema->name, schema->name);
	check_names(L, schema);
	for (size_t i = 0; i < schema->count; i++) {
		const struct schema_field *field = &schema->fields[i];

		lua_getfield(L, 1, field->name);
		if (!lua_isnil(L, -1)) {
			field->type->read(L, field, ctx, (char *)record + field->offset);
			says |= 1u << i;
		}
		lua_settop(L, 1);
	}
	return says;
}
