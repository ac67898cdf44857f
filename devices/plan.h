/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_PLAN_H
#define DEVICES_PLAN_H

/*
 * The plan: what will be done to each function, and which rule said so. policy/ makes it and
 * changes nothing; quiesce.h carries it out. It points into the snapshot that it was made from and
 * belongs to one talloc context.
 */

#include "devices/pci.h"

/* In the order in which they can follow each other at all; of the resets in the order of the plan. */
enum step {
	STEP_VFS,    /* virtual functions off, before their physical function (sriov_numvfs) */
	STEP_UNBIND, /* driver lets go: its remove() runs */
	STEP_FLR,    /* function reset by FLR, AF FLR or a device specific method */
	STEP_PM,     /* function reset through D3hot */
	STEP_BUS,    /* secondary bus reset at the port above, by the function's reset attribute */
	STEP_SUBORDINATE, /* the same by the port's reset_subordinate: several functions below it */
	STEP_SBR,         /* the same by hand: the port's Bridge Control register */
	STEP_POWER,       /* the slot's power off and on */
	STEP_DISABLE, /* bus master off, by the kernel: what a driver enabled and never disabled */
	STEP_RESTORE, /* settings as in the baseline, when all else is done */
	STEP_MASK,    /* bus master, INTx, MSI and MSI-X off by hand: the last resort */
	STEP_INTX,    /* INTx off before the driver lets go of an asserted line */
	STEP_UIO,     /* the same after it did, inside the kernel: uio_pci_generic masks it */
	STEP_COUNT
};

#define PLAN_STEPS_MAX 12

enum plan_action { PLAN_QUIESCE, PLAN_LEFT };

struct plan_device {
	const struct pci_function *function;
	enum plan_action action;
	const char *reason; /* one clause in words, never NULL */
	const char *rule;   /* "default.lua:12", or "built-in" where C decided; never NULL */
	enum step steps[PLAN_STEPS_MAX]; /* in order; empty when left */
	size_t step_count;
	unsigned int unbind_deadline_ms, reset_deadline_ms;
};

struct plan {
	enum pci_lockdown lockdown;  /* of the kernel it was made for */
	struct plan_device *devices; /* one for each function of the snapshot, same order */
	size_t count;
};

/* What kind of step it is. */
enum step_kind {
	STEP_IS_RESET = 1 << 0, /* brings the function back to its power-on state */
	STEP_IS_PORT = 1 << 1,  /* and everything below the port above it */
	STEP_IS_RAW = 1 << 2,  /* writes configuration space by hand: not in a locked-down kernel */
	STEP_IS_RUNG = 1 << 3, /* done only as long as the function is not proven still */
};

/* enum step_kind of a step. */
unsigned int step_kind(enum step step);

/* "unbind", "flr", ...; the words of rules, journals and --json. */
const char *step_name(enum step step);
/* The other way round; -ENOENT for no such step. */
int step_from_name(const char *name, enum step *step);

#endif
