/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PINNED_H
#define UI_PINNED_H

/*
 * The decision that is kept beside a loaded kernel. Where nobody is there who could mend a policy (a boot
 * appliance, the end of a shutdown), one that does not load must neither keep the machine from booting
 * nor have a device touched that it protected: then the decision of when the kernel was loaded holds,
 * judged by what the machine is like now; and without one nothing is stilled, and the kernel's own
 * shutdown() serves.
 */

#include "ui/command.h"

#define PINNED_FILE "run/stillboot/decision" /* below the machine's root, readable by root alone */

/* Keep the plan's decision, or forget it. */
int pinned_save(struct session *s, const struct still_plan *p, struct err *err);
void pinned_forget(struct session *s);

/* Take the decision that is kept in this file below the root, or one that stills nothing where that cannot
 * be read, which is said; and make its plan for the facts. */
int pinned_use(struct session *s, const char *path, struct still_plan *p, struct err *err);

/* The policy did not load, and nobody is there: put the kept decision, or one that stills nothing, in
 * the place of the built-in one. Says which. */
int pinned_take(struct session *s, struct still_plan *p, struct err *err);

#endif
