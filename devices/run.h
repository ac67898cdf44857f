/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_RUN_H
#define DEVICES_RUN_H

/*
 * A quiesce under way, as quiesce.c (time and workers), ladder.c (what a function does next),
 * stages.c (errands, and who has to wait for them) and order.c (who has to wait for whom) share it. Nothing else includes this. Everything belongs to
 * the quiesce and is made before the first step.
 */

#include <sys/types.h>

#include "devices/quiesce.h"
#include "devices/undo.h"

enum phase {
	LOWER, /* look whether its interrupt line has to be lowered */
	STEPS, /* let go, then reset */
	PROVE, /* look; if it is loud, the next rung */
	DONE,
};

/* One bridge's secondary bus: it is reset for all that stand on it, and at most once. */
struct port {
	const struct pci_function *bridge;
	struct run *by;       /* who resets it or did; NULL */
	int was_reset;        /* a reset ended well */
	int forbidden;        /* the kernel refused one at once: a quirk of a device */
	unsigned int refused; /* 1 << enum step: tried, and failed */
};

struct run {
	const struct plan_device *device;
	struct port *port; /* the one above it; NULL on a root bus */
	enum phase phase;
	size_t next;       /* index of the next of the plan's steps */
	enum step running; /* while busy with a step */
	int busy, overdue;
	int lost; /* its worker died in a step: what that held, it holds for ever */
	int bound;
	int is_left; /* although planned: somebody else has it, as proof.why says (PLAN_FOR_BOOT) */
	int keeps_vfs; /* its virtual functions could not be switched off */
	int was_reset; /* a reset ended well: another one only if it is loud */
	enum { UNSEEN, SEEN_STILL, SEEN_LOUD } seen; /* by a look since which nothing was done */
	ino_t inode; /* of its directory in sysfs; 0 where there was none */
	int looked;  /* whether it asserts its line after its driver let go; or it has none */
	uint64_t deadline_us;
	struct journal_entry *entry; /* of the running or last step */
	struct proof proof;
};

/* One errand of the plan. */
struct errand_run {
	int busy, overdue;
	int lost; /* as of a run */
	uint64_t deadline_us;
	struct journal_entry *entry;
};

/* second's driver may let go only after first is through with everything. */
struct edge {
	struct run *first, *second;
};

struct quiesce {
	struct machine *m;
	const struct plan *plan;
	struct crew *crew;
	struct journal *journal;
	struct undo *undo;
	struct run *runs;           /* one for each function of the plan, same order */
	struct errand_run *errands; /* one for each of the plan's, same order */
	size_t errand_next;         /* the first that is not through; all before it are */
	struct port *ports;
	size_t port_count;
	struct edge *edges;
	size_t edge_count;
	const struct quiesce_watch *watch;
	uint64_t start_us;
	uint64_t end_us; /* no step that may not end by then is begun; 0 for no end */
};

/* The run of a function of the plan's snapshot. */
struct run *run_of(const struct quiesce *q, const struct pci_function *f);

/* order.c: fill in ports and edges; -ENOMEM. */
int order_prepare(struct quiesce *q);
/* May r's driver let go? 1 yes, 0 not yet, -EBUSY never: *holder is still bound. */
int order_unbind(const struct quiesce *q, const struct run *r, const struct run **holder);
/* May r be reset, which takes its virtual functions away? As order_unbind(): where a driver left them
 * switched on, nobody has waited for them yet. */
int order_reset(const struct quiesce *q, const struct run *r, const struct run **holder);
/* May the port above r be reset? As order_unbind(). */
int order_port_reset(const struct quiesce *q, const struct run *r, const struct run **holder);
/* Is a reset under way that hits r, or would r's reset hit one? */
int order_port_is_busy(const struct run *r);

/* quiesce.c: an entry's end, told to who watches. NULL entries are passed over. */
void quiesce_tell(struct quiesce *q, struct journal_entry *entry, enum journal_result result,
	uint64_t duration_us, const char *detail);

#define NO_TIME "no time is left for it"

/* Is there time for something that may take so long? */
int quiesce_has_time(const struct quiesce *q, uint64_t ms);

/* ladder.c: move r on as far as it goes without waiting; 1 if anything was done. */
int ladder_advance(struct quiesce *q, struct run *r);
/* Take what a worker brought back. */
void ladder_take(struct quiesce *q, struct crew_result *result);
/* The step that r is in misses its deadline. */
void ladder_overdue(struct quiesce *q, struct run *r, uint64_t now_us);

/* What was seen of the functions may be different now: those that were proven are proven once more. */
void ladder_look_again(struct quiesce *q);

/* stages.c: may a function do steps of this stage? */
int stages_allow(const struct quiesce *q, unsigned int stage);
/* Begin the next errand; call when no step is under way but overdue ones, and none can be begun. 0 if
 * there is none, or no worker for it. */
int stages_begin(struct quiesce *q);
/* The errand that is under way and not overdue; NULL. */
struct errand_run *stages_running(const struct quiesce *q);
/* Take what a worker brought back. */
void stages_take(struct quiesce *q, const struct crew_result *result);
/* The errand that is under way misses its deadline. */
void stages_overdue(struct quiesce *q, uint64_t now_us);
/* Nothing more will be begun: note which errands never were. The number that hang. */
size_t stages_end(struct quiesce *q);

/* verdict.c: what became of every function of the plan. */
void verdict_all(struct quiesce *q);
/* newcomers.c: the inode of the slot's directory in sysfs, 0 if there is none. The kernel gives every
 * device it finds a new one. */
ino_t newcomers_inode(struct machine *m, const char *slot);
/* Find what appeared on the bus meanwhile, still it, and judge it. How many hang. */
size_t newcomers_still(struct quiesce *q);

#endif
