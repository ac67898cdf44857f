// SPDX-License-Identifier: GPL-2.0-or-later
/* Decisions as bytes: every field comes back, and what is wrong in them is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/scripted.h"
#include "tests/unit/sketch.h"

static const char everything[] =
	"device { steps = { \"unbind\", \"bus\", \"flr\", \"mask\" }, why = \"all\" }\n"
	"device { class = \"bridge\", leave = true }\n"
	"device { use = \"watchdog\", leave = false, deadline = 3 }\n"
	"device { driver = \"xhci_hcd\", use = \"any\", steps = { \"unbind\" } }\n"
	"device { bus = \"platform\", use = \"any\", steps = { \"unbind\" }, why = "
	"\"na\xc3\xafve\" }\n"
	"device { vendor = 0, options_add = \"a=\\\"b c\\\"\", options_remove = { \"x*\", \"y\" } "
	"}\n"
	"entry { title = \"*\", id = { \"a\", \"b\" }, linux = \"/v*\", version = \"6*\", format = "
	"\"bls1\", hide = true, options_add = { \"c\" }, options_remove = \"d\", why = \"old\" }\n"
	"entry { hide = false }\n"
	"boot { default = \"newest\", timeout = 2.5, on_hang = \"crash-kernel\", require_still = "
	"true }\n"
	"machine { why = \"slow\", load_retries = 4, settle = 2, offline_cpus = "
	"true, "
	"options_add = \"z\" }\n"
	"arrange(function(m, s)\n"
	"table.insert(s, 1, { step = \"run\", command = { \"/bin/x\", \"y z\" }, deadline = 4 })\n"
	"table.insert(s, { step = \"write\", path = \"/sys/a\", value = \"b\" })\n"
	"table.insert(s, { step = \"unload\", module = \"edu\" })\n"
	"return s end)\n";

static const char *or_none(const char *text)
{
	return text ? text : "(none)";
}

static void same_text(const char *a, const char *b)
{
	assert_string_equal(or_none(a), or_none(b));
}

static void same_list(const char **a, const char **b)
{
	assert_int_equal(a == NULL, b == NULL);
	for (; a && *a; a++, b++)
		same_text(*a, *b);
	if (b)
		assert_null(*b);
}

static void same_requests(const struct decision *a, const struct decision *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct request *x = &a->requests[i], *y = &b->requests[i];

		same_text(x->slot, y->slot);
		assert_int_equal(x->what, y->what);
		same_text(x->where, y->where);
		same_text(x->why, y->why);
		assert_int_equal(x->uses, y->uses);
		assert_int_equal(x->deadline_ms, y->deadline_ms);
		assert_int_equal(x->step_count, y->step_count);
		for (size_t s = 0; s < x->step_count; s++) {
			assert_int_equal(x->steps[s], y->steps[s]);
			assert_int_equal(x->stages[s], y->stages[s]);
		}
	}
}

static void same_errands(const struct decision *a, const struct decision *b)
{
	assert_int_equal(a->errand_count, b->errand_count);
	for (size_t i = 0; i < a->errand_count; i++) {
		const struct plan_errand *x = &a->errands[i].errand, *y = &b->errands[i].errand;

		assert_int_equal(x->step, y->step);
		assert_int_equal(x->stage, y->stage);
		same_text(x->subject, y->subject);
		same_text(x->value, y->value);
		same_list(x->argv, y->argv);
		assert_int_equal(x->settle_ms, y->settle_ms);
		assert_int_equal(x->deadline_ms, y->deadline_ms);
		same_text(x->reason, y->reason);
		same_text(x->rule, y->rule);
		assert_int_equal(a->errands[i].uses, b->errands[i].uses);
	}
}

static void same_entries(const struct decision *a, const struct decision *b)
{
	assert_int_equal(a->entry_count, b->entry_count);
	for (size_t i = 0; i < a->entry_count; i++) {
		const struct entry_rule *x = &a->entries[i], *y = &b->entries[i];

		assert_int_equal(x->declared.says, y->declared.says);
		same_text(x->declared.where, y->declared.where);
		same_list(x->title, y->title);
		same_list(x->id, y->id);
		same_list(x->kernel, y->kernel);
		same_list(x->version, y->version);
		same_list(x->format, y->format);
		assert_int_equal(x->hide, y->hide);
		same_list(x->options_add, y->options_add);
		same_list(x->options_remove, y->options_remove);
		same_text(x->why, y->why);
	}
}

static void same_rest(const struct decision *a, const struct decision *b)
{
	assert_int_equal(a->option_count, b->option_count);
	for (size_t i = 0; i < a->option_count; i++) {
		assert_int_equal(a->options[i].how, b->options[i].how);
		same_text(a->options[i].word, b->options[i].word);
		same_text(a->options[i].where, b->options[i].where);
		same_text(a->options[i].why, b->options[i].why);
	}
	assert_int_equal(a->boot.declared.says, b->boot.declared.says);
	same_text(a->boot.default_entry, b->boot.default_entry);
	assert_int_equal(a->boot.timeout, b->boot.timeout);
	assert_int_equal(a->boot.on_hang, b->boot.on_hang);
	assert_int_equal(a->boot.require_still, b->boot.require_still);
	for (size_t i = 0; i < BOOT_FIELDS; i++)
		same_text(a->boot_where[i], b->boot_where[i]);
	same_text(a->no_quiesce, b->no_quiesce);
	same_text(a->no_quiesce_why, b->no_quiesce_why);
	assert_int_equal(a->load_retries, b->load_retries);
	assert_int_equal(a->explanation_count, b->explanation_count);
	for (size_t i = 0; i < a->explanation_count; i++) {
		same_text(a->explanations[i].where, b->explanations[i].where);
		same_text(a->explanations[i].field, b->explanations[i].field);
		same_text(a->explanations[i].saw, b->explanations[i].saw);
		same_text(a->explanations[i].won, b->explanations[i].won);
	}
}

static struct decision *decide(struct scene *scene, const char *rules)
{
	struct bus_device *other;
	struct decision *d;
	struct err err;

	scene_draw(scene, sketch_lab, 21);
	other = scene_other(scene, "platform", "mmc\xff", "sdhci");
	other->uses = PCI_USE_DISK;
	if (policy_decide(scene_load(scene, SCENE_RULES, rules), "09:00.0", scene, &d, &err) < 0)
		fail_msg("%s", err.text);
	return d;
}

static struct decision *there_and_back(struct scene *scene, const struct decision *d)
{
	struct decision *back;
	struct err err;
	size_t len;
	char *bytes = decision_write(d, &len);

	assert_non_null(bytes);
	if (decision_parse(bytes, len, scene, &back, &err) < 0)
		fail_msg("%s in %s", err.text, bytes);
	free(bytes);
	return back;
}

static void every_field_comes_back(void **state)
{
	struct decision *d = decide(*state, everything), *back;

	/* Names that are not UTF-8 cannot: they get question marks. */
	for (size_t i = 0; i < d->errand_count; i++)
		if (d->errands[i].errand.step == STEP_UNBIND) {
			assert_string_equal(d->errands[i].errand.subject, "platform:mmc\xff");
			d->errands[i].errand.subject = "platform:mmc?";
		}
	assert_int_equal(d->explanation_count, 6);
	d->no_quiesce = "x.lua:9";
	d->no_quiesce_why = "off";
	back = there_and_back(*state, d);
	same_requests(d, back);
	same_errands(d, back);
	same_entries(d, back);
	same_rest(d, back);
}

static void nothing_comes_back_as_nothing(void **state)
{
	struct decision *d = scene_decide(*state, SCENE_RULES, ""), *back;

	back = there_and_back(*state, d);
	assert_int_equal(
		back->count + back->errand_count + back->option_count + back->entry_count, 0);
	assert_null(back->no_quiesce);
	same_rest(d, back);
}

/* Change one thing in the bytes of a good decision. */
static void expect_damage(struct scene *scene, const char *was, const char *is, const char *what)
{
	struct decision *d = decide(scene, everything), *back = NULL;
	size_t len;
	char *bytes = decision_write(d, &len), *at = strstr(bytes, was), *text;
	char expected[300];
	struct err err;

	if (!at)
		fail_msg("no %s in %s", was, bytes);
	text = talloc_asprintf(scene, "%.*s%s%s", (int)(at - bytes), bytes, is, at + strlen(was));
	assert_int_equal(decision_parse(text, strlen(text), scene, &back, &err), -EBADMSG);
	snprintf(expected, sizeof(expected), "the decision is damaged: %s", what);
	assert_string_equal(err.text, expected);
	assert_null(back);
	free(bytes);
}

static void damage_is_told(void **state)
{
	static const struct {
		const char *was, *is, *what;
	} cases[] = {
		{"{", "[", "it is no JSON object"},
		{"\"0000:00:00.0\"", "\"nowhere\"", "slot"},
		{"\"what\":\"leave\"", "\"what\":\"burn\"", "what"},
		{"\"uses\":0", "\"uses\":false", "uses"},
		{"\"uses\":0", "\"uses\":128", "uses"},
		{"\"deadline_ms\":30000", "\"deadline_ms\":-1", "deadline_ms"},
		{"\"deadline_ms\":30000", "\"deadline_ms\":0", "deadline_ms"},
		{"\"deadline_ms\":30000", "\"deadline_ms\":3600001", "deadline_ms"},
		{"\"deadline_ms\":30000", "\"deadline_ms\":1e9", "deadline_ms"},
		{"[\"unbind\",", "[\"vfs\",", "steps"},
		{"[\"unbind\",", "[\"flr\",", "steps"},
		{"[\"unbind\",", "[\"run\",", "steps"},
		{"[\"unbind\",", "[7,", "step"},
		{"\"stages\":[0", "\"stages\":[9", "stages"},
		{"\"stages\":[0", "\"stages\":[-1", "stages"},
		{"\"stages\":[]", "\"stages\":[0]", "stages"},
		{"\"sys/a\"", "\"sys/../etc\"",
			"path must be that of an attribute of sysfs or of a setting of sysctl "
			"(below "
			"/proc/sys), without \"..\" and control characters"},
		{"\"/bin/x\",\"y z\"", "\"x\"",
			"command must be a list of up to 16 strings, the path of a program first"},
		{"\"settle_ms\":2000", "\"settle_ms\":0", "seconds must be a number up to 3600"},
		{"\"stage\":1", "\"stage\":251", "stage"},
		{"\"how\":\"add\"", "\"how\":\"both\"", "how"},
		{"\"says\":511", "\"says\":512", "says"},
		{"\"title\":[\"*\"]", "\"title\":[]", "title"},
		{"\"title\":[\"*\"]", "\"title\":[1]", "title"},
		{"\"default\":\"newest\"", "\"default\":null", "default"},
		{"\"default\":\"newest\"", "\"default\":7", "default"},
		{"\"on_hang\":1", "\"on_hang\":2", "on_hang"},
		{"\"timeout_ms\":2500", "\"timeout_ms\":\"x\"", "timeout_ms"},
		{"\"load_retries\":4", "\"load_retries\":6", "load_retries"},
		{"\"explanations\":[", "\"explanations\":[1,", "where"},
		{"\"devices\":[", "\"devices\":7,\"x\":[", "devices"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene *scene = scene_new(*state);

		expect_damage(scene, cases[i].was, cases[i].is, cases[i].what);
		talloc_free(scene);
	}
}

/* Whatever is cut off, it is told and nothing leaks; every length in turn. */
static void a_decision_that_is_cut_is_damaged(void **state)
{
	struct decision *d = decide(*state, everything), *back;
	struct err err;
	size_t len;
	char *bytes = decision_write(d, &len);

	for (size_t n = 0; n < len; n += 1 + n / 50)
		assert_int_equal(decision_parse(bytes, n, *state, &back, &err), -EBADMSG);
	free(bytes);
}

static void a_request_is_found_by_its_slot(void **state)
{
	struct decision *d = decide(*state, everything);

	assert_string_equal(decision_find(d, "0000:09:00.0")->why, "all");
	assert_null(decision_find(d, "0000:09:00.1"));
}

static void changes_of_the_command_line_are_limited(void **state)
{
	struct scene *scene = *state;

	scene_draw(scene, sketch_lab, 21);
	scene_fails(scene,
		"local w = {} for i = 1, 100 do w[i] = \"w\" .. i end\n"
		"for i = 1, 41 do device { options_add = w } end",
		"x.lua:2: the rules change more than 4096 words of the command line");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			every_field_comes_back, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			nothing_comes_back_as_nothing, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(damage_is_told, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_decision_that_is_cut_is_damaged, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_request_is_found_by_its_slot, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			changes_of_the_command_line_are_limited, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
