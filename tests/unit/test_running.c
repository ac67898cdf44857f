// SPDX-License-Identifier: GPL-2.0-or-later
/* Which entry is the one that runs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/running.h"
#include "tests/unit/tree.h"

struct fixture {
	struct tree tree;
	struct machine machine;
	struct entry_list *list;
};

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	tree_new(&f->tree);
	tree_machine(&f->tree, &f->machine);
	f->list = entry_list_new(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	machine_close(&f->machine);
	tree_remove(&f->tree);
	return talloc_free(f);
}

static const struct {
	const char *cmdline, *release; /* of the machine */
	const char *kernel, *version, *options;
	int runs;
} cases[] = {
	/* GRUB names the kernel. */
	{"BOOT_IMAGE=/boot/vmlinuz-6.1 root=/dev/sda1 ro", "6.1", "/boot/vmlinuz-6.1", NULL,
		"root=/dev/sda1 ro", 1},
	{"BOOT_IMAGE=(hd0,gpt2)/vmlinuz root=a", "6.1.0", "/vmlinuz", NULL, "root=a", 1},
	{"BOOT_IMAGE=/vmlinuz root=a", "6.1.0", "/vmlinuz.old", NULL, "root=a", 0},
	{"BOOT_IMAGE=/vmlinuz.old root=a", "6.1.0", "/vmlinuz", NULL, "root=a", 0},
	{"BOOT_IMAGE=/x/vmlinuz root=a", "6.1.0", "/vmlinuz", NULL, "root=a", 0},
	{"BOOT_IMAGE=vmlinuz root=a", "6.1.0", "/vmlinuz", NULL, "root=a", 0},
	{"BOOT_IMAGE= root=a", "6.1.0", "/vmlinuz", NULL, "root=a", 0},
	{"NO_BOOT_IMAGE=/vmlinuz root=a", "6.1.0", "/vmlinuz", NULL,
		"NO_BOOT_IMAGE=/vmlinuz root=a", 0},
	/* systemd-boot does not: its version says it. */
	{"initrd=\\initrd.img-6.1 root=a", "6.1", "/vmlinuz-6.1", NULL, "root=a", 1},
	{"root=a", "6.1.0-9-amd64", "/m/6.1.0-9-amd64/linux", "6.1.0-9-amd64", "root=a", 1},
	{"root=a", "6.1.0-9-amd64", "/vmlinuz-6.1.0-9-amd64", NULL, "root=a", 1},
	{"root=a", "1.0", "/vmlinuz-6.1.0", NULL, "root=a", 0},
	{"root=a", "6.1", "6.1", NULL, "root=a", 0},
	{"root=a", "", "/vmlinuz-", NULL, "root=a", 0},
	{"root=a", "6.1", "/vmlinuz-6.10", "6.10", "root=a", 0},
	/* The command line has to be the same, but for blanks. */
	{"root=a  quiet", "6.1", "/vmlinuz-6.1", NULL, " root=a\tquiet ", 1},
	{"root=a quiet", "6.1", "/vmlinuz-6.1", NULL, "root=a", 0},
	{"root=a", "6.1", "/vmlinuz-6.1", NULL, "root=a single", 0},
	{"root=a", "6.1", "/vmlinuz-6.1", NULL, "initrd=/i root=a", 1},
	{"", "6.1", "/vmlinuz-6.1", NULL, "", 1},
};

static void knows_what_runs(void **state)
{
	struct fixture *f = *state;
	struct entry *e = entry_list_add(f->list);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *cmdline = talloc_asprintf(f, "%s\n", cases[i].cmdline);

		tree_file(&f->tree, "proc/cmdline", cmdline);
		tree_file(&f->tree, "proc/sys/kernel/osrelease", cases[i].release);
		e->kernel.path = cases[i].kernel;
		e->version = cases[i].version;
		e->options = cases[i].options;
		assert_int_equal(running_mark(&f->machine, f->list), 0);
		if (e->is_running != cases[i].runs)
			fail_msg("%s with %s %s", cases[i].cmdline, cases[i].kernel,
				cases[i].options);
		e->is_running = 0;
	}
}

static void a_machine_that_does_not_say(void **state)
{
	struct fixture *f = *state;
	struct entry *e = entry_list_add(f->list);

	e->kernel.path = "/vmlinuz-6.1";
	e->options = "";
	assert_int_equal(running_mark(&f->machine, f->list), 0);
	tree_file(&f->tree, "proc/cmdline", "\n");
	assert_int_equal(running_mark(&f->machine, f->list), 0);
	assert_false(e->is_running);
}

static void entries_without_a_kernel(void **state)
{
	struct fixture *f = *state;

	entry_list_add(f->list)->options = "a";
	tree_file(&f->tree, "proc/cmdline", "a\n");
	tree_file(&f->tree, "proc/sys/kernel/osrelease", "6.1");
	assert_int_equal(running_mark(&f->machine, f->list), 0);
	assert_false(f->list->entries->is_running);
}

static void gives_the_command_line(void **state)
{
	struct fixture *f = *state;
	struct err err;
	char *cmdline;

	assert_int_equal(running_cmdline(&f->machine, f, &cmdline, &err), -ENOENT);
	tree_file(&f->tree, "proc/cmdline",
		"BOOT_IMAGE=/k initrd=/i  root=a  b=\"c  initrd=d\" xinitrd=/j BOOT_IMAGE=/l\n");
	assert_int_equal(running_cmdline(&f->machine, f, &cmdline, &err), 0);
	assert_string_equal(cmdline, "root=a b=\"c  initrd=d\" xinitrd=/j");
	tree_file(&f->tree, "proc/cmdline", "\n");
	assert_int_equal(running_cmdline(&f->machine, f, &cmdline, &err), 0);
	assert_string_equal(cmdline, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(knows_what_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(a_machine_that_does_not_say, setup, teardown),
		cmocka_unit_test_setup_teardown(entries_without_a_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(gives_the_command_line, setup, teardown),
	};

	return cmocka_run_group_tests_name("running", tests, NULL, NULL);
}
