/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_KEEPER_H
#define UI_KEEPER_H

/*
 * A forked process that undoes something if its parent dies before it could say that all is well:
 * by a signal that nobody can block, or for want of memory. It waits at the end of a socket, is
 * stopped by no signal of a terminal or a service manager, and is the last that the kernel chooses
 * when memory is short. What it undoes it does with the machine's effects; a machine that pretends
 * has none, and undoing is done in the process itself.
 */

#include <sys/types.h>

#include "devices/machine.h"

typedef void keeper_undo(void *argument);

struct keeper {
	pid_t pid; /* 0 for none */
	int socket;
	keeper_undo *undo;
	void *argument;
};

/* Fork it. held (-1 for none) stays open in it: a lock that is free only when all is undone. */
int keeper_start(struct machine *m, keeper_undo *undo, void *argument, int held,
	struct keeper *keeper, struct err *err);

/* All is well: it ends without undoing anything. */
void keeper_dismiss(struct keeper *keeper);
/* Have it undo, and wait until it has. If we are killed meanwhile it goes on. */
void keeper_call(struct keeper *keeper);

#endif
