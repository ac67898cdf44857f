// SPDX-License-Identifier: GPL-2.0-or-later
/* Asking in a process of its own: what comes back, and how its end is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "policy/ask.h"
#include "tests/unit/sketch.h"
#include "tests/unit/tree.h"

/* A pattern that is tried for ever: string.find counts no instruction. */
#define FOR_EVER "local x = (\"a\"):rep(40):find((\"a*\"):rep(30) .. \"b\")"

struct fixture {
	struct tree tree;
	struct machine machine;
	struct scene *scene;
	char path[300]; /* of x.lua, for --policy */
};

static int setup(void **state)
{
	struct fixture *fix = talloc_zero(NULL, struct fixture);

	tree_new(&fix->tree);
	tree_machine(&fix->tree, &fix->machine);
	fix->scene = scene_new(fix);
	scene_draw(fix->scene, sketch_lab, 21);
	snprintf(fix->path, sizeof(fix->path), "%s/x.lua", fix->tree.path);
	*state = fix;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fix = *state;

	machine_close(&fix->machine);
	tree_remove(&fix->tree);
	return talloc_free(fix);
}

static int ask(struct fixture *fix, const char *rules, const char *explain, struct decision **d,
	struct problems **problems, struct err *err)
{
	const struct question question = {POLICY_ALL, fix->path, explain};

	tree_file(&fix->tree, "x.lua", rules);
	return policy_ask(&fix->machine, &fix->scene->facts, &question, fix, d, problems, err);
}

static void expect_end(struct fixture *fix, const char *rules, int rc, const char *text)
{
	char expected[ERR_TEXT_MAX];
	struct problems *problems;
	struct decision *d = NULL;
	struct err err;

	assert_int_equal(ask(fix, rules, NULL, &d, &problems, &err), rc);
	snprintf(expected, sizeof(expected), "%s%s", fix->path, text);
	assert_string_equal(err.text, expected);
	assert_null(d);
	assert_int_equal(problems->count, 1);
	assert_string_equal(problems->list[0].file, fix->path);
}

static void gives_the_same_decision_as_in_process(void **state)
{
	static const char rules[] = "device { driver = \"e1000e\", leave = true, why = \"mine\" }\n"
				    "boot { default = \"newest\" }\n";
	struct fixture *fix = *state;
	struct decision *asked, *decided;
	struct policy *p;
	struct err err;

	if (ask(fix, rules, NULL, &asked, NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(policy_new(fix, &fix->scene->facts, &p), 0);
	assert_int_equal(policy_load(&fix->machine, p, POLICY_ALL, fix->path, &err), 0);
	assert_int_equal(policy_decide(p, NULL, fix, &decided, &err), 0);
	assert_int_equal(asked->count, decided->count);
	for (size_t i = 0; i < asked->count; i++) {
		assert_string_equal(asked->requests[i].slot, decided->requests[i].slot);
		assert_int_equal(asked->requests[i].what, decided->requests[i].what);
		assert_string_equal(asked->requests[i].where, decided->requests[i].where);
	}
	assert_string_equal(asked->boot.default_entry, "newest");
}

static void brings_explanations(void **state)
{
	struct fixture *fix = *state;
	struct decision *d;
	struct err err;

	assert_int_equal(
		ask(fix, "device { driver = \"x\", leave = true }", "09:00.0", &d, NULL, &err), 0);
	assert_true(d->explanation_count > 1);
	assert_string_equal(d->explanations[d->explanation_count - 1].field, "driver");
	assert_string_equal(d->explanations[d->explanation_count - 1].saw, "e1000e");
	assert_int_equal(ask(fix, "", "0a:00.0", &d, NULL, &err), -ENOENT);
	assert_string_equal(
		err.text, "there is no device 0a:00.0; `stillboot devices` shows the slots");
}

static void brings_all_problems(void **state)
{
	struct fixture *fix = *state;
	struct problems *problems;
	struct decision *d;
	struct err err;

	assert_int_equal(
		ask(fix, "devcie {}\n  boot { timeout = \"x\" }", NULL, &d, &problems, &err),
		-EINVAL);
	assert_int_equal(problems->count, 2);
	assert_int_equal(problems->list[1].line, 2);
	assert_int_equal(problems->list[1].column, 10);
	assert_string_equal(problems->list[1].file, fix->path);
}

static void what_a_predicate_does_wrong_is_a_problem_with_its_place(void **state)
{
	struct fixture *fix = *state;
	struct problems *problems;
	struct decision *d;
	struct err err;

	assert_int_equal(ask(fix, "\ndevice { leave = true, when = function(d) return d.x.y end }",
				 NULL, &d, &problems, &err),
		-EINVAL);
	assert_int_equal(problems->count, 1);
	assert_string_equal(problems->list[0].file, fix->path);
	assert_int_equal(problems->list[0].line, 2);
}

static void an_endless_pattern_ends(void **state)
{
	static const char text[] =
		": takes more than 1 second of processor time, probably an endless loop";

	expect_end(*state, FOR_EVER, -ETIME, text);
}

/* It is the function's line that is told, if it is one that hangs. */
static void an_endless_pattern_in_a_predicate_is_found(void **state)
{
	expect_end(*state,
		"\n\ndevice { leave = true, when = function() " FOR_EVER " return true end }",
		-ETIME, ":3: takes more than 1 second of processor time, probably an endless loop");
}

/* After the other file was read it is this one's turn again. */
static void an_included_file_is_not_blamed(void **state)
{
	struct fixture *fix = *state;

	tree_file(&fix->tree, "include/y.lua", "device { driver = \"x\", leave = true }");
	expect_end(fix, "machine { include = \"y.lua\" }\n" FOR_EVER, -ETIME,
		": takes more than 1 second of processor time, probably an endless loop");
}

static void files_are_checked_each_by_itself(void **state)
{
	struct fixture *fix = *state;
	char good[300], bad[300], gone[300];
	const char *files[] = {good, bad, gone, NULL};
	struct problems *problems;
	struct err err;

	snprintf(good, sizeof(good), "%s/good.lua", fix->tree.path);
	snprintf(bad, sizeof(bad), "%s/bad.lua", fix->tree.path);
	snprintf(gone, sizeof(gone), "%s/gone.lua", fix->tree.path);
	tree_file(&fix->tree, "good.lua", "device { leave = true }");
	tree_file(&fix->tree, "bad.lua", "boot {}\nboot { timeout = -1 }");
	assert_int_equal(
		policy_check(&fix->machine, &fix->scene->facts, files, fix, &problems, &err), 3);
	assert_string_equal(problems->list[0].file, bad);
	assert_string_equal(problems->list[1].file, bad);
	assert_int_equal(problems->list[1].line, 2);
	assert_non_null(strstr(problems->list[2].text, "No such file or directory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			gives_the_same_decision_as_in_process, setup, teardown),
		cmocka_unit_test_setup_teardown(brings_explanations, setup, teardown),
		cmocka_unit_test_setup_teardown(brings_all_problems, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_a_predicate_does_wrong_is_a_problem_with_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(an_endless_pattern_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_endless_pattern_in_a_predicate_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(an_included_file_is_not_blamed, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_checked_each_by_itself, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
