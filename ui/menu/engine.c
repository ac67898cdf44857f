// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/engine_parts.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <talloc.h>

#include "boot/stack/record.h"
#include "devices/cleanup.h"
#include "devices/log.h"
#include "ui/lock.h"
#include "ui/signals.h"

#define LEAVES_MAX 4096 /* more functions are not left by hand */

void engine_say(struct engine *e, const char *what, json_t *object)
{
	json_t *message = object ? object : json_object();
	struct err err;

	json_object_set_new(message, "say", json_string(what));
	if (!e->is_gone && messages_say(e->messages, message, &err) < 0) {
		log_debug("%s", err.text);
		e->is_gone = e->ends = 1;
	}
	json_decref(message);
}

const char *engine_text(const json_t *request, const char *name)
{
	return json_string_value(json_object_get(request, name));
}

const char **engine_texts(struct engine *e, const json_t *request, const char *name)
{
	const json_t *array = json_object_get(request, name);
	size_t count = json_array_size(array), n = 0;
	const char **texts = talloc_zero_array(
		e->s->memory, const char *, (count < LEAVES_MAX ? count : LEAVES_MAX) + 1);

	for (size_t i = 0; texts && i < count && i < LEAVES_MAX; i++) {
		const char *text = json_string_value(json_array_get(array, i));

		if (text)
			texts[n++] = talloc_strdup(texts, text);
	}
	return texts;
}

static int look(struct engine *e, const json_t *request, struct err *text)
{
	(void)request;
	return e->looks ? 0 : engine_look(e, text);
}

static int bye(struct engine *e, const json_t *request, struct err *text)
{
	(void)request;
	(void)text;
	e->ends = 1;
	return 0;
}

static const struct {
	const char *ask;
	engine_answer *answer;
} answers[] = {
	{"look", look},
	{"plan", engine_plan},
	{"devices", engine_devices},
	{"facts", engine_facts},
	{"report", engine_report},
	{"unlock", engine_unlock},
	{"default", engine_default},
	{"settings", engine_tell_settings},
	{"set", engine_set_settings},
	{"keep", engine_keep_entry},
	{"drop", engine_drop_entry},
	{"boot", engine_boot},
	{"power", engine_power},
	{"bye", bye},
};

static int answer(struct engine *e, const char *ask, const json_t *request, struct err *text)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		if (!strcmp(answers[i].ask, ask))
			return answers[i].answer(e, request, text);
	return err_set(text, -EINVAL, "nobody knows what '%.32s' asks for", ask);
}

/* What a request needs is forgotten behind it; so the machine may be asked for hours. */
static void obey(struct engine *e, const json_t *request)
{
	const char *ask = engine_text(request, "ask");
	void *lasting = e->s->memory;
	struct err text = {.text = "out of memory"};
	int rc;

	if (!ask || !strcmp(ask, "heard")) /* of a step that is over */
		return;
	e->s->memory = talloc_new(lasting);
	rc = e->s->memory ? answer(e, ask, request, &text) : -ENOMEM;
	e->s->machine.held = NULL;
	talloc_free(e->s->memory);
	e->s->memory = lasting;
	lock_release(e->s);
	engine_say(e, rc < 0 ? "failed" : "done",
		json_pack("{ss so}", "ask", ask, "text", json_text(rc < 0 ? text.text : NULL)));
	malloc_trim(0);
}

/* All requests that are there. */
static int take_requests(struct engine *e, struct err *err)
{
	json_t *request;
	int rc = 0;

	while (!e->ends && (rc = messages_read(e->messages, &request, err)) > 0) {
		obey(e, request);
		json_decref(request);
	}
	return rc < 0 ? rc : 0;
}

enum { FD_SOCKET = ENTRIES_FOLLOW_FDS, FD_SIGNAL, FD_COUNT };

static int wait_for_more(struct engine *e, int signals, struct err *err)
{
	struct pollfd fds[FD_COUNT] = {
		[FD_SOCKET] = {.fd = e->socket, .events = POLLIN},
		[FD_SIGNAL] = {.fd = signals, .events = POLLIN},
	};
	int n;

	entries_follow_poll(&e->follow, fds);
	n = poll(fds, FD_COUNT, e->looks ? entries_follow_timeout(&e->follow) : -1);
	if (n < 0 && errno != EINTR)
		return err_errno(err, -errno, "wait for disks");
	e->ends |= n > 0 && fds[FD_SIGNAL].revents;
	return n > 0 ? entries_follow_step(&e->follow, fds, err) : 0;
}

static int serve(struct engine *e, int signals, struct err *err)
{
	int rc = 0;

	while (rc >= 0 && !e->ends) {
		rc = e->looks ? entries_follow_read(&e->follow, err) : 0;
		if (rc > 0)
			engine_tell_entries(e);
		if (rc >= 0)
			rc = wait_for_more(e, signals, err);
		if (rc >= 0)
			rc = take_requests(e, err);
	}
	return rc == -EPIPE ? 0 : rc; /* who asked is gone */
}

/* What we opened is closed, but for what is in use by now. */
static void lock_again(struct engine *e)
{
	struct err err;

	for (size_t i = e->unlocked_count; i--;)
		if (stack_record_close(&e->s->machine, e->unlocked[i], &err) < 0)
			log_warn("%s", err.text);
}

enum exit_code engine_run(struct session *s, int socket)
{
	struct engine e = {.s = s, .memory = s->memory, .socket = socket};
	_cleanup_fd_ int signals = -1;
	struct err err, end_err;
	int rc;

	prctl(PR_SET_DUMPABLE, 0); /* no core shows a passphrase */
	messages_wipe_json();
	e.messages = messages_new(s->memory, socket);
	rc = e.messages ? 0 : err_errno(&err, -ENOMEM, "begin");
	if (rc == 0)
		signals = rc = signals_open(signals_to_end, &err);
	if (rc >= 0)
		rc = serve(&e, signals, &err);
	if (engine_look_away(&e, &end_err) < 0)
		log_warn("%s", end_err.text);
	lock_again(&e);
	return rc < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
}
