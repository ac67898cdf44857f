/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_PLAN_H
#define DEVICES_PLAN_H

/*
 * The plan: what will be done to each function, and which rule said so. policy/ makes it and
 * changes nothing; quiesce.h carries it out. It points into the snapshot that it was made from and
 * belongs to one talloc context.
 *
 * Beside the functions' steps there are errands: steps that belong to no PCI function (write an
 * attribute, take a module out, wait). The plan is cut into stages, counted from 0. Functions go
 * their ways side by side; an errand of stage s waits until all that functions have to do in stages
 * before s is done, and all of stage s waits for it. Errands of one stage are run one after another,
 * in their order. A plan without errands has only stage 0.
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
	/* Errands; STEP_UNBIND is one too, for a device that is on no PCI bus. */
	STEP_WRITE,        /* a value to an attribute of sysfs or procfs */
	STEP_UNLOAD,       /* a module out of the kernel: the exit function of what is not bound */
	STEP_LINK_DOWN,    /* a network interface down */
	STEP_SETTLE,       /* wait */
	STEP_OFFLINE_CPUS, /* all processors but the first */
	STEP_RUN,          /* a program; only before any function is touched */
	STEP_COUNT
};

#define PLAN_STEPS_MAX 12
#define PLAN_STAGES_MAX 250
#define PLAN_ERRANDS_MAX 256

enum plan_action { PLAN_QUIESCE, PLAN_LEFT };

struct plan_device {
	const struct pci_function *function;
	enum plan_action action;
	const char *reason; /* one clause in words, never NULL */
	const char *rule;   /* "default.lua:12", or "built-in" where C decided; never NULL */
	enum step steps[PLAN_STEPS_MAX]; /* in order; empty when left */
	unsigned char
		stages[PLAN_STEPS_MAX]; /* of each step; never less than that of the one before */
	size_t step_count;
	unsigned int unbind_deadline_ms, reset_deadline_ms;
};

#define PLAN_SUBJECT_MAX 256 /* bytes of a path, of a value, and of each word of a command line */
#define PLAN_WORDS_MAX 16

struct plan_errand {
	enum step step;
	unsigned int stage;
	/* What it is about: STEP_WRITE the attribute's path below the root ("sys/..."), STEP_UNLOAD
	 * the module, STEP_LINK_DOWN the interface, STEP_UNBIND the device as "platform:i2c-0";
	 * STEP_RUN the program's path. NULL for the others. */
	const char *subject;
	const char *value;         /* of STEP_WRITE */
	const char **argv;         /* of STEP_RUN: the program and its arguments, NULL-terminated */
	unsigned int settle_ms;    /* of STEP_SETTLE */
	unsigned int deadline_ms;  /* how long it may take; a pause's own time not counted */
	const char *reason, *rule; /* as of a device, never NULL */
};

enum plan_purpose {
	PLAN_FOR_JUMP, /* all is to be still in the end, whoever has it by then */
	/* Drivers are to bind in the end. Whoever has taken a function by now is left with it, and so is
	 * what appears meanwhile. */
	PLAN_FOR_BOOT,
};

struct plan {
	enum plan_purpose purpose;
	enum pci_lockdown lockdown;  /* of the kernel it was made for */
	struct plan_device *devices; /* one for each function of the snapshot, same order */
	size_t count;
	struct plan_errand *errands; /* ordered by stage */
	size_t errand_count;
	struct plan_errand *dropped; /* what was asked for and is not done; reason says why */
	size_t dropped_count;
	const char *off, *off_why; /* the rule that switches the quiesce off, NULL for none */
};

/* What kind of step it is. */
enum step_kind {
	STEP_IS_RESET = 1 << 0, /* brings the function back to its power-on state */
	STEP_IS_PORT = 1 << 1,  /* and everything below the port above it */
	STEP_IS_RAW = 1 << 2,  /* writes configuration space by hand: not in a locked-down kernel */
	STEP_IS_RUNG = 1 << 3, /* done only as long as the function is not proven still */
	STEP_IS_ERRAND = 1 << 4, /* belongs to no function */
};

/* enum step_kind of a step. */
unsigned int step_kind(enum step step);

/* "unbind", "flr", ...; the words of rules, journals and --json. */
const char *step_name(enum step step);
/* The other way round; -ENOENT for no such step. */
int step_from_name(const char *name, enum step *step);

#endif
