// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The manual page of the language against the tables that the program reads it by: no field, word,
 * step or function is in one and not in the other. `make man` writes the page's lists of fields.
 */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <lualib.h>
#include <talloc.h>

#include "policy/loaded.h"
#include "policy/schemas.h"

#define PAGE "configs/man/stillboot-policy.5"
#define BEGIN ".\\\" fields: "
#define END ".\\\" end of fields\n"
#define COLUMNS 78
#define PAGE_MAX 100000

#define MATCH (1u << SCHEMA_MATCH)
#define REST (1u << SCHEMA_ACTION | 1u << SCHEMA_NOTE)

static const struct list {
	const char *name;
	const struct schema *schema;
	unsigned int kinds;
} lists[] = {
	{"device match", &device_schema, MATCH},
	{"device action", &device_schema, REST},
	{"entry match", &entry_schema, MATCH},
	{"entry action", &entry_schema, REST},
	{"machine match", &machine_schema, MATCH},
	{"machine action", &machine_schema, REST},
	{"boot", &boot_schema, REST},
	{"step", &step_schema, REST},
};

#define LISTS (sizeof(lists) / sizeof(*lists))

/* In lines, a new one for each sentence, as manual pages want it. */
static void write_text(FILE *out, const char *text)
{
	size_t column = 0;
	char last = 0;

	while (*text) {
		size_t len = strcspn(text, " ");
		int first = !column;

		if (column && (column + 1 + len > COLUMNS ||
				      (last == '.' && isupper((unsigned char)*text)))) {
			fputc('\n', out);
			column = 0;
			first = 1;
		}
		fprintf(out, "%s%.*s",
			!first                ? " "
			: strchr(".'", *text) ? "\\&"
					      : "",
			(int)len, text);
		column += len + !first;
		last = text[len - 1];
		text += len + (text[len] == ' ');
	}
	fputc('\n', out);
}

static void write_field(FILE *out, lua_State *L, const struct schema_field *field)
{
	char *text = talloc_asprintf(NULL, "%s. %s", schema_expected(L, field), field->help);

	assert_non_null(text);
	assert_null(strpbrk(text, "\\\n"));
	text[0] = (char)toupper((unsigned char)text[0]);
	fprintf(out, ".It Va %s\n", field->name);
	write_text(out, text);
	lua_settop(L, 0);
	talloc_free(text);
}

static void write_list(FILE *out, lua_State *L, const char *name)
{
	size_t i = 0, len = strcspn(name, "\n");

	while (i < LISTS && (strlen(lists[i].name) != len || strncmp(lists[i].name, name, len)))
		i++;
	if (i == LISTS)
		fail_msg("%s: there is no list \"%.*s\"", PAGE, (int)len, name);
	for (size_t f = 0; f < lists[i].schema->count; f++)
		if (lists[i].kinds >> lists[i].schema->fields[f].kind & 1)
			write_field(out, L, &lists[i].schema->fields[f]);
}

/* The page with its lists written anew; malloc'ed. */
static char *renew(const char *page)
{
	lua_State *L = luaL_newstate();
	const char *at;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_true(L && out);
	while ((at = strstr(page, BEGIN))) {
		const char *line_end = strchr(at, '\n'), *end = strstr(at, END);

		assert_true(line_end && end);
		fwrite(page, 1, (size_t)(line_end + 1 - page), out);
		write_list(out, L, at + strlen(BEGIN));
		fputs(END, out);
		page = end + strlen(END);
	}
	fputs(page, out);
	assert_int_equal(fclose(out), 0);
	lua_close(L);
	return text;
}

static char *read_page(void)
{
	FILE *in = fopen(PAGE, "r");
	char *text = calloc(1, PAGE_MAX);

	if (!in || !text)
		fail_msg("cannot read %s: run from the top of the tree", PAGE);
	assert_in_range(fread(text, 1, PAGE_MAX, in), 1, PAGE_MAX - 1);
	fclose(in);
	return text;
}

static int setup(void **state)
{
	*state = read_page();
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static int is_current(const char *page)
{
	char *renewed = renew(page);
	int same = !strcmp(page, renewed);

	free(renewed);
	return same;
}

static void test_fields(void **state)
{
	if (!is_current(*state))
		fail_msg("%s and the tables in policy/*_schema.c differ: `make man`, then look at "
			 "the difference",
			PAGE);
	for (size_t i = 0; i < LISTS; i++) {
		char *mark = talloc_asprintf(NULL, BEGIN "%s\n", lists[i].name);

		if (!strstr(*state, mark))
			fail_msg("%s: the list \"%s\" is not there", PAGE, lists[i].name);
		talloc_free(mark);
	}
}

/* The page without len bytes from at on, but with more there instead. */
static char *change(const char *page, const char *at, size_t len, const char *more)
{
	char *text = talloc_asprintf(NULL, "%.*s%s%s", (int)(at - page), page, more, at + len);

	assert_non_null(text);
	return text;
}

/* This test has to be able to fail: by every field that one of the two lacks, and by every word. */
static void test_differences_are_found(void **state)
{
	const char *page = *state, *end = strstr(page, END);

	for (const char *at = page; (at = strstr(at, "\n.It Va ")); at++) {
		const char *next = strstr(at + 1, "\n.");
		char *without = change(page, at, (size_t)(next - at), "");
		char *invented = change(page, at, 0, "\n.It Va colour\nA string.\nIts colour.");

		assert_false(is_current(without));
		assert_false(is_current(invented));
		talloc_free(without);
		talloc_free(invented);
	}
	for (const char *at = strstr(page, "\n.It Va "); (at = strchr(at + 1, '"')) && at < end;) {
		char *other = change(page, at + 1, 1, "#");

		assert_false(is_current(other));
		talloc_free(other);
	}
}

/* Does the page have a line that is just this? */
static int has_line(const char *page, const char *macro, const char *word)
{
	char *line = talloc_asprintf(NULL, "\n%s %s\n", macro, word);
	int found = strstr(page, line) != NULL;

	talloc_free(line);
	return found;
}

static void test_words(void **state)
{
	for (const luaL_Reg *word = policy_words; word->name; word++)
		if (!has_line(*state, ".It Ic", word->name))
			fail_msg("%s does not have the word %s", PAGE, word->name);
}

/* Does a chunk load? */
__attribute__((format(printf, 1, 2))) static int loads(const char *format, ...)
{
	static const struct pci_snapshot snapshot;
	static const struct host host = {"", "", "", "", "", "", "", "", "", .others = NULL};
	const struct policy_facts facts = {.snapshot = &snapshot, .host = &host};
	struct policy *p;
	struct err err;
	va_list ap;
	char *text;
	int rc;

	va_start(ap, format);
	text = talloc_vasprintf(NULL, format, ap);
	va_end(ap);
	assert_non_null(text);
	assert_int_equal(policy_new(NULL, &facts, &p), 0);
	rc = policy_add_chunk(p, text, strlen(text), "x.lua", &err);
	talloc_free(p);
	talloc_free(text);
	return rc == 0;
}

static void test_steps(void **state)
{
	for (int i = 0; i < STEP_COUNT; i++) {
		const char *name = step_name((enum step)i);
		int taken = loads("device { steps = { \"%s\" } }", name) ||
			    step_kind((enum step)i) & STEP_IS_ERRAND;

		if (taken != has_line(*state, ".It Cm", name))
			fail_msg("%s: the step %s is %s", PAGE, name,
				taken ? "missing" : "nobody's to ask for");
	}
}

/* What the page lists as a word or a step is one; what has a "." is a word of the kernel's. */
static void test_no_others(void **state)
{
	for (const char *at = *state; (at = strstr(at, "\n.It ")); at++) {
		size_t len = strcspn(at + 8, "\n");
		char *name = talloc_strndup(NULL, at + 8, len);
		enum step step;

		if (!strncmp(at, "\n.It Ic ", 8) && !loads("local x = %s", name))
			fail_msg("%s: there is no word %s", PAGE, name);
		if (!strncmp(at, "\n.It Cm ", 8) && !strchr(name, '.') &&
			step_from_name(name, &step) < 0)
			fail_msg("%s: there is no step %s", PAGE, name);
		talloc_free(name);
	}
}

/* In the sandbox. What a library lacks is nil there, what has no library is an error. */
static int is_there(const char *library, const char *name)
{
	return strcmp(library, "basic") ? loads("assert(%s.%s)", library, name)
					: loads("local x = %s", name);
}

/* Push the names that follow ".It Li LIBRARY", in as many lines as begin with ".Li", as keys. */
static void push_documented(const char *page, lua_State *L, const char *library)
{
	char *text = talloc_asprintf(NULL, "\n.It Li %s\n", library), *name, *rest;
	const char *at = strstr(page, text);

	assert_non_null(at);
	at += strlen(text);
	lua_newtable(L);
	while (!strncmp(at, ".Li ", 4)) {
		size_t len = strcspn(at, "\n");

		talloc_free(text);
		text = rest = talloc_strndup(NULL, at + 4, len - 4);
		while ((name = strsep(&rest, " ,")))
			if (*name) {
				lua_pushboolean(L, 1);
				lua_setfield(L, -2, name);
			}
		at += len + 1;
	}
	talloc_free(text);
}

/* All that Lua has is documented if it is there, and what is documented is there. */
static void check_library(const char *page, lua_State *L, const char *library)
{
	push_documented(page, L, library);
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		if (!is_there(library, lua_tostring(L, -2)))
			fail_msg("%s: there is no %s %s", PAGE, library, lua_tostring(L, -2));
	for (lua_pushnil(L); lua_next(L, -3); lua_pop(L, 1)) {
		const char *name = lua_tostring(L, -2);

		if (!strcmp(library, "basic") && lua_istable(L, -1))
			continue;
		if (is_there(library, name) && lua_getfield(L, -3, name) == LUA_TNIL)
			fail_msg("%s: %s %s is missing", PAGE, library, name);
		lua_settop(L, 4);
	}
	lua_settop(L, 0);
}

static void test_functions(void **state)
{
	static const char *const libraries[] = {"string", "table", "math"};
	lua_State *L = luaL_newstate();

	assert_non_null(L);
	luaL_openlibs(L);
	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++) {
		lua_getglobal(L, libraries[i]);
		check_library(*state, L, libraries[i]);
	}
	lua_pushglobaltable(L);
	check_library(*state, L, "basic");
	lua_close(L);
}

/* With --print: the page as it should be. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_differences_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_functions, setup, teardown),
	};

	if (argc > 1 && !strcmp(argv[1], "--print"))
		return fputs(renew(read_page()), stdout) < 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
