/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_SHUTDOWN_WATCH_H
#define UI_SHUTDOWN_WATCH_H

/* The process that watches the end of a system (shutdown.h), and what it does when that fails. */

#include "ui/shutdown_work.h"

struct watcher {
	struct session session;
	struct shutdown_request request;
	volatile enum departure_phase *phase; /* shared with the worker */
	int watchdog;                         /* -1 for none */
	int watchdog_ms;                      /* how often it is told that we live */
};

/* A part of the end, done by a child. */
typedef enum exit_code shutdown_part(struct watcher *w);

/* Have a child do it, and wait for it. 0 if it did and ended well; -ETIME with it still out. */
int shutdown_watch(struct watcher *w, shutdown_part *do_it, unsigned int ms);

/* How often a watchdog is told, in ms: twice in what systemd says, or in what the device says where that is
 * shorter (0 where it does not). systemd says "infinity" for what is set in the device
 * (src/shared/watchdog.c, watchdog_setup()). */
int shutdown_beat_ms(uint64_t interval_us, int device_s);

/* Keep the reason where it stays readable after the restart, if the machine has such a place (pstore). */
void shutdown_keep_reason(struct machine *m, const char *reason);

/* The work failed so (shutdown_watch()). A restart is one by the firmware, or where that may hang the emergency
 * one. A machine that is to be off is switched off, restarted only if that cannot be had; one that is to
 * be halted is never restarted. Returns when all of that failed. */
void shutdown_get_out(struct watcher *w, int rc);

#endif
