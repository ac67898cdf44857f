/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_SCHEMA_H
#define POLICY_SCHEMA_H

/*
 * What may be written between the braces of a declaration, as a table: the field's name, its type,
 * where it goes, and what it does. A schema turns a Lua table into a struct; what it does not know,
 * or what is not of the field's type, is an error that names the field and what was probably meant.
 * Each field is read in a protected call of its own, so that all errors of a declaration are found.
 */

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>

struct schema_field;

/* Types (value.h has them all) check the value on top of the stack and write it to *value, or raise
 * an error. Strings are copied to talloc context ctx. */
struct schema_type {
	const char *is; /* "a string", for people; the words follow where a field has some */
	void (*read)(lua_State *L, const struct schema_field *field, void *ctx, void *value);
};

struct schema_word {
	const char *name;
	unsigned int value;
};

enum schema_kind {
	SCHEMA_ACTION,
	SCHEMA_MATCH, /* narrows down what the rule speaks about */
	SCHEMA_NOTE,  /* neither */
};

struct schema_field {
	const char *name;
	const struct schema_type *type;
	size_t offset;                   /* in the record */
	const struct schema_word *words; /* for value_word: what may be said, ended by {NULL, 0} */
	enum schema_kind kind;
	const char *help; /* one or two sentences, which the manual page prints */
};

struct schema {
	const char *name; /* the word that declares: "device" */
	const struct schema_field *fields;
	size_t count; /* at most 32 */
};

/* Who is told of each error: the field's name, NULL for the declaration as a whole, and the sentence,
 * NULL where it was told already (a name that is not there, sandbox_is_unknown()). */
struct schema_teller {
	void (*tell)(void *data, const char *field, const char *text);
	void *data;
};

/* Read the table at index 1 of the stack into record; returns the fields that were there and right, as
 * bits in the order of the table. What is no table with names for keys is told too. */
unsigned int schema_read(lua_State *L, const struct schema *schema, void *ctx, void *record,
	const struct schema_teller *teller);

/* For types: raise "FIELD must be TYPE, not VALUE", with a suggestion unless nearest is NULL. */
void schema_mismatch(lua_State *L, const struct schema_field *field, const char *nearest)
	__attribute__((noreturn));

/* The word for a value; "" if there is none. */
const char *schema_word_of(const struct schema_word *words, unsigned int value);

/* Push what the field takes in words: its type, and the words it knows. */
const char *schema_expected(lua_State *L, const struct schema_field *field);

#endif
