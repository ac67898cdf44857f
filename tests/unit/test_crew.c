// SPDX-License-Identifier: GPL-2.0-or-later
/* Workers where there is too little memory for them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/crew.h"
#include "tests/unit/scripted.h"

#define WANTED 6

/* The how manieth fork from here on fails, or gives a child that is killed at once. */
static struct {
	int count, fails_from, dies_from, dies_to;
} forks;

pid_t fork(void)
{
	int n = ++forks.count;
	pid_t pid;

	if (forks.fails_from && n >= forks.fails_from) {
		errno = ENOMEM;
		return -1;
	}
	pid = _Fork();
	if (pid == 0 && n >= forks.dies_from && n <= forks.dies_to)
		_exit(1);
	return pid;
}

struct bench {
	struct scripted *s;
	struct plan plan;
	struct plan_device devices[WANTED];
	struct crew *crew;
};

static struct bench *bench_new(enum plan_purpose purpose)
{
	struct bench *b = talloc_zero(NULL, struct bench);
	struct pci_snapshot *s = snapshot_new(b);

	b->s = scripted_new();
	b->s->effects.parallel = 1;
	for (int i = 0; i < WANTED; i++) {
		char slot[PCI_SLOT_MAX] = "0000:00:0x.0";

		slot[9] = (char)('0' + i);
		snapshot_add(s, slot, 0x020000, NULL)->resets = PCI_RESET_FLR;
	}
	for (int i = 0; i < WANTED; i++) {
		scripted_add(b->s, &s->functions[i], 0);
		b->devices[i].function = &s->functions[i];
	}
	b->plan = (struct plan){.purpose = purpose, .devices = b->devices, .count = WANTED};
	memset(&forks, 0, sizeof(forks));
	return b;
}

static void bench_free(struct bench *b)
{
	scripted_free(b->s);
	talloc_free(b);
}

static int start(struct bench *b, struct err *err)
{
	return crew_start(&b->s->machine, &b->plan, WANTED, b, &b->crew, err);
}

/* How many do something at the same time; then all have done it. */
static int work(struct bench *b)
{
	struct crew_result result;
	size_t next = 0;

	for (; next < WANTED && crew_has_room(b->crew); next++)
		crew_submit(b->crew, next, CREW_STEP, STEP_FLR);
	for (size_t i = next; i--;) {
		assert_int_equal(crew_wait(b->crew, 10000, &result), 1);
		assert_int_equal(result.rc, 0);
		assert_int_equal(b->s->functions[result.index].resets, 1);
	}
	return (int)next;
}

static int next_descriptor(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

static void a_boot_makes_do_with_fewer(void **state)
{
	(void)state;
	for (int hired = 1; hired < WANTED; hired++) {
		struct bench *b = bench_new(PLAN_FOR_BOOT);
		int fd = next_descriptor();

		forks.fails_from = hired + 1;
		assert_int_equal(start(b, NULL), 0);
		assert_int_equal(next_descriptor(), fd + hired);
		assert_int_equal(work(b), hired);
		bench_free(b);
	}
}

static void those_that_die_are_not_missed(void **state)
{
	for (int from = 1; from <= 3; from++) {
		struct bench *b = bench_new(PLAN_FOR_BOOT);

		(void)state;
		forks.dies_from = from;
		forks.dies_to = from + 2;
		assert_int_equal(start(b, NULL), 0);
		assert_int_equal(work(b), WANTED - 3);
		bench_free(b);
	}
}

/* Nobody but this process would do it, and a step that hangs would keep it from ever ending. */
static void one_there_has_to_be(void **state)
{
	struct err err;

	(void)state;
	for (int dies = 0; dies < 2; dies++) {
		struct bench *b = bench_new(PLAN_FOR_BOOT);
		int fd = next_descriptor();

		forks.fails_from = dies ? 0 : 1;
		forks.dies_from = 1;
		forks.dies_to = WANTED;
		assert_int_equal(start(b, &err), dies ? -ECHILD : -ENOMEM);
		assert_int_equal(next_descriptor(), fd);
		bench_free(b);
	}
}

static void a_jump_needs_them_all(void **state)
{
	struct err err;

	(void)state;
	for (int dies = 0; dies < 2; dies++) {
		struct bench *b = bench_new(PLAN_FOR_JUMP);
		int fd = next_descriptor();

		forks.fails_from = dies ? 0 : WANTED;
		forks.dies_from = forks.dies_to = WANTED;
		assert_int_equal(start(b, &err), dies ? -ECHILD : -ENOMEM);
		assert_int_equal(next_descriptor(), fd);
		bench_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_boot_makes_do_with_fewer),
		cmocka_unit_test(those_that_die_are_not_missed),
		cmocka_unit_test(one_there_has_to_be),
		cmocka_unit_test(a_jump_needs_them_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
