// SPDX-License-Identifier: GPL-2.0-or-later
/* Passphrases from a file, from a pipe and from a terminal. */
#include <errno.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

#include "tests/unit/tree.h"
#include "ui/passphrase.h"

/* Standard input is this text for one call. */
static int from_pipe(const char *text, size_t len,
	int (*read_it)(struct passphrase *, struct err *), struct passphrase *p)
{
	int ends[2], before = dup(STDIN_FILENO), rc;
	struct err err;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, len), len);
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	rc = read_it(p, &err);
	dup2(before, STDIN_FILENO);
	close(before);
	return rc;
}

static int read_input(struct passphrase *p, struct err *err)
{
	return passphrase_read_file("-", 16, p, err);
}

static void test_line(void **state)
{
	struct passphrase p = {.bytes = NULL};
	char long_line[PASSPHRASE_MAX + 8];

	(void)state;
	assert_int_equal(from_pipe("two words\nand more\n", 19, passphrase_read_line, &p), 0);
	assert_int_equal(p.len, 9);
	assert_memory_equal(p.bytes, "two words", 9);
	passphrase_free(&p);
	assert_null(p.bytes);
	assert_int_equal(from_pipe("a\0b", 3, passphrase_read_line, &p), 0);
	assert_int_equal(p.len, 3);
	passphrase_free(&p);
	assert_int_equal(from_pipe("", 0, passphrase_read_line, &p), -ENODATA);
	assert_int_equal(from_pipe("\n", 1, passphrase_read_line, &p), -ENODATA);
	assert_null(p.bytes);
	memset(long_line, 'x', sizeof(long_line));
	assert_int_equal(from_pipe(long_line, sizeof(long_line), passphrase_read_line, &p), -E2BIG);
	assert_null(p.bytes);
}

static void test_file(void **state)
{
	struct passphrase p = {.bytes = NULL};
	struct tree tree;
	struct err err;
	char path[300];

	(void)state;
	tree_new(&tree);
	tree_file(&tree, "key", "secret\n");
	tree_file(&tree, "empty", "");
	snprintf(path, sizeof(path), "%s/key", tree.path);
	assert_int_equal(passphrase_read_file(path, 7, &p, &err), 0);
	assert_int_equal(p.len, 7); /* its newline is part of the key */
	passphrase_free(&p);
	assert_int_equal(passphrase_read_file(path, 6, &p, &err), -EFBIG);
	snprintf(path, sizeof(path), "%s/empty", tree.path);
	assert_int_equal(passphrase_read_file(path, 6, &p, &err), -ENODATA);
	snprintf(path, sizeof(path), "%s/none", tree.path);
	assert_int_equal(passphrase_read_file(path, 6, &p, &err), -ENOENT);
	assert_int_equal(from_pipe("a\nb", 3, read_input, &p), 0);
	assert_int_equal(p.len, 3);
	passphrase_free(&p);
	tree_remove(&tree);
}

#define END "\x1a"

/* Somebody types keys at a terminal; returns what the terminal showed. */
static int typed(const char *keys, const char *expected, char *shown, size_t size)
{
	struct passphrase p = {.bytes = NULL};
	struct termios before, after;
	int master, slave, status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err;
		int rc;

		close(master);
		login_tty(slave);
		tcgetattr(STDIN_FILENO, &before);
		rc = passphrase_ask("Passphrase: ", &p, &err);
		tcgetattr(STDIN_FILENO, &after);
		if (before.c_lflag != after.c_lflag)
			_exit(3);
		if (rc < 0)
			_exit(rc == -EINTR ? 2 : 4);
		_exit(p.len != strlen(expected) || memcmp(p.bytes, expected, p.len));
	}
	/* The prompt comes when keys are not shown any more. */
	n = read(master, shown, size - 1);
	assert_true(n > 0);
	assert_int_equal(write(master, keys, strlen(keys)), strlen(keys));
	waitpid(pid, &status, 0);
	/* The last that was shown may be lost when a terminal's last file is closed: one stays open. */
	assert_int_equal(write(slave, END, 1), 1);
	do {
		ssize_t more = read(master, shown + n, size - 1 - (size_t)n);

		assert_true(more > 0);
		n += more;
	} while (shown[n - 1] != *END);
	shown[n - 1] = '\0';
	close(slave);
	close(master);
	return WEXITSTATUS(status);
}

/* Neither while it is there nor later, when a library may have keys. */
static void test_no_core_dump(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct passphrase p = {.bytes = NULL};

		prctl(PR_SET_DUMPABLE, 1);
		if (from_pipe("secret\n", 7, passphrase_read_line, &p) < 0)
			_exit(2);
		passphrase_free(&p);
		_exit(prctl(PR_GET_DUMPABLE) != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_terminal(void **state)
{
	char shown[256];

	(void)state;
	assert_int_equal(typed("secret\r", "secret", shown, sizeof(shown)), 0);
	assert_string_equal(shown, "Passphrase: \r\n");
	assert_int_equal(typed("wrong\x15se\xc3\xa9\x7f"
			       "crets\b\n",
				 "secret", shown, sizeof(shown)),
		0);
	assert_int_equal(typed("\n", "", shown, sizeof(shown)), 0);
	assert_int_equal(typed("sec\x03", "", shown, sizeof(shown)), 2);
	assert_null(strstr(shown, "sec"));
	assert_int_equal(typed("\x04", "", shown, sizeof(shown)), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_no_core_dump),
		cmocka_unit_test(test_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
