// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include <fcntl.h>

#include "boot/jump.h"
#include "devices/log.h"
#include "tests/unit/scripted.h"

static void test_refuses_above_writable_disks(void **state)
{
	struct scripted *s = scripted_new();
	struct err err;

	(void)state;
	scripted_file(s, "proc/sysrq-trigger", "");
	scripted_file(s, "proc/self/mountinfo",
		"1 1 0:2 / / rw - rootfs rootfs rw\n2 1 8:1 / /srv rw - ext4 /dev/sda1 ro\n");
	assert_int_equal(jump_check(&s->machine, JUMP_NOTHING_IN_USE, &err), 0);
	scripted_file(s, "proc/swaps", "Filename\n/dev/sda2 partition\n");
	assert_int_equal(jump_check(&s->machine, JUMP_NOTHING_IN_USE, &err), -EPERM);
	assert_non_null(strstr(err.text, "/dev/sda2"));
	scripted_file(s, "proc/swaps", "Filename\n");
	scripted_file(s, "proc/self/mountinfo", "2 1 8:1 / /srv rw - ext4 /dev/sda1 rw\n");
	assert_int_equal(jump_check(&s->machine, JUMP_NOTHING_IN_USE, &err), -EPERM);
	assert_non_null(strstr(err.text, "/dev/sda1 is mounted read-write on /srv"));
	assert_non_null(strstr(err.text, "stillboot reboot"));
	assert_int_equal(jump_check(&s->machine, JUMP_FORCE, &err), 0);
	scripted_link(s, "proc/self/ns/pid", "pid:[4026532999]");
	assert_int_equal(jump_check(&s->machine, JUMP_FORCE, &err), -EPERM);
	assert_non_null(strstr(err.text, "container"));
	scripted_free(s);
}

static void test_settle(void **state)
{
	struct scripted *s = scripted_new();
	struct err err;

	(void)state;
	assert_int_equal(jump_settle_disks(&s->machine, JUMP_NOTHING_IN_USE, &err), 0);
	assert_int_equal(s->log_count, 1);
	assert_int_equal(jump_settle_disks(&s->machine, JUMP_FORCE, &err), 0);
	assert_int_equal(s->log_count, 3);
	assert_string_equal(s->log[1], "sync");
	assert_string_equal(s->log[2], "remount-ro");
	s->fail_at = 5;
	assert_int_equal(jump_settle_disks(&s->machine, JUMP_FORCE, &err), -EIO);
	scripted_free(s);
}

/* Less is to be written after the first try, and as much after the second. */
static void write_some(struct scripted *s)
{
	while (!__atomic_load_n(&s->log_count, __ATOMIC_SEQ_CST))
		usleep(1000);
	scripted_file(s, "proc/meminfo", "MemTotal: 9 kB\nDirty: 100 kB\nWriteback: 50 kB\n");
	_exit(0);
}

static void test_disk_that_does_not_take_it(void **state)
{
	for (int patience = JUMP_NOT_LONGER; patience <= JUMP_WHILE_WRITING; patience++) {
		struct scripted *s = scripted_new();
		struct err err;

		(void)state;
		s->hangs = "sync";
		scripted_file(
			s, "proc/meminfo", "MemTotal: 9 kB\nDirty: 100 kB\nWriteback: 60 kB\n");
		if (fork() == 0)
			write_some(s);
		assert_int_equal(
			jump_sync(&s->machine, 200, (enum jump_patience)patience, &err), -ETIME);
		assert_non_null(strstr(err.text, "write all data"));
		assert_int_equal(s->log_count, patience == JUMP_WHILE_WRITING ? 2 : 1);
		wait(NULL);
		scripted_free(s);
	}
}

static void test_network_root_is_refused(void **state)
{
	struct scripted *s = scripted_new();
	struct err err;

	(void)state;
	scripted_file(s, "proc/self/mountinfo", "1 1 0:9 / / ro - nfs4 server:/x ro\n");
	assert_int_equal(jump_check(&s->machine, JUMP_FORCE, &err), -EPERM);
	assert_non_null(strstr(err.text, "nfs4"));
	assert_int_equal(jump_check(&s->machine, JUMP_FROM_EXITRD, &err), 0);
	scripted_file(s, "proc/self/mountinfo",
		"1 1 0:9 / / ro - nfs4 server:/x ro\n2 1 0:3 / / rw - tmpfs tmpfs rw\n");
	assert_int_equal(jump_check(&s->machine, JUMP_FORCE, &err), 0);
	scripted_free(s);
}

/* Every way ends: kexec, else the firmware, else the emergency restart. */
static void test_every_path_ends(void **state)
{
	struct scripted *s = scripted_new();
	struct err err;

	(void)state;
	log_setup(open("/dev/null", O_WRONLY), open("/dev/null", O_WRONLY), LOG_ERROR);
	assert_int_equal(jump_go(&s->machine, &err), 0);
	assert_string_equal(s->log[0], "reboot kexec");
	s->log_count = 0;
	s->fail_at = 1;
	assert_int_equal(jump_go(&s->machine, &err), 0);
	assert_int_equal(s->log_count, 2);
	assert_string_equal(s->log[1], "reboot firmware");
	scripted_free(s);
}

/* While a step hangs, reboot(2) is never called: it would wait for the device lock for ever. */
static void test_hung_takes_the_emergency_way(void **state)
{
	struct scripted *s = scripted_new();
	struct err err;

	(void)state;
	assert_int_equal(jump_out(&s->machine, JUMP_HANG_RESTART, &err), 0);
	/* No crash kernel: the same. */
	assert_int_equal(jump_out(&s->machine, JUMP_HANG_CRASH, &err), 0);
	assert_int_equal(s->log_count, 2);
	assert_string_equal(s->log[0], "write proc/sysrq-trigger b");
	assert_string_equal(s->log[1], "write proc/sysrq-trigger b");
	scripted_file(s, "sys/kernel/kexec_crash_loaded", "1\n");
	assert_int_equal(jump_out(&s->machine, JUMP_HANG_CRASH, &err), 0);
	assert_int_equal(s->log_count, 3);
	assert_string_equal(s->log[2], "write proc/sysrq-trigger c");
	assert_int_equal(jump_out(&s->machine, JUMP_HANG_RESTART, &err), 0);
	assert_string_equal(s->log[3], "write proc/sysrq-trigger b");
	/* A crash that did not come about. */
	s->fail_at = 5;
	assert_int_equal(jump_out(&s->machine, JUMP_HANG_CRASH, &err), 0);
	assert_string_equal(s->log[5], "write proc/sysrq-trigger b");
	scripted_free(s);
}

static void test_load_and_fall_back(void **state)
{
	struct scripted *s = scripted_new();
	const struct pinned p = {.kernel_fd = 5, .initrd_fd = -1, .cmdline = "x=1"};
	enum kexec_loader loader;
	struct err err;

	(void)state;
	assert_int_equal(kexec_load(&s->machine, &p, &loader, &err), 0);
	assert_int_equal(loader, KEXEC_BY_KERNEL);
	assert_string_equal(s->log[0], "load kernel - 0 x=1");
	assert_int_equal(kexec_unload(&s->machine, &err), 0);
	assert_string_equal(s->log[1], "load - - 1 -");
	s->fail_at = 3;
	assert_int_equal(kexec_load(&s->machine, &p, &loader, &err), -EIO);
	scripted_file(s, "proc/sys/kernel/kexec_load_disabled", "1\n");
	assert_int_equal(kexec_load(&s->machine, &p, &loader, &err), -EPERM);
	assert_non_null(strstr(err.text, "kexec_load_disabled"));
	assert_int_equal(s->log_count, 3);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refuses_above_writable_disks),
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_disk_that_does_not_take_it),
		cmocka_unit_test(test_network_root_is_refused),
		cmocka_unit_test(test_every_path_ends),
		cmocka_unit_test(test_hung_takes_the_emergency_way),
		cmocka_unit_test(test_load_and_fall_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
