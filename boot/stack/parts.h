/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_STACK_PARTS_H
#define BOOT_STACK_PARTS_H

/* What stack.c and the files for each kind of stack share. */

#include "boot/stack/stack.h"
#include "boot/stack/record.h"

/* One call of stack_assemble(). */
struct stack_round {
	struct machine *m;
	struct stack *stack;
	const struct stack_member *members;
	size_t count;
	unsigned int flags; /* enum stack_flags */
	int opened;         /* something new is open */
};

/* The kinds: each looks at the members of its types and adds parts. -ENOMEM or 0. */
typedef int stack_kind(struct stack_round *r);
stack_kind stack_lvm, stack_md, stack_luks, stack_named;

/* Is this group of members (a key of the kind's choosing) another one than in the round before? Then 1,
 * and what was said of it is forgotten unless it is open. signature is all that matters of it. */
int stack_changed(struct stack_round *r, const char *key, const char *signature);

/* Add a part; its strings are copied. key is that of stack_changed(). Returns -ENOMEM or 0. */
int stack_add(struct stack_round *r, const char *key, const struct stack_part *part);

/* Note that this will be ours to close, before it is opened: a process that is killed in between leaves
 * it recorded. What is not there then is passed over at the end. -ENOMEM or 0. */
int stack_expect(struct stack_round *r, const struct stack_item *item);

/* Add a part that is open. */
int stack_add_open(struct stack_round *r, const char *key, const struct stack_part *part);

/* A tool did not end in time (err is its sentence): add its members that have requests under way; all
 * if none has. They are those of this type, and with this UUID unless it is NULL. -ENOMEM or 0. */
int stack_add_stuck(struct stack_round *r, const char *key, const char *type, const char *uuid,
	const struct err *err);

/* Is something with this UUID open by us? */
int stack_is_open(const struct stack *stack, const char *uuid);

/* Text for the reason of a tool's failure: what to install if it is not there. Belongs to ctx. */
char *stack_tool_reason(void *ctx, const char *package, int rc, const struct err *err);

#endif
