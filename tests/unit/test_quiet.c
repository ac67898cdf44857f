// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's messages, and whether a terminal is one of its consoles. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/scripted.h"
#include "ui/menu/quiet.h"

#define PRINTK "proc/sys/kernel/printk"

static void test_level(void **state)
{
	struct scripted *s = scripted_new();
	struct quiet quiet = {0};

	(void)state;
	quiet_begin(&quiet, &s->machine, NULL); /* nobody knows the level: it stays */
	quiet_end(&quiet, &s->machine);
	assert_int_equal(s->log_count, 0);
	scripted_file(s, PRINTK, "7\t4\t1\t7\n");
	quiet_begin(&quiet, &s->machine, NULL);
	assert_int_equal(scripted_find(s, "write " PRINTK " 1"), 0);
	quiet_begin(&quiet, &s->machine, NULL); /* of another console */
	assert_int_equal(s->log_count, 1);
	quiet_end(&quiet, &s->machine);
	assert_int_equal(scripted_find(s, "write " PRINTK " 7"), 1);
	quiet_end(&quiet, &s->machine);
	assert_int_equal(s->log_count, 2);
	scripted_free(s);
}

static void test_console(void **state)
{
	struct scripted *s = scripted_new();
	char line[80];
	struct stat st;
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	(void)state;
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	assert_false(quiet_is_console(&s->machine, NULL, fd));
	scripted_file(s, "proc/consoles",
		"tty0                 -WU (EC  p  )    4:2\nttyS0                -W- (E   p a)    "
		"4:64\n");
	assert_false(quiet_is_console(&s->machine, NULL, fd));
	snprintf(line, sizeof(line), "ours                 -W- (E   p a)  %3u:%u\n",
		major(st.st_rdev), minor(st.st_rdev));
	scripted_file(s, "proc/consoles", line);
	assert_true(quiet_is_console(&s->machine, NULL, fd));
	scripted_file(s, "proc/consoles", "nothing\n\n4:\n");
	assert_false(quiet_is_console(&s->machine, NULL, fd));
	close(fd);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_level),
		cmocka_unit_test(test_console),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
