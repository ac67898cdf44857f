/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_STACK_FIND_H
#define BOOT_STACK_FIND_H

#include "boot/stack.h"

/* Look at all block devices that nobody has claimed, and open the stacks on them, until nothing new
 * comes. Devices are probed each in a child, all at once, and those that do not answer within
 * STACK_PROBE_MS are passed over. Whoever probes devices himself calls stack_assemble() instead. */
#define STACK_PROBE_MS 10000
int stack_find(struct machine *m, struct stack *stack, struct err *err);

#endif
