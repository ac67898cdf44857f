// SPDX-License-Identifier: GPL-2.0-or-later
/* Members are recognised; nothing is opened yet. */
#include "boot/stack.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <talloc.h>

int stack_is_member(const char *type)
{
	static const char *const types[] = {"LVM2_member", "LVM1_member", "linux_raid_member",
		"crypto_LUKS", "BitLocker", "mpath_member", "DM_*", "bcache", "zfs_member",
		"*_raid_member"};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!fnmatch(types[i], type, 0))
			return 1;
	return 0;
}

struct stack *stack_new(void *ctx)
{
	return talloc_zero(ctx, struct stack);
}

static int describe(struct stack *stack, const struct stack_member *m, struct stack_part *part)
{
	int locked = !strcmp(m->type, "crypto_LUKS");

	*part = (struct stack_part){
		.state = locked ? STACK_LOCKED : STACK_LEFT,
		.kind = "encrypted volume",
		.name = talloc_strdup(stack, m->device),
		.uuid = talloc_strdup(stack, m->uuid ? m->uuid : ""),
		.device = talloc_strdup(stack, m->device),
	};
	part->reason = locked ? talloc_asprintf(
					stack, "it is locked: stillboot unlock %s", m->device)
			      : talloc_asprintf(
					stack, "it is a part of something larger (%s)", m->type);
	return part->name && part->uuid && part->device && part->reason ? 0 : -ENOMEM;
}

int stack_assemble(struct machine *m, struct stack *stack, const struct stack_member *members,
	size_t count, unsigned int flags, struct err *err)
{
	(void)m;
	(void)flags;
	stack->parts = talloc_realloc(stack, stack->parts, struct stack_part, count + 1);
	stack->count = 0;
	for (; stack->parts && stack->count < count; stack->count++)
		if (describe(stack, &members[stack->count], &stack->parts[stack->count]) < 0)
			return err_errno(err, -ENOMEM, "list the members of stacks");
	return stack->parts ? 0 : err_errno(err, -ENOMEM, "list the members of stacks");
}

int stack_release(struct machine *m, struct stack *stack, struct err *err)
{
	(void)m;
	(void)stack;
	(void)err;
	return 0;
}
