// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/signalfd.h>
#include <talloc.h>

#include "boot/watch.h"
#include "devices/cleanup.h"
#include "devices/clock.h"
#include "devices/log.h"
#include "ui/entries.h"

/* Disks that come together answer one after the other. While others are still being looked at, those
 * that are there are shown when none has come for so long. */
#define SETTLE_MS 500

enum { FD_SIGNAL = VOLUME_FINDER_FDS, FD_OUT, FD_COUNT };

struct watcher {
	struct session *s;
	struct discover_watch *watch;
	struct entries_view view; /* what was shown last; its discovery is NULL at first */
	json_t *shown;            /* all of it, to see if there is any news */
	unsigned long long begin_us;
};

/* Those that end it, to be waited for: what was mounted and assembled is to be put back then. */
static int open_signals(struct err *err)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGTERM};
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_errno(err, -errno, "wait for signals") : fd;
}

/* Read what is there now, and show it if it is not what was shown. */
static int show_news(struct watcher *w, entries_show *show, struct err *err)
{
	struct discovery *before = w->view.discovery;
	json_t *now;
	int rc = discover_watch_read(w->watch, w->s->memory, &w->view.discovery, err);

	if (rc < 0) {
		w->view.discovery = before;
		return rc;
	}
	rc = entries_judge(&w->view, before, err);
	talloc_free(before); /* or a disk that was pulled stays in use */
	if (rc < 0)
		return rc;
	now = entries_json(&w->view);
	if (!w->shown || !json_equal(now, w->shown))
		show(w->s, &w->view, (long)((clock_now_us() - w->begin_us) / 1000));
	json_decref(w->shown);
	w->shown = now;
	return 0;
}

/* Wait for what is next. 1 if the volumes have changed, 0 if not, -ECANCELED at the end of it all;
 * *quiet if nothing happened for so long. */
static int wait_for_news(
	struct watcher *w, int signals, int timeout_ms, bool *quiet, struct err *err)
{
	struct pollfd fds[FD_COUNT] = {
		[FD_SIGNAL] = {.fd = signals, .events = POLLIN},
		[FD_OUT] = {.fd = STDOUT_FILENO}, /* an error when its reader has gone */
	};
	int n;

	discover_watch_poll(w->watch, fds);
	n = poll(fds, FD_COUNT, timeout_ms);
	*quiet = n == 0;
	if (n < 0 && errno != EINTR)
		return err_errno(err, -errno, "wait for disks");
	if (fds[FD_OUT].revents) {
		__fpurge(stdout);
		clearerr(stdout);
	}
	if (fds[FD_SIGNAL].revents || fds[FD_OUT].revents)
		return -ECANCELED;
	return n > 0 ? discover_watch_step(w->watch, fds, err) : 0;
}

static int watch(struct watcher *w, int signals, entries_show *show, struct err *err)
{
	bool changed = true, quiet = false;
	int rc = 0;

	while (rc >= 0) {
		if (changed && (quiet || !discover_watch_busy(w->watch))) {
			rc = show_news(w, show, err);
			changed = false;
		}
		if (rc == 0)
			rc = wait_for_news(w, signals, changed ? SETTLE_MS : -1, &quiet, err);
		if (rc > 0) {
			changed = true;
			rc = 0;
		}
	}
	return rc == -ECANCELED ? 0 : rc;
}

enum exit_code entries_watch(struct session *s, entries_show *show)
{
	struct watcher w = {.s = s, .begin_us = clock_now_us()};
	unsigned int flags = s->options.given & OPT_ALL_DISKS ? DISCOVER_ALL_DISKS : 0;
	_cleanup_fd_ int signals = -1;
	struct err err, close_err;
	int rc = entries_decide(s, &w.view.policy, &err);

	if (rc < 0)
		return command_fail(EXIT_FAILED, &err);
	signals = rc = open_signals(&err);
	if (rc >= 0)
		rc = discover_watch_new(&s->machine, s->memory, flags, &w.watch, &err);
	if (rc >= 0)
		rc = watch(&w, signals, show, &err);
	talloc_free(w.watch);
	json_decref(w.shown);
	if (w.view.discovery && discovery_close(w.view.discovery, &close_err) < 0)
		log_warn("%s", close_err.text);
	return rc < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
}
