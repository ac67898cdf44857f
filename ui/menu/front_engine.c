// SPDX-License-Identifier: GPL-2.0-or-later
/* The front and its processes. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/jump.h"
#include "devices/clock.h"
#include "ui/menu/front.h"
#include "ui/menu/shell.h"
#include "ui/translate.h"

/* What floods us leaves time for keys. */
#define LINES_AT_ONCE 256
#define MESSAGES_MS 50

static void say_log(struct front *f, const char *level, const char *text)
{
	json_t *message = json_pack("{ss ss ss}", "say", "log", "level", level, "text", text);

	menu_hear(f->menu, message);
	json_decref(message);
}

/* In the new process: what keeps terminals open, and what would tell us of the end of ours. */
static void close_front(void *front)
{
	struct front *f = front;

	for (int i = 0; i < f->seat_count; i++)
		if (f->seats[i].in > STDERR_FILENO || f->seats[i].term)
			close(f->seats[i].term ? term_fd(f->seats[i].term) : f->seats[i].in);
	close(f->signals);
	close(f->lines.fd);
	close(f->output);
	close(f->errors);
}

int front_engine_begin(struct front *f, struct err *err)
{
	f->engine_begins++;
	return child_begin(&f->engine, f->s, f->run_engine, close_front, f, err);
}

static void read_lines(struct front *f, struct child_lines *lines)
{
	json_t *line;

	for (int i = 0; i < LINES_AT_ONCE && (line = child_next_line(lines)); i++) {
		menu_hear(f->menu, line);
		json_decref(line);
	}
}

/* The one that was set counts before that of the environment. */
static void take_language(struct front *f, const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const char *name = json_string_value(json_object_get(row, "name"));
		const char *value = json_string_value(json_object_get(row, "value"));

		if (name && !strcmp(name, "language") && (value || f->has_language)) {
			translate_to(value);
			f->has_language = value != NULL;
			menu_touch(f->menu);
		}
	}
}

static void hear(struct front *f, const json_t *message)
{
	const char *say = json_string_value(json_object_get(message, "say"));

	if (say && !strcmp(say, "step"))
		f->steps_unheard++;
	menu_hear(f->menu, message);
	if (say && !strcmp(say, "settings"))
		take_language(f, json_object_get(message, "rows"));
}

/* Until this moment; what is left is there the next time. */
static void read_messages(struct front *f, uint64_t end_us)
{
	json_t *message;
	struct err err;
	int rc;

	read_lines(f, &f->lines);
	if (!f->engine.pid)
		return;
	while ((rc = messages_read(f->engine.messages, &message, &err)) > 0) {
		hear(f, message);
		json_decref(message);
		if (clock_now_us() >= end_us)
			break;
	}
	f->has_more = rc > 0;
	read_lines(f, &f->engine.lines);
	if (rc < 0 && rc != -EPIPE) { /* after that it is not listened to any more */
		say_log(f, "error", err.text);
		child_kill(&f->engine);
	}
}

void front_engine_read(struct front *f)
{
	read_messages(f, clock_now_us() + MESSAGES_MS * 1000);
}

static int are_all_shown(const struct front *f)
{
	for (int i = 0; i < f->seat_count; i++)
		if (!front_seat_is_shown(f, i))
			return 0;
	return 1;
}

/* Each step that was told, once it is seen (engine.h). */
static void answer_steps(struct front *f)
{
	json_t *heard;

	if (!f->steps_unheard || !are_all_shown(f))
		return;
	heard = json_pack("{ss}", "ask", "heard");
	for (; f->steps_unheard; f->steps_unheard--)
		messages_send(f->engine.messages, heard, NULL);
	json_decref(heard);
}

void front_engine_ask(struct front *f)
{
	json_t *request;
	struct err err;

	if (!f->engine.pid)
		return;
	while ((request = menu_ask(f->menu))) {
		const int rc = messages_send(f->engine.messages, request, &err);

		json_decref(request);
		if (rc < 0 && rc != -EPIPE)
			say_log(f, "error", err.text);
		if (rc == -ENOBUFS)
			child_kill(&f->engine);
	}
	answer_steps(f);
	if (messages_pending(f->engine.messages))
		messages_flush(f->engine.messages, NULL);
}

static void reap_engine(struct front *f)
{
	struct err err;
	siginfo_t info = {.si_pid = 0};
	int again;

	if (!f->engine.pid ||
		waitid(P_PID, (id_t)f->engine.pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
		!info.si_pid)
		return;
	read_messages(f, UINT64_MAX); /* its last words */
	f->has_more = 0;
	if (!child_reap(&f->engine))
		return;
	f->steps_unheard = 0;
	again = f->state != FRONT_JUMPS && f->engine_begins < FRONT_ENGINE_BEGINS_MAX;
	menu_lost_engine(f->menu, f->engine.why, again ? MENU_BEGUN_AGAIN : MENU_LOST_FOR_GOOD);
	if (again && front_engine_begin(f, &err) < 0)
		say_log(f, "error", err.text);
	/* Drivers are unbound, or hang: nobody else is there to get out of this. */
	if (f->state == FRONT_JUMPS && jump_out(&f->s->machine, JUMP_HANG_RESTART, &err) < 0)
		say_log(f, "error", err.text);
}

static void reap_shells(struct front *f)
{
	for (int i = 0; i < f->seat_count; i++) {
		struct seat *seat = &f->seats[i];

		if (!seat->shell || waitpid(seat->shell, NULL, WNOHANG) != seat->shell)
			continue;
		seat->shell = 0;
		shell_ended(term_fd(seat->term));
		front_seat_resume(f, i);
	}
}

void front_reap(struct front *f)
{
	reap_engine(f);
	reap_shells(f);
}
