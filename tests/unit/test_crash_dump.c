// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving a dump where something goes wrong: with makedumpfile, with the disk, over there. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/crash/copy.h"
#include "boot/crash/dump.h"
#include "boot/crash/dump_parts.h"
#include "tests/unit/scripted.h"
#include "tests/unit/tree.h"

#define STAMP "20261121233000"
#define SIZE (3 * 1048576 + 100) /* of the memory that crashed */
#define ZERO_AT 1048576          /* 1 MiB of zeros */

/* A tree with proc/vmcore, and a dump that goes to crash/ in it. */
struct crashed {
	struct tree tree;
	struct machine m;
	struct dump d;
	char *bytes;
	void *ctx;
};

static void begin(struct crashed *c)
{
	c->ctx = talloc_new(NULL);
	c->bytes = talloc_size(c->ctx, SIZE);
	memset(c->bytes, 'x', SIZE);
	memset(c->bytes + ZERO_AT, 0, 1048576);
	tree_new(&c->tree);
	tree_bytes(&c->tree, "proc/vmcore", c->bytes, SIZE);
	tree_machine(&c->tree, &c->m);
	c->d = (struct dump){.m = &c->m, .stamp = STAMP, .arguments = "-l"};
	c->d.place.folder = talloc_asprintf(c->ctx, "%s/crash", c->tree.path);
}

static void end(struct crashed *c)
{
	machine_close(&c->m);
	tree_remove(&c->tree);
	talloc_free(c->ctx);
}

static void assert_same(struct crashed *c, const char *path)
{
	char *got = talloc_size(c->ctx, SIZE);
	int fd = openat(c->tree.fd, path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, got, SIZE), SIZE);
	assert_memory_equal(got, c->bytes, SIZE);
	close(fd);
}

/* In the place of the C library's: whether it is our own process that waits for the disk. */
static struct {
	pid_t ours;
	int calls; /* of ours */
} waiting;

static void note_call(void)
{
	waiting.calls += getpid() == waiting.ours;
}

int mkdir(const char *path, mode_t mode)
{
	note_call();
	return mkdirat(AT_FDCWD, path, mode);
}

int fsync(int fd)
{
	note_call();
	return (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
	note_call();
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlink(const char *path)
{
	note_call();
	return unlinkat(AT_FDCWD, path, 0);
}

/* makedumpfile is not here, or knows no such kernel. */
static void copies(void **state)
{
	static const char folder[] = "crash/" STAMP;
	struct crashed c;
	struct stat st;
	struct err err;

	(void)state;
	begin(&c);
	waiting.ours = getpid();
	assert_int_equal(dump_save(&c.d, c.ctx, &err), 0);
	assert_int_equal(waiting.calls, 0); /* it may hang */
	waiting.ours = 0;
	assert_true(c.d.has_dump && !c.d.has_messages);
	assert_same(&c, "crash/" STAMP "/vmcore." STAMP);
	assert_int_equal(fstatat(c.tree.fd, "crash/" STAMP "/vmcore." STAMP, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* With holes. */
	assert_true(st.st_blocks * 512 < SIZE - 900000);
	assert_int_equal(unlinkat(c.tree.fd, "crash/" STAMP "/vmcore." STAMP, 0), 0);
	assert_int_equal(unlinkat(c.tree.fd, folder, AT_REMOVEDIR), 0); /* nothing else */
	end(&c);
}

static void note_line(void *ctx, const char *line)
{
	snprintf(ctx, 256, "%s", line);
}

static struct pipeline copying(struct crashed *c, const char *out, char *said)
{
	struct pipeline p = dump_copying(&c->d, c->ctx, out, NULL);

	p.said = note_line;
	p.ctx = said;
	p.quiet_ms = 10000;
	return p;
}

/* Holes do not count. */
static void copies_within_limits(void **state)
{
	struct dump_progress progress;
	struct crashed c;
	char said[256] = "", *out;
	struct pipeline p;
	struct err err;

	(void)state;
	begin(&c);
	out = talloc_asprintf(c.ctx, "%s/out", c.tree.path);
	p = copying(&c, out, said);
	p.file_max = SIZE - 1048576 - 1;
	assert_int_equal(pipeline_run(&p, &err), -EFBIG);
	assert_int_equal(pipeline_run(&p, &err), -EIO); /* never over another's */
	assert_non_null(strstr(err.text, "copy says: File exists"));
	unlinkat(c.tree.fd, "out", 0);
	p.file_max++;
	assert_int_equal(pipeline_run(&p, &err), 0);
	assert_same(&c, "out");
	assert_int_equal(dump_progress_parse(said, &progress), 1);
	assert_int_equal(progress.permille, 1000);
	assert_string_equal(progress.what, "Copying all memory");
	tree_file(&c.tree, "proc/vmcore", "");
	unlinkat(c.tree.fd, "out", 0);
	assert_int_equal(pipeline_run(&p, &err), -EIO);
	end(&c);
}

/* What would take it over there. */
static void copies_to_another(void **state)
{
	struct crashed c;
	char said[256] = "";
	struct pipeline p;
	struct err err;
	const char *tail[] = {"sh", "-c", NULL, NULL}, *const stop[] = {"false", NULL};

	(void)state;
	begin(&c);
	tail[2] = talloc_asprintf(c.ctx, "cat >%s/out", c.tree.path);
	p = copying(&c, NULL, said);
	p.second = tail;
	assert_int_equal(pipeline_run(&p, &err), 0);
	assert_same(&c, "out");
	/* It goes away: seen at once. */
	p.second = stop;
	assert_int_equal(pipeline_run(&p, &err), -EPIPE);
	end(&c);
}

/* A part is better than nothing, but not what fills the disk. */
static void what_broke_off(void **state)
{
	static const struct {
		int rc;
		const char *text;
		int stays;
	} cases[] = {
		{-EIO, "a part", 1},
		{-ETIME, "a part", 1},
		{-ETIME, "", 1}, /* nothing is asked of a disk that hangs */
		{-EIO, "", 0},
		{-EFBIG, "a part", 0},
		{-ENOSPC, "a part", 0},
	};
	struct crashed c;
	char *path;

	(void)state;
	begin(&c);
	path = talloc_asprintf(c.ctx, "%s/part", c.tree.path);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		tree_file(&c.tree, "part", cases[i].text);
		waiting.ours = cases[i].rc == -ETIME ? getpid() : 0;
		dump_tidy(cases[i].rc, path);
		assert_int_equal(!faccessat(c.tree.fd, "part", F_OK, 0), cases[i].stays);
		unlinkat(c.tree.fd, "part", 0);
	}
	assert_int_equal(waiting.calls, 0);
	waiting.ours = getpid();
	dump_tidy(-EFBIG, path);
	assert_int_equal(waiting.calls, 1);
	end(&c);
}

static void copies_when_it_helps(void **state)
{
	const struct err why = {.text = "makedumpfile says: not supported"};

	(void)state;
	assert_true(dump_wants_copy(-EIO, &why) && dump_wants_copy(-ENOENT, &why));
	assert_false(dump_wants_copy(-EFBIG, &why) || dump_wants_copy(-ENOSPC, &why));
	assert_false(dump_wants_copy(-ETIME, &why) || dump_wants_copy(-EPIPE, &why));
	assert_false(dump_wants_copy(0, &why));
}

static void names(void **state)
{
	static const struct {
		const char *kernel, *file, *id, *name;
	} cases[] = {
		{"here.example.org\n", "other\n", "0123456789abcdef\n", "here.example.org-" STAMP},
		{"(none)\n", "file\n", "0123456789abcdef\n", "file-" STAMP},
		{"(none)\n", "\n", "0123456789abcdef\n", "01234567-" STAMP},
		{"\n", "(none)\n", "", "unknown-" STAMP},
		{"a'b;c/../$(d)\xc3\xa4\n", "", "", "a_b_c_..___d___-" STAMP},
	};
	struct crashed c;

	(void)state;
	begin(&c);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		tree_file(&c.tree, "proc/sys/kernel/hostname", cases[i].kernel);
		tree_file(&c.tree, "etc/hostname", cases[i].file);
		tree_file(&c.tree, "etc/machine-id", cases[i].id);
		assert_string_equal(dump_name(&c.d, c.ctx), cases[i].name);
	}
	end(&c);
}

/* The first two names are taken, and the network is late. */
static int over_there(struct scripted *s, const char *what)
{
	int *asked = s->of_test;

	if (!strstr(what, "mkdir"))
		return 0;
	++*asked;
	if (*asked == 2)
		return -EIO;
	return *asked < 4 ? -EEXIST : 0;
}

static void folders_over_there(void **state)
{
	struct scripted *s = scripted_new();
	void *ctx = talloc_new(NULL);
	int asked = 0;
	struct dump d = {.m = &s->machine, .stamp = STAMP, .arguments = "-l"};
	struct err err;

	(void)state;
	scripted_file(s, "proc/sys/kernel/hostname", "here\n");
	s->performed = over_there;
	s->of_test = &asked;
	d.place.host = "dumps";
	d.place.folder = "/crash";
	assert_int_equal(dump_save(&d, ctx, &err), 0);
	assert_int_equal(asked, 4);
	assert_string_equal(d.saved_to, "dumps:/crash/here-" STAMP "-2");
	assert_true(scripted_find(s, "settle") >= 0);
	talloc_free(ctx);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies),
		cmocka_unit_test(copies_within_limits),
		cmocka_unit_test(copies_to_another),
		cmocka_unit_test(what_broke_off),
		cmocka_unit_test(copies_when_it_helps),
		cmocka_unit_test(names),
		cmocka_unit_test(folders_over_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
