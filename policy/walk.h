/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_WALK_H
#define POLICY_WALK_H

/*
 * Tables for scripts: walked through in an order that is the same each time, and, where they tell of
 * the machine, only to be read.
 *
 * Lua's own pairs() goes by hashes that it seeds by chance (lstate.c, luai_makeseed): rules declared in
 * such a loop would stand in another order in each run, and another one of them would be the last that
 * matches. And what one rule's function writes into a table, another rule's would read.
 */

#include <lauxlib.h>
#include <lua.h>

/* pairs: false, true, then numbers, then strings, each in ascending order; keys of other types last, in
 * no order. What is added on the way is not seen, what is taken out is passed over. */
int walk_pairs(lua_State *L);

/* next: in Lua's own order; but it sees into frozen tables too. */
int walk_next(lua_State *L);

/* Put in the place of the table on top of the stack one that reads alike, and that to write to is an
 * error. Needs 4 places on the stack. */
void walk_freeze(lua_State *L);

/* Is the table at this index such a one? */
int walk_is_frozen(lua_State *L, int index);

#endif
