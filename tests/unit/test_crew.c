// SPDX-License-Identifier: GPL-2.0-or-later
/* Workers where there is too little memory for them, and those that are left behind. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
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

#define SLOT0 "0000:00:00.0"
#define METHOD "sys/bus/pci/devices/" SLOT0 "/reset_method"
#define RESET "sys/bus/pci/devices/" SLOT0 "/reset"

/* A reset as slow as the test wants it. */
struct gate {
	int reached, open;
};

static int (*scripted_write)(
	struct machine *m, const char *path, const char *value, struct err *err);

static int write_slowly(struct machine *m, const char *path, const char *value, struct err *err)
{
	struct gate *gate = ((struct scripted *)m->state)->of_test;
	int rc;

	if (!strcmp(path, RESET)) {
		__atomic_store_n(&gate->reached, 1, __ATOMIC_SEQ_CST);
		while (!__atomic_load_n(&gate->open, __ATOMIC_SEQ_CST))
			usleep(1000);
	}
	rc = scripted_write(m, path, value, err);
	/* What stands there is seen in a real file. */
	return rc == 0 && !strcmp(path, METHOD)
		       ? machine_linux_effects.write_attr(m, path, value, err)
		       : rc;
}

static struct gate *gate_new(struct bench *b)
{
	struct gate *gate = mmap(
		NULL, sizeof(*gate), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(gate, MAP_FAILED);
	scripted_write = b->s->effects.write_attr;
	b->s->effects.write_attr = write_slowly;
	b->s->of_test = gate;
	scripted_file(b->s, METHOD, "");
	scripted_file(b->s, "run/lock", "");
	return gate;
}

/* Who starts it has the lock, and ends while the step is under way. */
static void begin_and_go(struct bench *b, const struct gate *gate)
{
	pid_t pid;
	int status;

	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	pid = fork();
	if (pid == 0) {
		int fd = openat(b->s->machine.root_fd, "run/lock", O_RDWR | O_CLOEXEC);

		if (flock(fd, LOCK_EX) < 0 || start(b, NULL) < 0)
			_exit(1);
		crew_submit(b->crew, 0, CREW_STEP, STEP_FLR);
		while (!__atomic_load_n(&gate->reached, __ATOMIC_SEQ_CST))
			usleep(1000);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void wait_for_all_workers(void)
{
	alarm(30);
	while (wait(NULL) > 0)
		continue;
	alarm(0);
}

/* A boot goes on without its last worker. What that has changed for the time of its step it changes back, also
 * when sysfs has gone to another root; and then it ends. */
static void a_step_outlives_the_start_of_a_boot(void **state)
{
	struct bench *b = bench_new(PLAN_FOR_BOOT);
	struct machine *m = &b->s->machine;
	struct gate *gate = gate_new(b);
	char *method;
	int lock;

	(void)state;
	begin_and_go(b, gate);
	assert_int_equal(renameat(m->root_fd, "sys", m->root_fd, "moved"), 0);
	lock = openat(m->root_fd, "run/lock", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	__atomic_store_n(&gate->open, 1, __ATOMIC_SEQ_CST);
	wait_for_all_workers();
	assert_int_equal(b->s->functions[0].resets, 1);
	assert_int_equal(machine_read_file(m, b, "moved/bus/pci/devices/" SLOT0 "/reset_method", 64,
				 &method, NULL),
		0);
	assert_string_equal(method, "default");
	close(lock);
	munmap(gate, sizeof(*gate));
	bench_free(b);
}

/* Nobody would be told of its end. */
static void a_step_ends_with_a_jump(void **state)
{
	struct bench *b = bench_new(PLAN_FOR_JUMP);
	struct gate *gate = gate_new(b);

	(void)state;
	begin_and_go(b, gate);
	wait_for_all_workers();
	assert_int_equal(b->s->functions[0].resets, 0);
	munmap(gate, sizeof(*gate));
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_boot_makes_do_with_fewer),
		cmocka_unit_test(those_that_die_are_not_missed),
		cmocka_unit_test(one_there_has_to_be),
		cmocka_unit_test(a_jump_needs_them_all),
		cmocka_unit_test(a_step_outlives_the_start_of_a_boot),
		cmocka_unit_test(a_step_ends_with_a_jump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
