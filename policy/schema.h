/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_SCHEMA_H
#define POLICY_SCHEMA_H

/*
 * What may be written between the braces of a declaration, as a table: the field's name, its type,
 * where it goes, and what it does. A schema turns the Lua table of one declaration into a struct;
 * what it does not know, or what is not of the field's type, is an error that names the field and
 * what was probably meant. Errors are raised with luaL_error(), whose position is the
 * declaration's line; they do not return.
 */

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>

struct schema_field;

/* Types (value.h has them all) check the value on top of the stack and write it to *value. Strings
 * are copied to talloc context ctx. */
struct schema_type {
	const char *is; /* "a string", for people; the words follow where a field has some */
	void (*read)(lua_State *L, const struct schema_field *field, void *ctx, void *value);
};

struct schema_word {
	const char *name;
	unsigned int value;
};

struct schema_field {
	const char *name;
	const struct schema_type *type;
	size_t offset;                   /* in the record */
	const struct schema_word *words; /* for value_word: what may be said, ended by {NULL, 0} */
	const char *help;                /* one sentence */
};

struct schema {
	const char *name; /* the word that declares: "device" */
	const struct schema_field *fields;
	size_t count; /* at most 32 */
};

/* Read the only argument of the running Lua C function into record; returns the fields that were
 * there, as bits in the order of the table. */
unsigned int schema_read(lua_State *L, const struct schema *schema, void *ctx, void *record);

/* For types: raise "FIELD must be TYPE, not VALUE", with a suggestion unless nearest is NULL. */
void schema_mismatch(lua_State *L, const struct schema_field *field, const char *nearest)
	__attribute__((noreturn));

#endif
