// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel's command line asks to leave alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/host.h"

#define L "stillboot.leave="
#define Q "stillboot.quiesce="

static struct host_optouts read_from(void *ctx, const char *cmdline)
{
	struct host host = {.cmdline = cmdline};
	struct host_optouts o;

	assert_int_equal(host_optouts(&host, ctx, &o), 0);
	return o;
}

/* The items with a bar between them. */
static char *items(void *ctx, const struct host_optouts *o)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < o->leave_count; i++)
		text = talloc_asprintf_append(text, "%s%s", i ? "|" : "", o->leave[i]);
	return text;
}

static void test_understood(void **state)
{
	static const struct {
		const char *cmdline;
		int quiesce_off;
		const char *leave;
	} cases[] = {
		{"", 0, ""},
		{"quiet root=/dev/sda1 xstillboot.leave=1 a=" Q "off", 0, ""},
		{"ro " Q "off quiet", 1, ""},
		{Q "0", 1, ""},
		{Q "no\n", 1, ""},
		{Q "off " Q "on", 0, ""},
		{Q "yes " Q "no", 1, ""},
		{"rdinit=/x -- " Q "off", 1, ""},
		{L "0000:01:00.0,1:0.0,driver:nvme,platform:foo.0", 0,
			"0000:01:00.0|0000:01:00.0|driver:nvme|platform:foo.0"},
		{L "10000:E1:00.0,pci:2:3.4 x " L "usb:1-1:1.0", 0,
			"10000:e1:00.0|0000:02:03.4|usb:1-1:1.0"},
		{L "\"driver:i6300ESB timer,x:b\" x", 0, "driver:i6300ESB timer|x:b"},
		{"\"" L "driver:i6300ESB timer\" " Q "off", 1, "driver:i6300ESB timer"},
		{"x=\"a " Q "off\" y", 0, ""},
		{"x=a\"b " Q "off c\" y", 0, ""},
		{"x\"\"=\"\" \"\" " L "pnp:00:05", 0, "pnp:00:05"},
		/* 0xa0 is part of a letter */
		{"a\tb\xa0" L "y:c\v" L "x:b", 0, "x:b"},
		{"stillboot.timeout=3 stillboot.default=x stillboot.console=ttyS0 "
		 "stillboot.shell=no",
			0, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		void *ctx = talloc_new(NULL);
		struct host_optouts o = read_from(ctx, cases[i].cmdline);

		assert_null(o.bad);
		assert_int_equal(o.quiesce_off, cases[i].quiesce_off);
		assert_string_equal(items(ctx, &o), cases[i].leave);
		talloc_free(ctx);
	}
}

/* The rest counts: 1:0.0 stands in all of them. */
static void test_bad(void **state)
{
	static const struct {
		const char *cmdline, *says;
	} cases[] = {
		{L "0000:01:00," L, "'0000:01:00' is neither"},
		{L ",1:0.0", "'' is neither"},
		{L "1:0.0,", "'' is neither"},
		{L "0000:01:00.8,1:0.0", "'0000:01:00.8' is neither"},
		{L "driver:,1:0.0", "'driver:' is neither"},
		{L ":x,1:0.0", "':x' is neither"},
		{L "nvme,1:0.0", "'nvme' is neither"},
		{L "pci:x,1:0.0", "'pci:x' is neither"},
		{L "driver:../x,1:0.0", "is neither"},
		{L "driver:\"a b\",1:0.0", "is neither"},
		{L "\x1b[2J\xff,1:0.0", "'?[2J?' is neither"},
		{L " " L "1:0.0", "'' is neither"},
		{"stillboot.leave " L "1:0.0",
			"stillboot.leave on the kernel's command line has no"},
		{Q "of " L "1:0.0", "is 'of': write off or on"},
		{"stillboot.preinit=of " L "1:0.0",
			"stillboot.preinit on the kernel's command line is 'of'"},
		{Q " " L "1:0.0", "is ''"},
		{"stillboot.quiesce " L "1:0.0", "stillboot.quiesce on the"},
		{"stillboot.quiet=1 " L "1:0.0", "stillboot.quiet on the kernel's command line"},
		{"stillboot. " L "1:0.0",
			"knows leave, quiesce, preinit, console, default, shell and timeout"},
		{L "1:0.0 x=\"a " Q "off", "x on the kernel's command line: a double quote"},
		{L "1:0.0 \"x " Q "off", "a double quote is not closed"},
		{L "\"1:0.0", "stillboot.leave on the kernel's command line: a double quote"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		void *ctx = talloc_new(NULL);
		struct host_optouts o = read_from(ctx, cases[i].cmdline);

		assert_non_null(o.bad);
		if (!strstr(o.bad, cases[i].says))
			fail_msg("%s: %s", cases[i].cmdline, o.bad);
		assert_int_equal(o.quiesce_off, 0);
		if (i)
			assert_string_equal(items(ctx, &o), "0000:01:00.0");
		talloc_free(ctx);
	}
}

/* Of what is not understood the first is told. */
static void test_first(void **state)
{
	void *ctx = talloc_new(NULL);
	struct host_optouts o = read_from(ctx, L "one," L "two " Q "three");

	(void)state;
	assert_string_equal(o.bad,
		"stillboot.leave on the kernel's command line: 'one' is neither a "
		"slot nor driver:NAME nor bus:name");
	talloc_free(ctx);
}

static void test_limits(void **state)
{
	char *cmdline = talloc_strdup(NULL, L "x:0");
	struct host_optouts o;

	(void)state;
	for (int i = 1; i < HOST_LEAVE_MAX; i++)
		cmdline = talloc_asprintf_append(cmdline, ",x:%d", i);
	o = read_from(cmdline, cmdline);
	assert_null(o.bad);
	assert_int_equal(o.leave_count, HOST_LEAVE_MAX);
	cmdline = talloc_asprintf_append(cmdline, ",x:last " Q "off");
	o = read_from(cmdline, cmdline);
	assert_non_null(strstr(o.bad, "'x:last' does not count"));
	assert_int_equal(o.leave_count, HOST_LEAVE_MAX);
	assert_true(o.quiesce_off);
	talloc_free(cmdline);

	cmdline = talloc_asprintf(NULL, L "x:%0*d,y:1", HOST_LEAVE_SIZE - 1, 0);
	o = read_from(cmdline, cmdline);
	assert_non_null(strstr(o.bad, "does not count"));
	assert_int_equal(o.leave_count, 1);
	assert_string_equal(o.leave[0], "y:1");
	talloc_free(cmdline);
}

static void test_matching(void **state)
{
	void *ctx = talloc_new(NULL);
	struct host_optouts o = read_from(
		ctx, L "3:0.1,driver:nvme,platform:foo.0,driver:usbhid,usb:1-1:1.0");
	struct pci_function f = {.slot = "0000:03:00.1"};
	struct bus_device d = {.bus = "platform", .name = "foo.0", .driver = "foo"};

	(void)state;
	assert_string_equal(host_leaves_function(&o, &f), "0000:03:00.1");
	strcpy(f.slot, "0001:03:00.1");
	assert_null(host_leaves_function(&o, &f));
	f.driver = "nvme";
	assert_string_equal(host_leaves_function(&o, &f), "driver:nvme");
	f.driver = "nvme2";
	assert_null(host_leaves_function(&o, &f));
	assert_string_equal(host_leaves_device(&o, &d), "platform:foo.0");
	d.name = "foo.01";
	assert_null(host_leaves_device(&o, &d));
	d.bus = "plat";
	d.name = "form:foo.0";
	assert_null(host_leaves_device(&o, &d));
	d = (struct bus_device){.bus = "usb", .name = "1-1:1.0", .driver = "x"};
	assert_string_equal(host_leaves_device(&o, &d), "usb:1-1:1.0");
	d = (struct bus_device){.bus = "usb", .name = "1-2:1.0", .driver = "usbhid"};
	assert_string_equal(host_leaves_device(&o, &d), "driver:usbhid");
	o = read_from(ctx, "quiet");
	assert_null(host_leaves_function(&o, &f));
	assert_null(host_leaves_device(&o, &d));
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_understood),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_matching),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
