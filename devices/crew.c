// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "devices/cleanup.h"
#include "devices/clock.h"
#include "devices/descriptors.h"
#include "devices/errand.h"
#include "devices/log.h"
#include "devices/newcomers.h"
#include "devices/step.h"

struct order {
	size_t index;
	enum crew_job job;
	enum step step;
	char slot[PCI_SLOT_MAX]; /* of a newcomer */
};

struct worker {
	int fd; /* our end of a sequenced-packet pair: orders out, results in; -1 when dead */
	pid_t pid;
	int busy;
	size_t index; /* while busy */
	enum crew_job job;
};

struct crew {
	struct machine *m;
	const struct plan *plan;
	struct worker workers[CREW_MAX];
	struct pollfd polls[CREW_MAX];
	size_t count;            /* 0: jobs are done in this process */
	struct crew_result here; /* then this is the result that waits */
	int have_here;
};

static void carry_out(struct machine *m, const struct plan *plan, const struct order *order,
	struct crew_result *result)
{
	const size_t i = order->index;
	uint64_t start = clock_now_us();
	struct err err = {.text = ""};

	*result = (struct crew_result){.job = order->job, .index = i};
	switch (order->job) {
	case CREW_STEP:
		result->rc = step_run(m, plan->devices[i].function, order->step,
			plan->devices[i].reset_deadline_ms, &err);
		break;
	case CREW_ERRAND:
		result->rc = errand_run(m, &plan->errands[i], &err);
		break;
	case CREW_PROVE:
		stillness_prove(m, plan->devices[i].function, &result->proof);
		break;
	case CREW_HOLD:
		result->rc = step_hold(m, plan->devices[i].function, &err);
		break;
	case CREW_NEWCOMER:
		newcomer_still(m, order->slot, plan->lockdown, &result->proof);
		break;
	}
	result->duration_us = clock_now_us() - start;
	if (result->rc)
		snprintf(result->why, sizeof(result->why), "%.*s", (int)sizeof(result->why) - 1,
			err.text);
}

/* A step needs little: a configuration space or a few, some paths. */
#define STACK_BYTES (128 << 10)

/* Have the stack that steps will use, so that none of them asks for memory. */
static void touch_stack(void)
{
	volatile char stack[STACK_BYTES];

	for (size_t i = 0; i < sizeof(stack); i += 1024)
		stack[i] = 0;
}

/* Into the life after us: sysfs is kept, wherever it is moved to, and nothing else. Our lock above all: who
 * comes later finds out by itself that a device is held. */
static void outlive_us(struct machine *m, int fd)
{
	int sysfs = openat(m->root_fd, "sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const int keep[] = {fd, m->root_fd, sysfs};

	if (sysfs > 0)
		m->sysfs_fd = sysfs;
	descriptors_close_all_but(keep, sizeof(keep) / sizeof(*keep));
}

/* The whole life of a worker. It must not be swapped, killed for memory, or stopped by a signal
 * that was meant for somebody else; it ends when our end of the pair is closed. */
__attribute__((noreturn)) static void work(const struct crew *crew, int fd)
{
	const struct plan *plan = crew->plan;
	struct machine m = *crew->m;
	const struct crew_result hello = {.rc = 0};
	struct crew_result result;
	struct order order;
	sigset_t all;

	prctl(PR_SET_NAME, "stillboot-step");
	if (plan->purpose == PLAN_FOR_BOOT)
		outlive_us(&m, fd);
	else
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Keys pressed at the terminal are not for it, and nothing else stops it in a step. */
	setpgid(0, 0);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	/* Without the privilege it still works, only less surely. What is shared with the others stays
	 * shared: without ONFAULT each of hundreds of workers would get a copy of everything (mm/gup.c,
	 * populate_vma_page_range). */
	mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
	touch_stack();
	if (write(fd, &hello, sizeof(hello)) != sizeof(hello))
		_exit(1);
	while (read(fd, &order, sizeof(order)) == sizeof(order)) {
		carry_out(&m, plan, &order, &result);
		if (write(fd, &result, sizeof(result)) != sizeof(result))
			break;
	}
	_exit(0);
}

static int hire(struct crew *crew, struct err *err)
{
	struct worker *w = &crew->workers[crew->count];
	int pair[2], rc;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, -errno, "start a worker");
	pid = fork();
	rc = pid < 0 ? -errno : 0;
	if (pid == 0) {
		for (size_t i = 0; i < crew->count; i++)
			close(crew->workers[i].fd);
		close(pair[0]);
		work(crew, pair[1]);
	}
	close(pair[1]);
	if (rc < 0) {
		close(pair[0]);
		return err_errno(err, rc, "start a worker");
	}
	w->fd = pair[0];
	w->pid = pid;
	crew->count++;
	return 0;
}

static void lose(struct worker *w)
{
	w->busy = 0;
	close(w->fd);
	w->fd = -1;
}

/* They get ready side by side. Those that died before are lost; how many are there. */
static size_t wait_until_ready(struct crew *crew)
{
	struct crew_result hello;
	size_t ready = 0;

	for (size_t i = 0; i < crew->count; i++) {
		struct worker *w = &crew->workers[i];

		if (read(w->fd, &hello, sizeof(hello)) == sizeof(hello))
			ready++;
		else
			lose(w);
	}
	return ready;
}

/* Where a boot has little memory, few workers do it one after the other. A jump is put off instead: nothing is
 * lost by that, and each step that hangs takes one. */
static int hire_all(struct crew *crew, size_t wanted, struct err *err)
{
	const size_t least = crew->plan->purpose == PLAN_FOR_BOOT ? 1 : wanted;
	size_t ready;
	int rc = 0;

	while (rc == 0 && crew->count < wanted)
		rc = hire(crew, err);
	if (rc < 0 && crew->count < least)
		return rc;
	ready = wait_until_ready(crew);
	if (ready < least)
		return err_set(err, -ECHILD, "a worker died before it began");
	if (ready < wanted)
		log_debug("%zu workers of %zu: %s", ready, wanted,
			rc < 0 ? strerror(-rc) : "the others died before they began");
	return 0;
}

static int dismiss(struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->workers[i].fd >= 0)
			close(crew->workers[i].fd);
	return 0;
}

size_t crew_wanted(const struct plan *plan)
{
	size_t n = plan->errand_count;

	for (size_t i = 0; i < plan->count; i++)
		n += plan->devices[i].step_count > 0;
	if (plan->purpose == PLAN_FOR_BOOT && n > CREW_BOOT_MAX)
		n = CREW_BOOT_MAX;
	return n + 1;
}

int crew_start(struct machine *m, const struct plan *plan, size_t wanted, void *ctx,
	struct crew **crew, struct err *err)
{
	struct crew *c = talloc_zero(ctx, struct crew);
	int rc = 0;

	if (!c)
		return err_errno(err, -ENOMEM, "start the workers");
	c->m = m;
	c->plan = plan;
	talloc_set_destructor(c, dismiss);
	if (!m->effects->parallel)
		wanted = 0;
	/* Ours outlives the workers, and loads an image when memory is short. */
	else if (plan->purpose == PLAN_FOR_JUMP)
		machine_linux_effects.write_attr(m, "proc/self/oom_score_adj", "-1000", NULL);
	if (wanted)
		rc = hire_all(c, wanted < CREW_MAX ? wanted : CREW_MAX, err);
	if (rc < 0) {
		talloc_free(c);
		return rc;
	}
	*crew = c;
	return 0;
}

static struct worker *find_free(const struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (!crew->workers[i].busy && crew->workers[i].fd >= 0)
			return (struct worker *)&crew->workers[i];
	return NULL;
}

int crew_has_room(const struct crew *crew)
{
	return crew->count ? find_free(crew) != NULL : !crew->have_here;
}

static void give(struct crew *crew, const struct order *order)
{
	struct worker *w = find_free(crew);

	if (!crew->count) {
		carry_out(crew->m, crew->plan, order, &crew->here);
		crew->have_here = 1;
		return;
	}
	w->busy = 1;
	w->index = order->index;
	w->job = order->job;
	/* If it died, reading from it says so. */
	if (send(w->fd, order, sizeof(*order), MSG_NOSIGNAL) < 0)
		return;
}

void crew_submit(struct crew *crew, size_t index, enum crew_job job, enum step step)
{
	const struct order order = {.index = index, .job = job, .step = step};

	give(crew, &order);
}

void crew_submit_slot(struct crew *crew, size_t index, const char *slot)
{
	struct order order = {.index = index, .job = CREW_NEWCOMER};

	snprintf(order.slot, sizeof(order.slot), "%s", slot);
	give(crew, &order);
}

void crew_kill(struct crew *crew, size_t index, enum crew_job job)
{
	for (size_t i = 0; i < crew->count; i++) {
		struct worker *w = &crew->workers[i];

		if (!w->busy || w->index != index || w->job != job)
			continue;
		kill(-w->pid, SIGKILL); /* it leads a group of its own: see work() */
		lose(w);
	}
}

static int receive(struct worker *w, struct crew_result *result)
{
	ssize_t n = recv(w->fd, result, sizeof(*result), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	w->busy = 0;
	if (n == sizeof(*result))
		return 1;
	*result = (struct crew_result){.job = w->job, .index = w->index, .rc = -ECHILD};
	snprintf(result->why, sizeof(result->why), "the worker died");
	lose(w);
	return 1;
}

int crew_wait(struct crew *crew, int timeout_ms, struct crew_result *result)
{
	size_t n = 0;

	if (crew->have_here) {
		*result = crew->here;
		crew->have_here = 0;
		return 1;
	}
	for (size_t i = 0; i < crew->count; i++)
		if (crew->workers[i].busy)
			crew->polls[n++] = (struct pollfd){crew->workers[i].fd, POLLIN, 0};
	if (!n || poll(crew->polls, n, timeout_ms) <= 0)
		return 0;
	for (size_t i = 0, p = 0; i < crew->count; i++)
		if (crew->workers[i].busy && crew->polls[p++].revents)
			return receive(&crew->workers[i], result);
	return 0;
}
