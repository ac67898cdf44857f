// SPDX-License-Identifier: GPL-2.0-or-later
/* The timer: `systemd-run --on-active=` or `--on-calendar=`. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "ui/wall.h"
#include "ui/when.h"

#define WORDS_MAX 64
#define TIMER WHEN_UNIT ".timer"

/* A command line in the making, in the session's memory. */
struct words {
	void *ctx;
	const char *words[WORDS_MAX + 1];
	size_t count;
	int failed; /* memory ran out, or there are too many */
};

__attribute__((format(printf, 2, 3))) static void add(struct words *w, const char *fmt, ...)
{
	va_list ap;

	if (w->count == WORDS_MAX) {
		w->failed = 1;
		return;
	}
	va_start(ap, fmt);
	w->words[w->count] = talloc_vasprintf(w->ctx, fmt, ap);
	va_end(ap);
	w->failed |= !w->words[w->count];
	w->count++;
}

/* What stands in a unit's command line is expanded like a shell's variables (systemd.service(5)). */
static const char *escape(struct words *w, const char *text)
{
	char *escaped = talloc_strdup(w->ctx, "");

	while (escaped && *text) {
		size_t len = strcspn(text, "$");

		escaped = talloc_asprintf_append(
			escaped, "%.*s%s", (int)len, text, text[len] ? "$$" : "");
		text += len + !!text[len];
	}
	w->failed |= !escaped;
	return escaped ? escaped : "";
}

/* It will be run in another directory. */
static const char *absolute(struct words *w, const char *path)
{
	char real[PATH_MAX];

	return escape(w, realpath(path, real) ? real : path);
}

static void add_options(struct words *w, const struct options *o)
{
	static const option_set switches[] = {
		OPT_REUSE_CMDLINE, OPT_ALL_DISKS, OPT_FORCE, OPT_NOW, OPT_NO_WALL};
	const struct {
		option_set option;
		const char *value;
		int is_path;
	} values[] = {
		{OPT_POLICY, o->policy, 1},
		{OPT_KERNEL, o->kernel, 1},
		{OPT_CMDLINE, o->cmdline, 0},
		{OPT_APPEND, o->append, 0},
		{OPT_MESSAGE, o->message, 0},
	};

	for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++)
		if (o->given & switches[i])
			add(w, "--%s", option_name(switches[i]));
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		if (values[i].value)
			add(w, "--%s=%s", option_name(values[i].option),
				values[i].is_path ? absolute(w, values[i].value)
						  : escape(w, values[i].value));
	for (size_t i = 0; i < o->initrd_count; i++)
		add(w, "--%s=%s", option_name(OPT_INITRD), absolute(w, o->initrds[i]));
	add(w, "--");
	if (o->argument_count)
		add(w, "%s", escape(w, o->arguments[0]));
}

/* Who is called by a timer is called by its whole path. */
static void add_program(struct words *w, struct machine *m)
{
	char path[PATH_MAX];
	ssize_t len = readlinkat(m->root_fd, "proc/self/exe", path, sizeof(path) - 1);

	path[len < 0 ? 0 : len] = '\0';
	add(w, "%s", len < 0 ? "stillboot" : escape(w, path));
	add(w, "reboot");
}

static int stop_timer(struct machine *m, struct err *err)
{
	static const char *const stop[] = {"systemctl", "stop", TIMER, NULL};

	return m->effects->run(m, stop, err);
}

static int is_planned(struct machine *m)
{
	return faccessat(m->root_fd, "run/systemd/transient/" TIMER, F_OK, 0) == 0;
}

static void tell(struct session *s, const char *when)
{
	_cleanup_talloc_ char *text = talloc_asprintf(NULL, "%s%sthis machine restarts at %s",
		s->options.message ? s->options.message : "", s->options.message ? ": " : "", when);

	if (text && !(s->options.given & OPT_NO_WALL))
		wall_tell(s, text);
	printf("restarting at %s; `stillboot reboot --when cancel` takes it back\n", when);
}

int when_schedule(struct session *s, const struct when *when, struct err *err)
{
	struct words w = {.ctx = s->memory};
	char at[32];
	struct tm tm;
	int rc = 0;

	strftime(at, sizeof(at), "%Y-%m-%d %H:%M:%S", localtime_r(&when->at, &tm));
	add(&w, "systemd-run");
	add(&w, "--unit=" WHEN_UNIT);
	add(&w, "--quiet");
	add(&w, "--collect"); /* one that was refused would stand in the way of the next */
	add(&w, "--timer-property=AccuracySec=1s");
	if (when->what == WHEN_IN)
		add(&w, "--on-active=%lds", when->seconds);
	else
		add(&w, "--on-calendar=%s", at);
	add_program(&w, &s->machine);
	add_options(&w, &s->options);
	if (w.failed)
		return err_errno(err, -ENOMEM, "plan the restart");
	if (is_planned(&s->machine))
		rc = stop_timer(&s->machine, err);
	if (rc == 0)
		rc = s->machine.effects->run(&s->machine, w.words, err);
	if (rc == 0)
		tell(s, at);
	return rc;
}

int when_cancel(struct session *s, struct err *err)
{
	int rc;

	if (!is_planned(&s->machine))
		return err_set(err, -ENOENT, "no restart is planned");
	rc = stop_timer(&s->machine, err);
	if (rc == 0 && !(s->options.given & OPT_NO_WALL))
		wall_tell(s, "the restart that was planned is taken back");
	return rc;
}
