// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/value.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/kernel_words.h"
#include "devices/utf8.h"
#include "policy/pci_class.h"
#include "policy/rule.h"
#include "policy/spelling.h"
#include "policy/version_range.h"

_Static_assert((int)STEP_INTX <= PLAN_STEPS_MAX, "a rule may name each step once");

/* The string on top of the stack; anything else, "", one with zero bytes and one that is not UTF-8 are
 * mismatches. */
static const char *read_string(lua_State *L, const struct schema_field *field, size_t max)
{
	size_t len = 0;
	const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;

	if (!text || !len || len > max || strlen(text) != len || !utf8_is_valid(text))
		schema_mismatch(L, field, NULL);
	return text;
}

static char *copy(lua_State *L, void *ctx, const char *text)
{
	char *copied = talloc_strdup(ctx, text);

	if (!copied)
		luaL_error(L, VALUE_NO_MEMORY);
	return copied;
}

/* The element on top of the stack. */
static unsigned int one_id(lua_State *L, const struct schema_field *field)
{
	lua_Integer id = -1;
	const char *text;

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
	return (unsigned int)id;
}

/* Numbered from 1 without gaps, and nothing else in the table; how many. */
static size_t check_list(lua_State *L, const struct schema_field *field, size_t max)
{
	lua_Unsigned count = 0;

	if (!lua_istable(L, -1) || !lua_rawlen(L, -1) || lua_rawlen(L, -1) > max)
		schema_mismatch(L, field, NULL);
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		count++;
	if (count != lua_rawlen(L, -1))
		schema_mismatch(L, field, NULL);
	for (lua_Unsigned i = 1; i <= count; i++, lua_pop(L, 1))
		if (lua_rawgeti(L, -1, (lua_Integer)i) == LUA_TNIL) {
			lua_pop(L, 1);
			schema_mismatch(L, field, NULL);
		}
	return count;
}

static void *out_of_memory(lua_State *L, void *p)
{
	if (!p)
		luaL_error(L, VALUE_NO_MEMORY);
	return p;
}

static void read_ids(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	struct id_list *list = value;
	int is_list = lua_istable(L, -1);
	size_t count = is_list ? check_list(L, field, VALUE_LIST_MAX) : 1;
	unsigned int *ids = out_of_memory(L, talloc_array(ctx, unsigned int, count));

	for (size_t i = 0; i < count; i++) {
		if (is_list)
			lua_rawgeti(L, -1, (lua_Integer)i + 1);
		ids[i] = one_id(L, field);
		lua_pop(L, is_list);
	}
	*list = (struct id_list){ids, count};
}

/* A string or a list of them, each as one() makes it. */
static void read_list(lua_State *L, const struct schema_field *field, void *ctx, void *value,
	char *(*one)(lua_State *L, const struct schema_field *field, void *ctx))
{
	int is_list = lua_istable(L, -1);
	size_t count = is_list ? check_list(L, field, VALUE_LIST_MAX) : 1;
	const char **list = out_of_memory(L, talloc_zero_array(ctx, const char *, count + 1));

	for (size_t i = 0; i < count; i++) {
		if (is_list)
			lua_rawgeti(L, -1, (lua_Integer)i + 1);
		list[i] = one(L, field, ctx);
		lua_pop(L, is_list);
	}
	*(const char ***)value = list;
}

/* A number has lost its leading zeros, so 0x01 could be a base class or a subclass of class 0: only
 * numbers of four digits (class and subclass) or six (with the interface) are taken. */
static void read_class(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	struct spelling spelling = {0};
	char code[16];
	lua_Integer n;
	int exact;

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
	((struct class_pattern *)value)->text = copy(L, ctx, spelling.word);
}

static void check_printable(lua_State *L, const struct schema_field *field, const char *text)
{
	for (const char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			schema_mismatch(L, field, NULL);
}

static char *one_glob(lua_State *L, const struct schema_field *field, void *ctx)
{
	const char *text = read_string(L, field, VALUE_GLOB_MAX);

	check_printable(L, field, text);
	return copy(L, ctx, text);
}

static void read_globs(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	read_list(L, field, ctx, value, one_glob);
}

/* As snapshots write slots: with the domain, all leading zeros and in lower case. What could be the
 * name of no slot would never match, and nobody would notice. */
static char *one_slot(lua_State *L, const struct schema_field *field, void *ctx)
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
		return glob;
	}
	if (pci_parse_slot(text, &slot) < 0)
		schema_mismatch(L, field, NULL);
	snprintf(plain, sizeof(plain), "%04x:%02x:%02x.%x", slot.domain, slot.bus, slot.dev,
		slot.func);
	return copy(L, ctx, plain);
}

static void read_slots(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	read_list(L, field, ctx, value, one_slot);
}

/* Words of a command line: without blanks, unless in quotes as the kernel takes them. */
static char *one_option(lua_State *L, const struct schema_field *field, void *ctx)
{
	const char *text = read_string(L, field, VALUE_TEXT_MAX);
	bool is_open;

	check_printable(L, field, text);
	if (text[kernel_word_length(text, &is_open)])
		luaL_error(L,
			"%s takes one word in each string: write { \"a\", \"b\" } for several",
			field->name);
	if (is_open)
		luaL_error(L, "%s has a quote that is never closed", field->name);
	return copy(L, ctx, text);
}

static void read_options(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	read_list(L, field, ctx, value, one_option);
}

/* One component of a path. */
static const char *read_name(lua_State *L, const struct schema_field *field)
{
	const char *text = read_string(L, field, VALUE_GLOB_MAX);

	check_printable(L, field, text);
	if (strchr(text, '/') || text[0] == '.')
		schema_mismatch(L, field, NULL);
	return text;
}

static void read_bus(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	*(const char **)value = copy(L, ctx, read_name(L, field));
}

static void read_file_name(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	const char *name = read_name(L, field), *dot = strrchr(name, '.');

	if (!dot || strcmp(dot, ".lua"))
		schema_mismatch(L, field, NULL);
	*(const char **)value = copy(L, ctx, name);
}

static void read_versions(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	const char *text = read_string(L, field, VALUE_GLOB_MAX);
	struct version_range range;

	if (version_range_parse(text, &range) < 0)
		schema_mismatch(L, field, NULL);
	range.text = copy(L, ctx, text);
	*(struct version_range *)value = range;
}

static void read_function(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	(void)ctx;
	if (!lua_isfunction(L, -1) || lua_iscfunction(L, -1))
		schema_mismatch(L, field, NULL);
	lua_pushvalue(L, -1);
	*(int *)value = luaL_ref(L, LUA_REGISTRYINDEX);
}

static void read_text(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	const char *text = read_string(L, field, VALUE_TEXT_MAX);

	check_printable(L, field, text);
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

/* A number within bounds; NaN is not. */
static lua_Number read_number(
	lua_State *L, const struct schema_field *field, lua_Number least, lua_Number most)
{
	lua_Number n = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;

	if (!(n >= least && n <= most))
		schema_mismatch(L, field, NULL);
	return n;
}

static void read_seconds(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	(void)ctx;
	*(unsigned int *)value = (unsigned int)(read_number(L, field, 0.001, VALUE_SECONDS_MAX) *
						1000);
}

static void read_timeout(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	(void)ctx;
	*(unsigned int *)value = (unsigned int)(read_number(L, field, 0, VALUE_SECONDS_MAX) * 1000);
}

static void read_retries(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	lua_Number n = read_number(L, field, 0, VALUE_RETRIES_MAX);

	(void)ctx;
	if (n != (lua_Number)(unsigned int)n)
		schema_mismatch(L, field, NULL);
	*(unsigned int *)value = (unsigned int)n;
}

enum asker { A_RULE, AN_ARRANGEMENT };

/* Some are nobody's to ask for: they come by themselves. */
static int may_ask_for(enum step step, enum asker asker)
{
	if (step_kind(step) & STEP_IS_ERRAND)
		return asker == AN_ARRANGEMENT;
	return step < STEP_INTX && step != STEP_VFS;
}

/* The step that the string on top of the stack names. */
static enum step one_step(lua_State *L, const struct schema_field *field, enum asker asker)
{
	struct spelling spelling = {.word = read_string(L, field, SPELLING_WORD_MAX)};
	enum step step;

	if (!step_from_name(spelling.word, &step) && may_ask_for(step, asker))
		return step;
	for (int i = 0; i < STEP_COUNT; i++)
		if (may_ask_for((enum step)i, asker))
			spelling_consider(&spelling, step_name((enum step)i));
	if (spelling.nearest)
		luaL_error(L, "there is no step \"%s\"; did you mean \"%s\"?", spelling.word,
			spelling.nearest);
	luaL_error(L, "there is no step \"%s\"", spelling.word);
	return STEP_COUNT;
}

static void read_steps(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	struct step_list *list = value;
	unsigned int seen = 0;

	(void)ctx;
	*list = (struct step_list){.count = 0};
	for (size_t n = check_list(L, field, STEP_COUNT), i = 0; i < n; i++, lua_pop(L, 1)) {
		enum step step;

		lua_rawgeti(L, -1, (lua_Integer)i + 1);
		step = one_step(L, field, A_RULE);

		if (seen & 1u << step)
			luaL_error(L, "%s names \"%s\" twice", field->name, step_name(step));
		seen |= 1u << step;
		list->steps[list->count++] = step;
	}
}

static void read_one_step(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	(void)ctx;
	*(unsigned int *)value = one_step(L, field, AN_ARRANGEMENT);
}

/* Names of devices and drivers come back as they are, UTF-8 or not. */
static char *one_plain(lua_State *L, const struct schema_field *field, void *ctx)
{
	size_t len = 0;
	const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;

	if (!len || len >= PLAN_SUBJECT_MAX || strlen(text) != len)
		schema_mismatch(L, field, NULL);
	return copy(L, ctx, text);
}

static void read_plain(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	*(const char **)value = one_plain(L, field, ctx);
}

static void read_plains(lua_State *L, const struct schema_field *field, void *ctx, void *value)
{
	read_list(L, field, ctx, value, one_plain);
}

const struct schema_type value_ids = {
	"a number up to 0xffff or a string like \"0x8086\", or a list of these", read_ids};
const struct schema_type value_class = {
	"the name of a PCI class or a code like \"0x01\", 0x0108 or 0x010802", read_class};
const struct schema_type value_globs = {
	"a short string, in which * and ? match anything, or a list of these", read_globs};
const struct schema_type value_slots = {"a slot like \"0000:01:00.0\" or \"01:00.0\", or a glob of "
					"slots like \"01:*\", or a list of "
					"these",
	read_slots};
const struct schema_type value_bus = {"the name of a bus", read_bus};
const struct schema_type value_file_name = {"the name of a file, NAME.lua", read_file_name};
const struct schema_type value_versions = {
	"a version like \"6.1\" or a range like \">= 5.10, < 6.4\"", read_versions};
const struct schema_type value_function = {"a function of the file's own", read_function};
const struct schema_type value_options = {
	"a word of a command line, or a list of these", read_options};
const struct schema_type value_text = {"a text in one line, of at most 200 bytes", read_text};
const struct schema_type value_word = {"one of", read_word};
const struct schema_type value_flag = {"true or false", read_flag};
const struct schema_type value_steps = {
	"a list of steps, as in { \"unbind\", \"bus\" }", read_steps};
const struct schema_type value_seconds = {"a number of seconds up to 3600", read_seconds};
const struct schema_type value_timeout = {"a number of seconds up to 3600, or 0", read_timeout};
const struct schema_type value_retries = {"a whole number up to 5", read_retries};
const struct schema_type value_step = {"the name of a step", read_one_step};
const struct schema_type value_string = {"a string of up to 255 bytes", read_plain};
const struct schema_type value_strings = {"a list of strings of up to 255 bytes each", read_plains};
