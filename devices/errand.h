/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_ERRAND_H
#define DEVICES_ERRAND_H

/*
 * One errand of a plan, through the machine's effects. As a step it may block as long as the kernel
 * does (a module's exit function, a driver's remove()), so it runs in a worker with a deadline
 * (crew.h). Allocates nothing.
 */

#include "devices/plan.h"

/* Carry it out. 0 done, 1 with a sentence in err: there was nothing to do (not loaded, not bound,
 * not up), negative errno with a sentence that names what it is about. */
int errand_run(struct machine *m, const struct plan_errand *errand, struct err *err);

/* Does it leave a lock of the kernel's taken if it never ends? A pause and a program do not: they
 * can be killed. */
int errand_holds_lock(const struct plan_errand *errand);

/* What a journal calls it: its subject, or that it is about the whole machine. */
const char *errand_subject(const struct plan_errand *errand);

/* Paths of what an errand changes, below the root: the attribute of processor number cpu that takes
 * it off-line, and an attribute of a device on another bus ("platform:NAME"; -EINVAL if it is none).
 */
#define ERRAND_PATH_MAX (PLAN_SUBJECT_MAX + 64)
#define ERRAND_CPU_LAST 8191 /* arch/x86/Kconfig: NR_CPUS_RANGE_END is 8192, more than elsewhere */
void errand_cpu_path(char path[ERRAND_PATH_MAX], unsigned int cpu);
int errand_device_path(char path[ERRAND_PATH_MAX], const char *subject, const char *attribute);

#endif
