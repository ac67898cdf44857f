// SPDX-License-Identifier: GPL-2.0-or-later
/* stillboot.conf, the records, what is read of systemd, and times of a planned restart. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/service/configuration.h"
#include "boot/service/record.h"
#include "boot/service/systemd.h"
#include "tests/unit/scripted.h"
#include "ui/when.h"

static int parse(void *ctx, const char *text, struct configuration *c, struct err *err)
{
	*c = CONFIGURATION_BUILTIN;
	return configuration_parse(ctx, text, strlen(text), "FILE", c, err);
}

static void good_lines(void **state)
{
	static const struct {
		const char *text;
		int reboot;
		const char *entry;
		unsigned int timeout_s;
	} cases[] = {
		{"", REBOOT_BY_FIRMWARE, "", 10},
		{"\n# a comment\n \t\n # another = one\n", REBOOT_BY_FIRMWARE, "", 10},
		{"reboot = kexec", REBOOT_BY_KEXEC, "", 10},
		{"reboot=kexec\r\nreboot\t=\tfirmware \r\n", REBOOT_BY_FIRMWARE, "", 10},
		{"entry = Gr\xc3\xbc\xc3\x9f = # dich ", 0, "Gr\xc3\xbc\xc3\x9f = # dich", 10},
		{"timeout = 0\nentry=\n", 0, "", 0},
		{"timeout = 3600", 0, "", 3600},
		{"timeout = 5\ntimeout =", 0, "", 10},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		void *ctx = talloc_new(NULL);
		struct configuration c;
		struct err err;

		if (parse(ctx, cases[i].text, &c, &err) < 0)
			fail_msg("'%s': %s", cases[i].text, err.text);
		assert_int_equal(c.reboot, cases[i].reboot);
		assert_string_equal(c.entry, cases[i].entry);
		assert_int_equal(c.timeout_s, cases[i].timeout_s);
		talloc_free(ctx);
	}
}

static void bad_lines(void **state)
{
	static const struct {
		const char *text, *wrong;
	} cases[] = {
		{"\n\nreboot = kexecc", "FILE:3: reboot = kexecc makes no sense"},
		{"reboot", "FILE:1: 'reboot' has no '='"},
		{"[section]", "FILE:1: '[section]' has no '='"},
		{"rebot = kexec", "FILE:1: there is no 'rebot'"},
		{"= kexec", "FILE:1: there is no ''"},
		{"Reboot = kexec", "FILE:1: there is no 'Reboot'"},
		{"timeout = 3601", "FILE:1: timeout = 3601"},
		{"timeout = 99999999999999999999", "FILE:1: timeout"},
		{"timeout = -1", "FILE:1: timeout"},
		{"timeout = 1s", "FILE:1: timeout"},
		{"entry = \xff", "FILE:1: this is no plain text"},
		{"entry = a\033[31m", "FILE:1: this is no plain text"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		void *ctx = talloc_new(NULL);
		struct configuration c;
		struct err err;

		if (parse(ctx, cases[i].text, &c, &err) != -EINVAL ||
			strncmp(err.text, cases[i].wrong, strlen(cases[i].wrong)))
			fail_msg("'%s': %s", cases[i].text, err.text);
		talloc_free(ctx);
	}
}

static void a_file_is_taken_whole_or_not(void **state)
{
	static const char text[] = "entry = other\nreboot = kexec\nx\n", nul[] = "entry = a\0b\n";
	struct configuration c = CONFIGURATION_BUILTIN;
	void *ctx = talloc_new(NULL);
	struct err err;

	(void)state;
	assert_int_equal(configuration_parse(ctx, text, strlen(text), "F", &c, &err), -EINVAL);
	assert_string_equal(err.text,
		"F:3: 'x' has no '='; a line is `name = value`, or a comment that begins with '#'");
	assert_string_equal(c.entry, "");
	assert_int_equal(configuration_parse(ctx, nul, sizeof(nul) - 1, "F", &c, &err), -EINVAL);
	talloc_free(ctx);
}

static void files_and_their_order(void **state)
{
	struct scripted *s = scripted_new();
	void *ctx = talloc_new(NULL);
	struct configuration c;
	struct err err;

	(void)state;
	assert_int_equal(configuration_read(&s->machine, ctx, &c, &err), 0);
	assert_null(c.where[CONFIGURATION_REBOOT]);
	scripted_file(
		s, CONFIGURATION_VENDOR_FILE, "reboot = kexec\nentry = vendor\ntimeout = 1\n");
	scripted_file(s, CONFIGURATION_FILE, "# mine\nentry = main\ntimeout = 2\n");
	scripted_file(s, CONFIGURATION_DIRECTORY "/20-b.conf", "timeout = 20\n");
	scripted_file(s, CONFIGURATION_DIRECTORY "/10-a.conf", "timeout = 10\nentry = drop-in\n");
	scripted_file(s, CONFIGURATION_DIRECTORY "/30-c.conf~", "nonsense");
	assert_int_equal(configuration_read(&s->machine, ctx, &c, &err), 0);
	assert_int_equal(c.reboot, REBOOT_BY_KEXEC);
	assert_string_equal(c.where[CONFIGURATION_REBOOT], "/" CONFIGURATION_VENDOR_FILE ":1");
	assert_string_equal(c.entry, "drop-in");
	assert_int_equal(c.timeout_s, 20);
	assert_string_equal(
		c.where[CONFIGURATION_TIMEOUT], "/" CONFIGURATION_DIRECTORY "/20-b.conf:1");
	scripted_file(s, CONFIGURATION_ENABLE_FILE, "reboot = off\n");
	assert_int_equal(configuration_read(&s->machine, ctx, &c, &err), -EINVAL);
	assert_non_null(strstr(err.text, "90-enable.conf:1: "));
	assert_int_equal(c.timeout_s, 20);
	talloc_free(ctx);
	scripted_free(s);
}

static void records(void **state)
{
	static const char *const bad[] = {"", "{}", "[]", "null", "{\"boot_id\":1}",
		"{\"boot_id\":\"\",\"entry\":\"\",\"kernel\":\"\",\"by\":\"who\",\"time\":1}",
		"{\"boot_id\":\"\",\"entry\":\"\",\"kernel\":\"\",\"by\":\"load\",\"time\":\"1\"}",
		"{\"boot_id\":\"\",\"entry\":\"\",\"kernel\":\"\",\"by\":\"load\",\"time\":1"};
	const struct record written = {.boot_id = "b",
		.time = 1234567890123,
		.entry = "A\033 title\xff",
		.kernel = "",
		.by = RECORD_BY_SERVICE,
		.has_handoff = 1};
	struct scripted *s = scripted_new();
	void *ctx = talloc_new(NULL);
	struct record *r = NULL;
	struct err err;

	(void)state;
	assert_int_equal(record_read(&s->machine, ctx, RECORD_ATTEMPT, &r, &err), -ENOENT);
	assert_int_equal(record_write(&s->machine, RECORD_ATTEMPT, &written, &err), 0);
	assert_int_equal(record_read(&s->machine, ctx, RECORD_ATTEMPT, &r, &err), 0);
	assert_string_equal(r->boot_id, "b");
	assert_string_equal(r->entry, "A? title?");
	assert_true(r->time == written.time && r->by == written.by && r->has_handoff);
	record_remove(&s->machine, RECORD_ATTEMPT);
	assert_int_equal(record_read(&s->machine, ctx, RECORD_ATTEMPT, &r, &err), -ENOENT);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(record_parse(bad[i], strlen(bad[i]), ctx, &r, &err), -EBADMSG);
	talloc_free(ctx);
	scripted_free(s);
}

static void jobs(void **state)
{
	static const struct {
		const char *text;
		enum systemd_leaving where;
	} cases[] = {
		{"", SYSTEMD_STAYS},
		{"No jobs running.\n", SYSTEMD_STAYS},
		{"12 stillboot.service stop running\n13 kexec.target start waiting\n",
			SYSTEMD_TO_KEXEC},
		{" 7 reboot.target   start waiting\n", SYSTEMD_TO_REBOOT},
		{"7 poweroff.target start waiting", SYSTEMD_TO_OFF},
		{"7 kexec.target stop waiting\n8 halt.target start waiting\n", SYSTEMD_TO_OFF},
		{"7 soft-reboot.target start waiting\n", SYSTEMD_STAYS},
		{"7 my-kexec.target start waiting\nkexec.target start\n", SYSTEMD_STAYS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(systemd_jobs_parse(cases[i].text), cases[i].where);
}

static void inhibitors(void **state)
{
	static const struct {
		const char *text;
		int blocks;
	} cases[] = {
		{"WHAT=shutdown\nMODE=block\nWHO=w\nWHY=y\n", 1},
		{"# private\nWHAT=sleep:shutdown:idle\nMODE=block\nUID=0\nWHO=w\nWHY=y", 1},
		{"WHAT=sleep\nMODE=block\nWHO=w\nWHY=y\n", 0},
		{"WHAT=shutdown-soon\nMODE=block\n", 0},
		{"WHAT=shutdown\nMODE=delay\n", 0},
		{"MODE=block\n", 0},
		{"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scripted *s = scripted_new();
		struct err why;

		scripted_file(s, "run/systemd/inhibit/3", cases[i].text);
		scripted_file(s, "run/systemd/inhibit/4.ref", cases[0].text);
		assert_int_equal(systemd_is_inhibited(&s->machine, &why), cases[i].blocks);
		assert_true(!cases[i].blocks || strstr(why.text, "w keeps"));
		scripted_free(s);
	}
}

/* 2026-01-31 12:00:30 UTC. */
#define NOW 1769860830

static void times(void **state)
{
	static const struct {
		const char *text;
		int rc, what;
		time_t at;
	} cases[] = {
		{"cancel", 0, WHEN_CANCEL, 0},
		{"+30", 0, WHEN_IN, NOW + 30},
		{"+0s", 0, WHEN_IN, NOW},
		{"+5m", 0, WHEN_IN, NOW + 300},
		{"+2h", 0, WHEN_IN, NOW + 7200},
		{"12:01", 0, WHEN_AT, NOW + 30},
		{"12:00", 0, WHEN_AT, NOW - 30 + 86400},
		{"00:00", 0, WHEN_AT, NOW - 30 + 43200},
		{"2026-02-01 12:00", 0, WHEN_AT, NOW - 30 + 86400},
		{"2026-01-31 12:00:31", 0, WHEN_AT, NOW + 1},
		{"2026-01-31 12:00:29", -ERANGE, 0, 0},
		{"2027-03-01 00:00", -ERANGE, 0, 0},
		{"+99999999", -ERANGE, 0, 0},
		{"2026-02-30 12:00", -EINVAL, 0, 0},
		{"2026-13-01 12:00", -EINVAL, 0, 0},
		{"24:00", -EINVAL, 0, 0},
		{"12:60", -EINVAL, 0, 0},
		{"1:00", -EINVAL, 0, 0},
		{"12:00 ", -EINVAL, 0, 0},
		{"", -EINVAL, 0, 0},
		{"+", -EINVAL, 0, 0},
		{"+-5", -EINVAL, 0, 0},
		{"+5d", -EINVAL, 0, 0},
		{"+5mm", -EINVAL, 0, 0},
		{"+123456789", -EINVAL, 0, 0},
		{"now", -EINVAL, 0, 0},
	};

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct when when = {.seconds = -77};
		struct err err;
		int rc = when_parse(cases[i].text, NOW, &when, &err);

		if (rc != cases[i].rc)
			fail_msg("'%s': %d", cases[i].text, rc);
		if (rc < 0) {
			assert_int_equal(when.seconds, -77);
			continue;
		}
		assert_int_equal(when.what, cases[i].what);
		assert_int_equal(when.at, cases[i].at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lines),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(a_file_is_taken_whole_or_not),
		cmocka_unit_test(files_and_their_order),
		cmocka_unit_test(records),
		cmocka_unit_test(jobs),
		cmocka_unit_test(inhibitors),
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
