/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_DEADLINE_H
#define DEVICES_DEADLINE_H

/*
 * System calls that may never come back: unmounting a filesystem of which the disk is dead, say. Such an
 * action is done by a forked child, which is given so long and then left behind: it may not even be
 * killed, but it is nobody's but its own problem then.
 */

#include "devices/machine.h"

/* Do the action in a child, and wait. What it returns, with its sentence; -ETIME with one if it did not end
 * in time, -ECHILD if it died. What it changes in memory is lost. */
int deadline_run(unsigned int ms, machine_action *action, void *argument, struct err *err);

#endif
