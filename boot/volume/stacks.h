/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_STACKS_H
#define BOOT_VOLUME_STACKS_H

/*
 * What a set of volumes tells of the stacks below it: problems for what is locked, left alone, or open
 * with something missing; names for arrays; and VOLUME_OUR_STACK for what lies on those that are ours,
 * whoever of us opened them.
 */

#include "boot/stack/stack.h"
#include "boot/volume/volume.h"

/* -ENOMEM. The set's volumes are complete. */
int volume_stacks_show(struct machine *m, const struct stack *stack, struct volume_set *set);

#endif
