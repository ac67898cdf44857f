// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/signalfd.h>

#include "devices/cleanup.h"
#include "devices/clock.h"
#include "devices/log.h"
#include "ui/entries_follow.h"
#include "ui/signals.h"

enum { FD_SIGNAL = ENTRIES_FOLLOW_FDS, FD_OUT, FD_COUNT };

struct watcher {
	struct session *s;
	struct entries_follow follow;
	json_t *shown; /* all of it, to see if there is any news */
	unsigned long long begin_us;
};

/* Show what is there now, if it is not what was shown. */
static void show_news(struct watcher *w, entries_show *show)
{
	json_t *now = entries_json(&w->follow.view);

	if (!w->shown || !json_equal(now, w->shown))
		show(w->s, &w->follow.view, (long)((clock_now_us() - w->begin_us) / 1000));
	json_decref(w->shown);
	w->shown = now;
}

/* Wait for what is next. -ECANCELED at the end of it all. */
static int wait_for_news(struct watcher *w, int signals, struct err *err)
{
	struct pollfd fds[FD_COUNT] = {
		[FD_SIGNAL] = {.fd = signals, .events = POLLIN},
		[FD_OUT] = {.fd = STDOUT_FILENO}, /* an error when its reader has gone */
	};
	int n;

	entries_follow_poll(&w->follow, fds);
	n = poll(fds, FD_COUNT, entries_follow_timeout(&w->follow));
	if (n < 0 && errno != EINTR)
		return err_errno(err, -errno, "wait for disks");
	if (fds[FD_OUT].revents) {
		__fpurge(stdout);
		clearerr(stdout);
	}
	if (fds[FD_SIGNAL].revents || fds[FD_OUT].revents)
		return -ECANCELED;
	return n > 0 ? entries_follow_step(&w->follow, fds, err) : 0;
}

static int watch(struct watcher *w, int signals, entries_show *show, struct err *err)
{
	int rc = 0;

	while (rc >= 0) {
		rc = entries_follow_read(&w->follow, err);
		if (rc > 0)
			show_news(w, show);
		if (rc >= 0)
			rc = wait_for_news(w, signals, err);
	}
	return rc == -ECANCELED ? 0 : rc;
}

enum exit_code entries_watch(struct session *s, entries_show *show)
{
	struct watcher w = {.s = s, .begin_us = clock_now_us()};
	_cleanup_fd_ int signals = -1;
	struct err err, close_err;
	int rc;

	signals = rc = signals_open(signals_to_end, &err);
	if (rc >= 0)
		rc = entries_follow_begin(&w.follow, s, &err);
	if (rc >= 0)
		rc = watch(&w, signals, show, &err);
	json_decref(w.shown);
	if (entries_follow_end(&w.follow, &close_err) < 0)
		log_warn("%s", close_err.text);
	return rc < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
}
