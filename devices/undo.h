/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_UNDO_H
#define DEVICES_UNDO_H

/*
 * What a quiesce changes and how it was before: drivers, their autoprobe, power control, virtual
 * functions, reset methods (each step puts those back itself, but one that was killed cannot), and
 * what errands change: attributes, processors, interfaces, devices on other buses. What cannot be
 * undone (a module taken out, a program that ran, an attribute that cannot be read) is noted too.
 * Taken before the first change; put back when the way is given up, or by `stillboot rebind`, which reads
 * it from a file.
 */

#include "devices/plan.h"

/* The file, below the machine's root: one line each, "autoprobe 1", "bind SLOT DRIVER",
 * "control SLOT auto", "vfs SLOT COUNT", "methods SLOT flr bus"; a driver's name may have spaces.
 * Of errands, with a tab where => stands: "write PATH=>VALUE" (also for processors and interfaces),
 * "unbind BUS:NAME=>DRIVER"; what cannot be undone is "write PATH", "unload MODULE", "run PROGRAM".
 * Readable by root alone. */
#define UNDO_FILE "run/stillboot/undo"

struct undo_device {
	char slot[PCI_SLOT_MAX];
	char driver[64];       /* "" for none; a longer name is none either: no driver has one */
	int was_auto;          /* power/control was "auto" */
	unsigned int vf_count; /* virtual functions that were on */
	char methods[64];      /* reset_method; "" for none */
};

struct undo_errand {
	enum step step; /* STEP_WRITE, STEP_UNBIND, STEP_UNLOAD or STEP_RUN */
	char subject[PLAN_SUBJECT_MAX];
	char value[PLAN_SUBJECT_MAX]; /* the attribute's, or the driver; "": it cannot be undone */
};

struct undo {
	int autoprobe; /* drivers_autoprobe was on */
	struct undo_device *devices;
	size_t count;
	struct undo_errand *errands; /* in the order of the plan */
	size_t errand_count;
};

/* How the functions of the plan are now; bound ones only where the plan unbinds them. Belongs to
 * ctx. NULL when memory ran out. */
struct undo *undo_take(struct machine *m, const struct plan *plan, void *ctx);

/* Put back what differs: power control and autoprobe, then drivers in the order of the tree,
 * physical functions before their virtual ones, then what errands changed, the last of it first.
 * Goes on after a failure; returns how many changes
 * failed, each told to fail (slot or attribute, and why), which may be NULL. bound counts the
 * drivers that were bound again. */
size_t undo_apply(struct machine *m, const struct undo *undo, size_t *bound,
	void (*fail)(void *ctx, const char *what), void *ctx);

/* Of that only drivers_autoprobe; 0 or the errno. */
int undo_autoprobe(struct machine *m, const struct undo *undo);

/* Take over what an earlier one knows and this one found changed already; -ENOMEM. */
int undo_merge(struct undo *undo, const struct undo *earlier);

/* What such a file says, which is altered: -EINVAL with the line where it is damaged. */
int undo_parse(char *text, void *ctx, struct undo **undo, struct err *err);

/* Write it to UNDO_FILE, read it from there (-ENOENT if there is none), and take it away. */
int undo_write(struct machine *m, const struct undo *undo, struct err *err);
int undo_read(struct machine *m, void *ctx, struct undo **undo, struct err *err);
void undo_forget(struct machine *m);

#endif
