// SPDX-License-Identifier: GPL-2.0-or-later
/* A jump as messages. */
#include "ui/menu/engine_parts.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>

#include "devices/clock.h"
#include "ui/departure.h"
#include "ui/menu/json_line.h"
#include "ui/progress.h"

/* All waiting for screens together; what takes longer goes on without. */
#define HEARD_TOTAL_MS 5000

/* The other half is there, but does not read what was begun. */
#define END_MS 10000

struct engine_progress {
	struct departure_watch watch;
	struct engine *e;
	struct progress progress; /* the same on the console and in the kernel's log */
	struct stilling_watch lines;
	const struct still_plan *plan;
	struct json_line line; /* the last, of which perhaps only a part is sent */
	size_t sent;
	int deaf;     /* nobody answers any more */
	long wait_ms; /* left of what may be waited */
	size_t said, heard;
	size_t matched; /* of the next answer */
	int within;     /* a request that has come in part */
};

/* What the socket does not take is lost, but for the end of a line that it has taken in part. */
static void send_rest(struct engine_progress *p)
{
	ssize_t n = 1;

	while (p->sent < p->line.len && n > 0) {
		n = send(p->e->socket, p->line.bytes + p->sent, p->line.len - p->sent,
			MSG_DONTWAIT | MSG_NOSIGNAL);
		p->sent += n > 0 ? (size_t)n : 0;
	}
}

/* Is there room for a new line? It begins then. */
static int begin_line(struct engine_progress *p, const char *say)
{
	if (p->sent && p->sent < p->line.len)
		send_rest(p);
	if (p->sent && p->sent < p->line.len)
		return 0;
	p->sent = p->line.len = 0;
	json_line_text(&p->line, "say", say);
	return 1;
}

/* 1 if at least its beginning is on its way. */
static int end_line(struct engine_progress *p)
{
	json_line_end(&p->line);
	send_rest(p);
	if (!p->sent)
		p->line.len = 0;
	return p->sent > 0;
}

/* Answers are counted by their word; nothing else that comes now matters. */
static void count_answers(struct engine_progress *p, const char *bytes, size_t len)
{
	static const char word[] = "\"heard\"";

	for (size_t i = 0; i < len; i++) {
		p->within = bytes[i] != '\n';
		if (bytes[i] == word[p->matched])
			p->matched++;
		else
			p->matched = bytes[i] == '"';
		if (word[p->matched])
			continue;
		p->heard++;
		p->matched = 0;
	}
}

static void wait_until_heard(struct engine_progress *p)
{
	const long limit = p->wait_ms < ENGINE_HEARD_MS ? p->wait_ms : ENGINE_HEARD_MS;
	const unsigned long long begin = clock_now_us();
	char bytes[256];
	long ms = 0;

	while (!p->deaf && p->heard < p->said) {
		struct pollfd fd = {.fd = p->e->socket, .events = POLLIN};
		ssize_t n = ms < limit && poll(&fd, 1, (int)(limit - ms)) > 0
				    ? recv(fd.fd, bytes, sizeof(bytes), MSG_DONTWAIT)
				    : -1;

		if (n > 0)
			count_answers(p, bytes, (size_t)n);
		ms = (long)((clock_now_us() - begin) / 1000);
		p->deaf = n <= 0 && (n == 0 || ms >= limit || errno != EINTR);
	}
	p->wait_ms -= ms;
}

/* How long the step may take; 0 where nobody says. */
static unsigned int deadline_of(const struct still_plan *p, const struct journal_entry *e)
{
	const struct pci_function *f = pci_find(p->snapshot, e->slot);

	for (size_t i = 0; i < p->plan->errand_count; i++) {
		const struct plan_errand *errand = &p->plan->errands[i];
		const char *subject = errand->subject ? errand->subject : JOURNAL_MACHINE;

		if (errand->step == e->step && !strncmp(subject, e->slot, JOURNAL_SLOT_MAX - 1))
			return errand->deadline_ms;
	}
	if (!f)
		return 0;
	return e->step == STEP_UNBIND
		       ? p->plan->devices[f - p->snapshot->functions].unbind_deadline_ms
		       : p->plan->devices[f - p->snapshot->functions].reset_deadline_ms;
}

static void say_step(struct engine_progress *p, const struct journal_entry *e, const char *state)
{
	if (!begin_line(p, "step"))
		return;
	json_line_text(&p->line, "slot", e->slot);
	json_line_text(&p->line, "step", step_name(e->step));
	json_line_text(&p->line, "state", state);
	json_line_number(&p->line, "start_us", e->start_us);
	json_line_number(&p->line, "duration_us", e->duration_us);
	json_line_number(&p->line, "deadline_ms", deadline_of(p->plan, e));
	json_line_text(&p->line, "detail", e->detail);
	p->said += (size_t)end_line(p);
}

static void begun(void *ctx, const struct journal_entry *e)
{
	struct engine_progress *p = ctx;

	p->lines.steps.begun(p->lines.steps.ctx, e);
	say_step(p, e, "begun");
	wait_until_heard(p);
}

static void ended(void *ctx, const struct journal_entry *e)
{
	struct engine_progress *p = ctx;

	p->lines.steps.ended(p->lines.steps.ctx, e);
	say_step(p, e, journal_result_name(e->result));
}

static void begin(void *ctx)
{
	struct engine_progress *p = ctx;

	p->lines.begin(p->lines.ctx);
}

static void end(void *ctx, const struct journal *j, size_t hung)
{
	struct engine_progress *p = ctx;

	for (size_t i = 0; i < j->verdict_count; i++) {
		if (!begin_line(p, "verdict"))
			break;
		json_line_text(&p->line, "slot", j->verdicts[i].slot);
		json_line_text(&p->line, "verdict", journal_verdict_name(j->verdicts[i].verdict));
		json_line_text(&p->line, "why", j->verdicts[i].why);
		end_line(p);
	}
	p->lines.end(p->lines.ctx, j, hung);
}

static void phase(void *ctx, enum departure_phase phase)
{
	static const char *const names[DEPARTURE_PHASES] = {
		"pin", "load", "check", "hold", "quiesce", "reload", "jump"};
	struct engine_progress *p = ctx;

	if (!begin_line(p, "phase"))
		return;
	json_line_text(&p->line, "phase", names[phase]);
	end_line(p);
}

static void ready(void *ctx, const struct target *target, const struct still_plan *plan)
{
	struct engine_progress *p = ctx;

	(void)target;
	p->plan = plan;
}

/* Wait for the socket, as long as somebody is there. */
static int may(const struct engine_progress *p, short what)
{
	struct pollfd fd = {.fd = p->e->socket, .events = what};

	return poll(&fd, 1, END_MS) > 0 && !(fd.revents & (POLLERR | POLLHUP));
}

void engine_progress_end(struct departure_watch *watch)
{
	struct engine_progress *p = watch->ctx;
	char byte;

	while (p->sent && p->sent < p->line.len && may(p, POLLOUT))
		send_rest(p);
	while (p->within && may(p, POLLIN) && recv(p->e->socket, &byte, 1, MSG_DONTWAIT) == 1)
		p->within = byte != '\n';
}

struct departure_watch *engine_progress_new(struct engine *e, void *ctx)
{
	struct engine_progress *p = talloc_zero(ctx, struct engine_progress);

	if (!p)
		return NULL;
	p->e = e;
	p->wait_ms = HEARD_TOTAL_MS;
	p->progress = (struct progress){&e->s->machine, 0};
	p->lines = progress_watch(&p->progress);
	p->watch = (struct departure_watch){
		.phase = phase,
		.ready = ready,
		.ctx = p,
		.stilling = {.begin = begin,
			.steps = {.begun = begun, .ended = ended, .ctx = p},
			.end = end,
			.ctx = p},
	};
	return &p->watch;
}
