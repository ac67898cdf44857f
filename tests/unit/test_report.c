// SPDX-License-Identifier: GPL-2.0-or-later
/* The way here: the timeline of two clocks, its chart, the history of jumps, and what is suggested. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/scripted.h"
#include "ui/report/report.h"

#define T UINT64_C(1700000000000000)
#define MS UINT64_C(1000)
#define S UINT64_C(1000000)

static const struct handoff jumped = {
	.times = {T, T + 2310 * MS, T + 2600 * MS, T + 4600 * MS, T + 4800 * MS}};

static void parts_of_a_whole_way(void **state)
{
	static const struct preinit preinit = {
		.uptime_us = 1400 * MS, .begin_us = 17 * S, .end_us = 17 * S + 350 * MS};
	const struct arrival arrival = {T + 5 * S, 3 * S, 9 * S};
	struct timeline_part parts[MOMENTS];
	struct timeline t, again;
	json_t *json;

	(void)state;
	timeline_make(&jumped, &preinit, &arrival, &t);
	assert_false(t.clocks_disagree);
	assert_int_equal(timeline_parts(&t, parts), MOMENTS - 1);
	for (size_t i = 0; i < MOMENTS - 1; i++) {
		assert_int_equal(parts[i].from, i);
		assert_int_equal(parts[i].is_about, parts[i].from == MOMENT_JUMP);
		assert_string_not_equal(timeline_words(parts[i].from, parts[i].to), "");
	}
	assert_int_equal(parts[MOMENT_JUMP].duration_us, 200 * MS);
	assert_int_equal(parts[MOMENT_PREINIT].duration_us, 350 * MS);
	assert_int_equal(timeline_between(&t, MOMENT_REQUEST, MOMENT_LOGIN), 14 * S);
	json = timeline_json(&t);
	assert_int_equal(timeline_from_json(json, &again), 0);
	assert_memory_equal(&t, &again, sizeof(t));
	json_decref(json);
}

/* Whatever clocks say, no part is negative, and what cannot be known is not told. */
static void clocks_that_lie(void **state)
{
	static const struct {
		uint64_t kernel, jump_to_kernel;
		int disagree;
	} cases[] = {
		{T + 4 * S, 0, 0}, /* read from a clock of whole seconds */
		{T + 2900 * MS, 0, 0},
		{T + 2700 * MS, 0, 1},
		{1, 0, 1},
		{T + 7 * S, 2200 * MS, 0},
		{T + 3600 * S, 0, 1},
		{UINT64_MAX, 0, 1},
	};
	struct handoff back = jumped;
	struct timeline t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct arrival arrival = {cases[i].kernel, 3 * S, 9 * S};

		timeline_make(&jumped, NULL, &arrival, &t);
		assert_int_equal(t.clocks_disagree, cases[i].disagree);
		assert_int_equal(
			timeline_between(&t, MOMENT_JUMP, MOMENT_KERNEL), cases[i].jump_to_kernel);
		assert_int_equal(timeline_between(&t, MOMENT_USERSPACE, MOMENT_LOGIN), 6 * S);
	}
	/* Set back by an hour during the shutdown; numbers that are no time. */
	back.times.services_down_us -= 3600 * S;
	back.times.quiesce_end_us = UINT64_MAX;
	timeline_make(&back, NULL, &(struct arrival){T + 5 * S, 0, 0}, &t);
	assert_int_equal(t.at_us[MOMENT_SERVICES_DOWN], T);
	assert_int_equal(t.at_us[MOMENT_QUIESCE_END], 0);
	assert_int_equal(timeline_between(&t, MOMENT_QUIESCE_BEGIN, MOMENT_JUMP), 2200 * MS);
}

static void without_all_of_it(void **state)
{
	const struct arrival arrival = {T, 3 * S, 0}, nothing = {0};
	struct handoff crash = jumped;
	struct timeline_part parts[MOMENTS];
	struct timeline t;

	(void)state;
	timeline_make(NULL, NULL, &arrival, &t);
	assert_int_equal(timeline_parts(&t, parts), 1);
	assert_int_equal(parts[0].from, MOMENT_KERNEL);
	assert_false(parts[0].is_about);
	assert_string_equal(timeline_words(parts[0].from, parts[0].to), "kernel and initramfs");
	timeline_make(NULL, NULL, &nothing, &t);
	assert_int_equal(timeline_parts(&t, parts), 0);
	assert_int_equal(timeline_between(&t, MOMENT_REQUEST, MOMENT_LOGIN), 0);
	/* What was when a crash kernel was loaded is no part of the way. */
	crash.is_crash = 1;
	timeline_make(&crash, NULL, &arrival, &t);
	assert_int_equal(t.at_us[MOMENT_JUMP], 0);
	/* And no two moments are without words. */
	for (int from = 0; from < MOMENT_LOGIN; from++)
		for (int to = from + 1; to < MOMENTS; to++)
			assert_string_not_equal(timeline_words(from, to), "");
}

static void what_systemd_says(void **state)
{
	struct arrival a = {0};

	(void)state;
	arrival_parse("UserspaceTimestampMonotonic=3000000\n", &a);
	arrival_parse("Id=x\nActiveEnterTimestampMonotonic=9000000", &a);
	assert_int_equal(a.userspace_us, 3 * S);
	assert_int_equal(a.login_us, 9 * S);
	arrival_parse("ActiveEnterTimestampMonotonic=99999999999999999999\n"
		      "UserspaceTimestampMonotonic=",
		&a);
	assert_int_equal(a.userspace_us, 0);
	assert_int_equal(a.login_us, 9 * S);
}

static char *chart(const struct timeline *t, const struct journal *j, int columns)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	timeline_print(out, t, j, columns);
	fclose(out);
	return text;
}

static void the_chart(void **state)
{
	struct journal_entry entries[] = {
		{"0000:01:00.0", STEP_UNBIND, "", 0, 100 * MS, JOURNAL_OK, ""},
		{"0000:01:00.0", STEP_BUS, "", 100 * MS, 1900 * MS, JOURNAL_FAILED, ""},
		{"0000:02:00.0", STEP_UNBIND, "", 0, 100 * MS, JOURNAL_OK, ""},
		{"0000:03:00.0", STEP_UNBIND, "", 0, 99 * MS, JOURNAL_OK, ""},
		{"0000:04:00.0", STEP_UNBIND, "", 0, 0, JOURNAL_SKIPPED, ""},
	};
	const struct journal journal = {.entries = entries, .count = 5};
	struct timeline t;
	char *text;

	(void)state;
	timeline_make(&jumped, NULL, &(struct arrival){T + 5 * S, 3 * S, 9 * S}, &t);
	text = chart(&t, &journal, 80);
	assert_string_equal(text, "From the request to the login: about 14 s\n"
				  "  stopping services           2.31 s  ######\n"
				  "  unmounting                  290 ms        #\n"
				  "  stilling devices            2.00 s         ######\n"
				  "    0000:01:00.0 bus          1.90 s          =====\n"
				  "    0000:01:00.0 unbind       100 ms         =\n"
				  "    0000:02:00.0 unbind       100 ms         =\n"
				  "  writing the handoff         200 ms               #\n"
				  "  loading and jump         under 1 s                ~\n"
				  "  kernel and initramfs        3.00 s                 #########\n"
				  "  starting services           6.00 s                          "
				  "##################\n");
	free(text);
	/* On a narrow one, nothing is wider than it. */
	text = chart(&t, &journal, 40);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strncmp(line, "From", 4) && strlen(line) > 40)
			fail_msg("'%s'", line);
	free(text);
	timeline_make(&jumped, NULL, &(struct arrival){1, 0, 0}, &t);
	text = chart(&t, NULL, 0);
	assert_non_null(strstr(text, "  loading and jump           unknown  "));
	assert_non_null(strstr(text, "The clocks of the two kernels disagree"));
	free(text);
}

#define LINE(boot)                                                                                 \
	"{\"boot_id\":\"" boot "\",\"from\":\"6.1\",\"to\":\"6.2\",\"entry\":\"e\",\"hops\":1,"    \
	"\"times\":{\"jump_us\":1700000000000000,\"kernel_us\":1700000001000000},\"later\":[1]}"

static void damaged_lines_are_passed_over(void **state)
{
	static const char bytes[] = LINE("a") "\n"
					      "nonsense\n"
					      "\n"
					      "{}\n" LINE("b") "\0\n"
							       "{\"boot_id\":\"x\",\"from\":1}\n"
							       "[\n" LINE("c\\u001b[31m");
	void *ctx = talloc_new(NULL);
	struct jump_history *h;
	char *large;

	(void)state;
	assert_int_equal(jump_history_parse(bytes, sizeof(bytes) - 1, ctx, &h, NULL), 0);
	assert_int_equal(h->count, 2);
	assert_string_equal(h->jumps[0].boot_id, "a");
	assert_string_equal(h->jumps[1].boot_id, "c?[31m");
	assert_int_equal(h->jumps[0].timeline.at_us[MOMENT_KERNEL], T + S);
	assert_int_equal(h->damage_count, 5);
	assert_int_equal(h->damages[0].line, 2);
	assert_int_equal(h->damages[2].line, 5);
	assert_string_equal(h->damages[1].why, "it does not say which jump it was");
	large = talloc_zero_size(ctx, HISTORY_LINE_MAX + 2);
	memset(large, '[', HISTORY_LINE_MAX + 1);
	assert_int_equal(jump_history_parse(large, HISTORY_LINE_MAX + 1, ctx, &h, NULL), 0);
	assert_string_equal(h->damages[0].why, "it is too long");
	assert_int_equal(jump_history_parse("", 0, ctx, &h, NULL), 0);
	assert_int_equal(h->count + h->damage_count, 0);
	talloc_free(ctx);
}

static struct history_jump jump_of(const char *boot_id, uint64_t login)
{
	struct history_jump j = {.boot_id = boot_id,
		.from = "6.1.0-41",
		.to = "6.1.0-42\xff",
		.entry = "Gr\xc3\xbc\xc3\x9f\n",
		.hops = 2,
		.still = 14,
		.left = 3};

	timeline_make(&jumped, NULL, &(struct arrival){T + 5 * S, 0, login}, &j.timeline);
	return j;
}

static struct jump_history *read_history(struct scripted *s, void *ctx)
{
	struct jump_history *h;
	struct err err;

	if (jump_history_read(&s->machine, ctx, &h, &err) < 0)
		fail_msg("%s", err.text);
	return h;
}

static int add(struct scripted *s, const char *boot_id, uint64_t login)
{
	const struct history_jump j = jump_of(boot_id, login);

	return jump_history_add(&s->machine, &j, NULL);
}

static void a_boot_has_one_line(void **state)
{
	struct scripted *s = scripted_new();
	void *ctx = talloc_new(NULL);
	struct jump_history *h;
	struct stat st;

	(void)state;
	assert_int_equal(read_history(s, ctx)->count, 0);
	scripted_file(s, HISTORY_FILE, LINE("before") "\nbroken\n");
	assert_int_equal(add(s, "one", 0), 0);
	assert_int_equal(add(s, "one", 0), 1);
	assert_int_equal(add(s, "one", 9 * S), 0); /* now the login is known */
	assert_int_equal(add(s, "one", 8 * S), 1);
	h = read_history(s, ctx);
	assert_int_equal(h->count, 2);
	assert_int_equal(h->damage_count, 0);
	assert_non_null(strstr(h->jumps[0].line, "\"later\":[1]"));
	assert_int_equal(h->jumps[1].timeline.at_us[MOMENT_LOGIN], T + 14 * S);
	assert_string_equal(h->jumps[1].to, "6.1.0-42?");
	assert_string_equal(h->jumps[1].entry, "Gr\xc3\xbc\xc3\x9f");
	assert_int_equal(h->jumps[1].still, 14);
	assert_int_equal(fstatat(s->machine.root_fd, HISTORY_FILE, &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	s->fail_at = s->log_count + 1; /* a disk that cannot be written */
	assert_int_equal(add(s, "two", 0), -EIO);
	assert_int_equal(read_history(s, ctx)->count, 2);
	talloc_free(ctx);
	scripted_free(s);
}

static void the_oldest_go(void **state)
{
	struct scripted *s = scripted_new();
	void *ctx = talloc_new(NULL);
	struct history_jump j = jump_of("", 0);
	struct jump_history *h;
	char name[300];
	char *large;

	(void)state;
	for (int i = 0; i < HISTORY_JUMPS_MAX + 20; i++) {
		snprintf(name, sizeof(name), "boot %d", i);
		j.boot_id = name;
		assert_int_equal(jump_history_add(&s->machine, &j, NULL), 0);
	}
	h = read_history(s, ctx);
	assert_int_equal(h->count, HISTORY_JUMPS_MAX);
	assert_string_equal(h->jumps[0].boot_id, "boot 20");
	assert_string_equal(h->jumps[HISTORY_JUMPS_MAX - 1].boot_id, "boot 119");
	/* Lines of a later version may be longer: of all of it no more than there is room for. */
	large = talloc_strdup(ctx, "");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 71; i++) {
		large = talloc_asprintf_append(large,
			"{\"boot_id\":\"%d\",\"from\":\"\",\"to\":\"\",\"entry\":\"\",\"x\":\"", i);
		for (int k = 0; k < 12; k++)
			large = talloc_strdup_append(large, name);
		large = talloc_strdup_append(large, "\"}\n");
	}
	assert_true(strlen(large) > HISTORY_FILE_MAX - 4096 && strlen(large) < HISTORY_FILE_MAX);
	scripted_file(s, HISTORY_FILE, large);
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "boot %d", i);
		j.boot_id = name;
		assert_int_equal(jump_history_add(&s->machine, &j, NULL), 0);
	}
	h = read_history(s, ctx);
	assert_true(h->count < 100 && h->count > 80);
	assert_string_equal(h->jumps[h->count - 1].boot_id, "boot 29");
	/* What is larger we did not write: it is named, and a new one begun. */
	large = talloc_asprintf(ctx, "%s%s", large, large);
	scripted_file(s, HISTORY_FILE, large);
	assert_int_equal(jump_history_read(&s->machine, ctx, &h, NULL), -EFBIG);
	assert_int_equal(add(s, "new", 0), 0);
	assert_int_equal(read_history(s, ctx)->count, 1);
	talloc_free(ctx);
	scripted_free(s);
}

static void the_table(void **state)
{
	static const char *const expected =
		"when               total    down   still    jump      up  still/loud/left hops\n"
		"2023-11-14 22:13  14.0 s   2.6 s   2.0 s   0.4 s   9.0 s           14/0/3    2\n"
		"    6.1.0-41 -> 6.1.0-42\\xff: Gr\\xc3\\xbc\\xc3\\x9f\\x0a\n"
		"2023-11-14 22:13   1.0 s       -       -   1.0 s       -            0/0/0    1\n"
		"    6.1 -> 6.2: e\n";
	static const char bytes[] = LINE("a");
	void *ctx = talloc_new(NULL);
	struct jump_history *h;
	char *text = NULL;
	size_t len;
	FILE *out;

	(void)state;
	setenv("TZ", "UTC", 1);
	assert_int_equal(jump_history_parse(bytes, sizeof(bytes) - 1, ctx, &h, NULL), 0);
	h->jumps[h->count++] = jump_of("b", 9 * S);
	out = open_memstream(&text, &len);
	history_print(out, h);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	talloc_free(ctx);
}

static struct kernel_message message(uint64_t time_us, const char *kind, const char *slot)
{
	struct kernel_message m = {.time_us = time_us, .kind = kind};

	strcpy(m.slot, slot);
	snprintf(m.text, sizeof(m.text), "%s of %s", kind, slot);
	return m;
}

/* What is said in every boot is no trouble. */
static void what_is_no_trouble(void **state)
{
	(void)state;
	assert_null(kernel_log_kind("pcieport 0000:00:01.0: AER: enabled with IRQ 25"));
	assert_null(
		kernel_log_kind("pcieport 0000:00:01.0: DPC: error containment capabilities: x"));
	assert_null(kernel_log_kind("arm-smmu-v3 arm-smmu-v3.0.auto: ias 44-bit, oas 44-bit"));
	assert_string_equal(
		kernel_log_kind("arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:"), "iommu");
	assert_string_equal(
		kernel_log_kind("pcieport 0000:00:1c.0: AER: Corrected error received"), "aer");
}

/* What was done before decides what is suggested. */
static void stronger_steps(void **state)
{
	static const struct {
		const char *kind;
		int verdict; /* -1: the journal does not speak of it */
		enum step step;
		const char *steps; /* NULL: none is stronger */
	} cases[] = {
		{"iommu", VERDICT_STILL, STEP_UNBIND,
			"{ \"unbind\", \"bus\", \"subordinate\", \"flr\""},
		{"aer", VERDICT_STILL, STEP_FLR, "{ \"unbind\", \"bus\", \"subordinate\", \"sbr\""},
		{"interrupt", VERDICT_STILL, STEP_SUBORDINATE, "{ \"unbind\", \"power\""},
		{"interrupt", VERDICT_STILL, STEP_POWER, NULL},
		{"iommu", VERDICT_LEFT, STEP_COUNT,
			"{ \"unbind\", \"bus\", \"subordinate\", \"flr\""},
		{"iommu", -1, STEP_COUNT, "{ \"unbind\", \"bus\""},
		{"timeout", VERDICT_STILL, STEP_UNBIND,
			"{ \"unbind\", \"bus\", \"subordinate\", \"flr\""},
		{"timeout", VERDICT_STILL, STEP_PM, "\"restore\""},
		{"probe", VERDICT_STILL, STEP_BUS,
			"{ \"unbind\", \"flr\", \"pm\", \"disable\", \"restore\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kernel_log log = {.count = 2};
		struct journal_entry entry = {.slot = "0000:01:00.0",
			.step = cases[i].step < STEP_COUNT ? cases[i].step : STEP_UNBIND,
			.result = JOURNAL_OK};
		struct journal_verdict verdict = {"0000:01:00.0", VERDICT_STILL, "in\nuse"};
		struct journal j = {.entries = &entry, .count = 1, .verdicts = &verdict};
		struct suggestion *list;
		size_t count;

		log.messages[0] = message(S, cases[i].kind, "0000:01:00.0");
		log.messages[1] = message(S, "aer", "0000:01:00.0");
		j.verdict_count = cases[i].verdict >= 0;
		memcpy(&verdict.verdict, &cases[i].verdict, sizeof(int));
		assert_int_equal(suggest_rules(&log, &j, NULL, NULL, &list, &count), 0);
		assert_int_equal(count, 1);
		assert_ptr_equal(list->because, &log.messages[0]);
		assert_int_equal(!list->rule, !cases[i].steps);
		assert_int_equal(!list->why_not, list->rule != NULL);
		if (cases[i].steps && !strstr(list->rule, cases[i].steps))
			fail_msg("%zu: %s", i, list->rule);
		if (cases[i].verdict == VERDICT_LEFT)
			assert_non_null(strstr(list->rule, "-- It was left: in?use."));
		talloc_free(list);
	}
}

static void what_is_suggested_and_what_not(void **state)
{
	struct kernel_log log = {.count = 8};
	void *ctx = talloc_new(NULL);
	struct pci_snapshot *snapshot = snapshot_new(ctx);
	struct journal_verdict loud = {"0000:02:00.0", VERDICT_LOUD, "bus master is on"};
	const struct journal j = {.verdicts = &loud, .verdict_count = 1};
	struct suggestion *list;
	size_t count;

	(void)state;
	snapshot_bridge(snapshot, "0000:00:1c.0", 4, 2, 2);
	snapshot_add(snapshot, "0000:02:00.0", 0x020000, "e1000e");
	pci_link_tree(snapshot);
	log.messages[0] = message(S, "iommu", "");
	log.messages[1] = message(S, "aer", "0000:00:1c.0");
	log.messages[2] = message(S, "iommu", "0000:02:00.0");
	log.messages[3] = message(S, "timeout", "0000:02:00.0");
	log.messages[4] = message(S, "hang", "0000:03:00.0");
	log.messages[5] = message(SUGGEST_SINCE_BOOT_US + 1, "aer", "0000:03:00.0");
	log.messages[6] = message(S, "nmi", "0000:03:00.0");
	log.messages[7] = message(S, "aer", "0000:00:1c.0");
	assert_int_equal(suggest_rules(&log, &j, snapshot, ctx, &list, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(list[0].why_not, "a bridge is never reset");
	/* A port that tells of the device below it. */
	strcpy(log.messages[1].text,
		"pcieport 0000:00:1c.0: AER: Corrected error received: 0000:02:00.0");
	strcpy(log.messages[7].text, log.messages[1].text);
	assert_int_equal(suggest_rules(&log, &j, snapshot, ctx, &list, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(list[0].messages, 4);
	strcpy(log.messages[1].text, "");
	strcpy(log.messages[7].text, "");
	assert_int_equal(suggest_rules(&log, &j, snapshot, ctx, &list, &count), 0);
	assert_int_equal(list[1].messages, 2);
	assert_non_null(strstr(list[1].rule, "boot { require_still = true }"));
	talloc_free(ctx);
}

/* One message is enough where it leaves no doubt. */
static void how_much_is_enough(void **state)
{
	static const struct {
		const char *kind;
		size_t messages, count;
	} cases[] = {
		{"iommu", 1, 1},
		{"interrupt", 1, 1},
		{"reset", 1, 1},
		{"firmware", 1, 1},
		{"timeout", 1, 0},
		{"aer", 1, 0},
		{"probe", 1, 0},
		{"timeout", 2, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kernel_log log = {.count = cases[i].messages};
		struct suggestion *list;
		size_t count;

		for (size_t k = 0; k < log.count; k++)
			log.messages[k] = message(S, cases[i].kind, "0000:01:00.0");
		assert_int_equal(suggest_rules(&log, NULL, NULL, NULL, &list, &count), 0);
		assert_int_equal(count, cases[i].count);
		talloc_free(list);
	}
}

/* One that was lost stands in the history of the boot that came instead; what arrived goes first. */
static void a_lost_jump(void **state)
{
	struct scripted *s = scripted_new();
	struct session session = {.machine = s->machine, .memory = talloc_new(NULL)};
	struct record record = {
		.boot_id = "before", .time = 1700000000, .entry = "Linux", .kernel = "6.9"};
	struct report r = {.why_rc = -ENOENT, .attempt = {ATTEMPT_LOST, &record, NULL}};
	struct handoff arrived = {.boot_id = "b", .kernel = "6.1", .entry = "e", .hops = 1};
	struct history_jump jump;
	struct jump_history *h;
	char *text = NULL;
	size_t len;
	FILE *out;

	(void)state;
	scripted_file(s, "proc/sys/kernel/random/boot_id", "instead\n");
	scripted_file(s, "proc/sys/kernel/osrelease", "6.2\n");
	assert_int_equal(report_make_jump(&session, &r, &jump), 1);
	assert_int_equal(jump_history_add(&s->machine, &jump, NULL), 0);
	assert_int_equal(jump_history_add(&s->machine, &jump, NULL), 1); /* once */
	h = read_history(s, session.memory);
	assert_int_equal(h->count, 1);
	assert_true(h->jumps[0].is_lost);
	assert_string_equal(h->jumps[0].boot_id, "instead");
	assert_int_equal(h->jumps[0].timeline.at_us[MOMENT_REQUEST], T);
	setenv("TZ", "UTC", 1);
	out = open_memstream(&text, &len);
	history_print(out, h);
	fclose(out);
	assert_non_null(strstr(text, "2023-11-14 22:13       -       -       -       -       -"
				     "             lost    -\n    ? -> 6.9: Linux\n"));
	free(text);
	r.handoff = &arrived;
	assert_int_equal(report_make_jump(&session, &r, &jump), 1);
	assert_false(jump.is_lost);
	r.handoff = NULL;
	r.attempt.state = ATTEMPT_UNKNOWN;
	assert_int_equal(report_make_jump(&session, &r, &jump), 0);
	talloc_free(session.memory);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_a_whole_way),
		cmocka_unit_test(clocks_that_lie),
		cmocka_unit_test(without_all_of_it),
		cmocka_unit_test(what_systemd_says),
		cmocka_unit_test(the_chart),
		cmocka_unit_test(damaged_lines_are_passed_over),
		cmocka_unit_test(a_boot_has_one_line),
		cmocka_unit_test(the_oldest_go),
		cmocka_unit_test(the_table),
		cmocka_unit_test(what_is_no_trouble),
		cmocka_unit_test(stronger_steps),
		cmocka_unit_test(what_is_suggested_and_what_not),
		cmocka_unit_test(how_much_is_enough),
		cmocka_unit_test(a_lost_jump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
