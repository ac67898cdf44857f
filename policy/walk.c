// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/walk.h"

#include <lualib.h>

/* Scripts cannot set metatables: a table that has one with a table in it is frozen. */
int walk_is_frozen(lua_State *L, int index)
{
	int type = luaL_getmetafield(L, index, "__index");

	if (type != LUA_TNIL)
		lua_pop(L, 1);
	return type == LUA_TTABLE;
}

/* Make index 1 the table that is meant. */
static void see_through(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	if (!walk_is_frozen(L, 1))
		return;
	luaL_getmetafield(L, 1, "__index");
	lua_replace(L, 1);
}

static int length(lua_State *L)
{
	see_through(L);
	lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
	return 1;
}

static int refuse(lua_State *L)
{
	return luaL_error(L, "what tells of the machine can only be read: copy what you want to "
			     "change");
}

void walk_freeze(lua_State *L)
{
	lua_newtable(L);
	lua_createtable(L, 0, 3);
	lua_rotate(L, -3, -1); /* shown, its metatable, the table itself */
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, length);
	lua_setfield(L, -2, "__len");
	lua_pushcfunction(L, refuse);
	lua_setfield(L, -2, "__newindex");
	lua_setmetatable(L, -2);
}

int walk_next(lua_State *L)
{
	see_through(L);
	lua_settop(L, 2);
	if (lua_next(L, 1))
		return 2;
	lua_pushnil(L);
	return 1;
}

/* The comparison for table.sort. */
static int comes_before(lua_State *L)
{
	int type = lua_type(L, 1), before = 0;

	if (type != lua_type(L, 2))
		before = type < lua_type(L, 2);
	else if (type == LUA_TNUMBER || type == LUA_TSTRING)
		before = lua_compare(L, 1, 2, LUA_OPLT);
	else if (type == LUA_TBOOLEAN)
		before = lua_toboolean(L, 1) < lua_toboolean(L, 2);
	lua_pushboolean(L, before);
	return 1;
}

/* Push the keys of the table at index 1 as a list. */
static void push_keys(lua_State *L)
{
	lua_Integer count = 0;

	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_getfield(L, -1, LUA_TABLIBNAME);
	lua_getfield(L, -1, "sort");
	lua_newtable(L);
	for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
		lua_pushvalue(L, -2);
		lua_rawseti(L, -4, ++count);
	}
	lua_pushvalue(L, -1);
	lua_insert(L, -3); /* list, sort, list */
	lua_pushcfunction(L, comes_before);
	lua_call(L, 2, 0);
}

/* One step of the loop. Upvalues: the table, its keys, the number of the key before. */
static int step(lua_State *L)
{
	lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));

	do {
		lua_settop(L, 0);
		if (lua_rawgeti(L, lua_upvalueindex(2), ++at) == LUA_TNIL)
			return 1;
		lua_pushvalue(L, 1);
	} while (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL);
	lua_pushinteger(L, at);
	lua_replace(L, lua_upvalueindex(3));
	return 2;
}

int walk_pairs(lua_State *L)
{
	see_through(L);
	lua_settop(L, 1);
	push_keys(L);
	lua_pushvalue(L, 1);
	lua_insert(L, -2);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, step, 3);
	return 1;
}
