/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_SHUTDOWN_WORK_H
#define UI_SHUTDOWN_WORK_H

/* What the worker at the end of a system does (shutdown.h). */

#include "ui/departure.h"

/* What is asked for. */
struct shutdown_verb {
	const char *name;
	enum { JUMPS_NEVER, JUMPS_IF_ASKED, JUMPS_ALWAYS } jumps; /* if asked: "reboot_is_kexec" */
	enum machine_reboot how;                                  /* without a jump */
};

/* Unknown ones, and none, are a reboot. */
const struct shutdown_verb *shutdown_verb_find(const char *name);

struct shutdown_request {
	const struct shutdown_verb *verb;
	unsigned int timeout_ms;    /* for processes to end, if there are any */
	uint64_t minimum_uptime_us; /* on CLOCK_BOOTTIME; an hour at most, 0 for none */
	int keeps_descriptors;      /* systemd has some for the next kernel */
	int is_init;                /* the watching process is PID 1 */
};

/* From argv and the environment. */
void shutdown_request_read(int argc, char **argv, struct shutdown_request *request);
/* "90000000us", "10s", "10": microseconds; 0 if it is no time. */
uint64_t shutdown_time(const char *text);

/* Leave. Returns only when it fails, having said why, or on a machine that does not really act. How far a
 * jump is is written to *phase. */
enum exit_code shutdown_work(struct session *s, const struct shutdown_request *request,
	volatile enum departure_phase *phase);

#endif
