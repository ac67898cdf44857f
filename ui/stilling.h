/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_STILLING_H
#define UI_STILLING_H

/* What jumps and `quiesce` share: the last look before the first unbind, and the quiesce itself. */

#include "devices/quiesce.h"
#include "ui/command.h"

/* Block the signals by which somebody asks us to stop: what comes is obeyed by
 * stilling_interrupted() before the first unbind, and by nobody after it. */
void stilling_block_signals(void);
/* Did one come? Then 1. */
int stilling_interrupted(void);

/* Has a device that will be stilled come into use since the plan was made? -EPERM with its slot. */
int stilling_check_again(struct session *s, const struct still_plan *p, struct err *err);

/* Who shows it. From begin on nothing may be allocated, and nothing may wait for long. */
struct stilling_watch {
	void (*begin)(void *ctx);
	struct quiesce_watch steps; /* with a ctx of its own */
	void (*end)(void *ctx, const struct journal *j, size_t hung);
	void *ctx;
};

/* Still the devices: there is no way back from here. The number of hung steps. */
size_t stilling_run(struct quiesce *q, const struct stilling_watch *watch);

/* A step hangs, and a kexec would wait for it for ever: restart at once, or crash into the crash
 * kernel where there is one and the policy says so. Comes back only if that fails, or on a machine that
 * does not really act. */
enum exit_code stilling_get_out(struct session *s, const struct decision *decision);

#endif
