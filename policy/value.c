// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/value.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "policy/pci_class.h"
#include "policy/rule.h"
#include "policy/spelling.h"

_Static_assert((int)STEP_INTX <= PLAN_STEPS_MAX, "a rule may name each step once");

/* The string on top of the stack; anything else, one with zero bytes and "" are mismatches. */
static const char *read_string(lua_State *L, const struct schema_field *field, size_t max)
{
	size_t len = 0;
	const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;

	if (!text || !len || len > max || strlen(text) != len)
		schema_mismatch(L, field, NULL);
	return text;
}

static char *copy(lua_State *L, void *ctx, const char *text)
{
	char *copied = talloc_strdup(ctx, text);

	if (!copied)
		luaL_error(L, "out of memory");
	return copied;
}

static void read_id(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	lua_Integer id = -1;
	const char *text;

	(void)ctx;
	if (lua_type(L, -1) == LUA_TNUMBER) {
		int exact;

		id = lua_tointegerx(L, -1, &exact);
		id = exact ? id : -1;
	} else {
		text = read_string(L, field, sizeof("0xffff") - 1);
		if (!strncmp(text, "0x", 2) && isxdigit((unsigned char)text[2]) &&
			strspn(text + 2, "0123456789abcdefABCDEF") == strlen(text + 2))
			id = strtol(text, NULL, 16);
	}
	if (id < 0 || id > 0xffff)
		schema_mismatch(L, field, NULL);
	*(unsigned int *)value = (unsigned int)id;
}

/* A number has lost its leading zeros, so 0x01 could be a base class or a subclass of class 0: only
 * numbers of four digits (class and subclass) or six (with the interface) are taken. */
static void read_class(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	struct spelling spelling = {0};
	char code[16];
	lua_Integer n;
	int exact;

	(void)ctx;
	if (lua_type(L, -1) == LUA_TNUMBER) {
		n = lua_tointegerx(L, -1, &exact);
		if (!exact || n < 0x100 || n > 0xffffff)
			schema_mismatch(L, field, NULL);
		snprintf(code, sizeof(code), n > 0xffff ? "0x%06x" : "0x%04x", (unsigned int)n);
		spelling.word = code;
	} else {
		spelling.word = read_string(L, field, SPELLING_WORD_MAX);
	}
	if (pci_class_parse(spelling.word, value, &spelling) < 0)
		schema_mismatch(L, field, spelling.nearest);
}

static void read_glob(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	*(const char **)value = copy(L, ctx, read_string(L, field, VALUE_GLOB_MAX));
}

/* As snapshots write slots: with the domain, all leading zeros and in lower case. What could be the
 * name of no slot would never match, and nobody would notice. */
static void read_slot(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	const char *text = read_string(L, field, VALUE_GLOB_MAX);
	char plain[24], *glob;
	struct pci_slot slot;

	if (text[strcspn(text, "*?[")]) {
		if (text[strspn(text, "0123456789abcdefABCDEF:.*?[]!-")])
			schema_mismatch(L, field, NULL);
		glob = copy(L, ctx, text);
		for (char *c = glob; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		*(const char **)value = glob;
		return;
	}
	if (pci_parse_slot(text, &slot) < 0)
		schema_mismatch(L, field, NULL);
	snprintf(plain, sizeof(plain), "%04x:%02x:%02x.%x", slot.domain, slot.bus, slot.dev,
		slot.func);
	*(const char **)value = copy(L, ctx, plain);
}

static void read_text(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	const char *text = read_string(L, field, VALUE_TEXT_MAX);

	for (const char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			schema_mismatch(L, field, NULL);
	*(const char **)value = copy(L, ctx, text);
}

static void read_word(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	struct spelling spelling = {.word = read_string(L, field, SPELLING_WORD_MAX)};
	const struct schema_word *word = field->words;

	(void)ctx;
	for (; word->name && strcmp(word->name, spelling.word); word++)
		spelling_consider(&spelling, word->name);
	if (!word->name)
		schema_mismatch(L, field, spelling.nearest);
	*(unsigned int *)value = word->value;
}

static void read_flag(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	(void)ctx;
	if (!lua_isboolean(L, -1))
		schema_mismatch(L, field, NULL);
	*(unsigned int *)value = lua_toboolean(L, -1) ? 1 : 0;
}

static void read_seconds(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	lua_Number seconds = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;

	(void)ctx;
	if (!(seconds >= 0.001 && seconds <= VALUE_SECONDS_MAX))
		schema_mismatch(L, field, NULL);
	*(unsigned int *)value = (unsigned int)(seconds * 1000);
}

/* One element of a list of steps, on top of the stack. */
static enum step read_step(lua_State *L, const struct schema_field *field)
{
	struct spelling spelling = {.word = read_string(L, field, SPELLING_WORD_MAX)};
	enum step step;

	if (!step_from_name(spelling.word, &step) && step < STEP_INTX)
		return step;
	for (int i = 0; i < STEP_INTX; i++) /* the others are no rule's to ask for */
		spelling_consider(&spelling, step_name((enum step)i));
	if (spelling.nearest)
		luaL_error(L, "there is no step \"%s\"; did you mean \"%s\"?", spelling.word,
			spelling.nearest);
	luaL_error(L, "there is no step \"%s\"", spelling.word);
	return STEP_COUNT;
}

/* Numbered from 1 without gaps, and nothing else in the table. */
static void check_list(lua_State *L, const struct schema_field *field)
{
	lua_Unsigned count = 0;

	if (!lua_istable(L, -1) || !lua_rawlen(L, -1))
		schema_mismatch(L, field, NULL);
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		count++;
	if (count != lua_rawlen(L, -1))
		schema_mismatch(L, field, NULL);
}

static void read_steps(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	struct step_list *list = value;
	unsigned int seen = 0;

	(void)ctx;
	check_list(L, field);
	for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
		enum step step = read_step(L, field);

		if (seen & 1u << step)
			luaL_error(L, "%s names \"%s\" twice", field->name, step_name(step));
		seen |= 1u << step;
		list->steps[list->count++] = step;
	}
}

const struct schema_type value_id = {"a number up to 0xffff or a string like \"0x8086\"", read_id};
const struct schema_type value_class = {
	"the name of a PCI class or a code like \"0x01\", 0x0108 or 0x010802", read_class};
const struct schema_type value_glob = {
	"a short string, in which * and ? match anything", read_glob};
const struct schema_type value_slot = {
	"a slot like \"0000:01:00.0\" or \"01:00.0\", or a glob of slots like \"01:*\"", read_slot};
const struct schema_type value_text = {"a sentence of at most 200 bytes", read_text};
const struct schema_type value_word = {"one of", read_word};
const struct schema_type value_flag = {"true or false", read_flag};
const struct schema_type value_steps = {
	"a list of steps, as in { \"unbind\", \"bus\" }", read_steps};
const struct schema_type value_seconds = {"a number of seconds up to 3600", read_seconds};
