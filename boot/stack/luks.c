// SPDX-License-Identifier: GPL-2.0-or-later
/* Encrypted volumes are named; `stillboot unlock` opens them (unlock.h). */
#include <errno.h>
#include <string.h>

#include <talloc.h>

#include "boot/stack/parts.h"
#include "boot/volume/block.h"
#include "devices/cleanup.h"

/* Who opened it may be somebody else, as who closes it again may be: there is nothing to remember. */
int stack_is_locked(struct machine *m, const struct stack_part *part)
{
	_cleanup_talloc_ char *name = block_name_of(NULL, part->device);

	return part->state == STACK_LOCKED && name && block_is_there(m, name) &&
	       !block_has_holder(m, name);
}

int stack_luks(struct stack_round *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct stack_member *member = &r->members[i];
		struct stack_part part = {
			.state = STACK_LOCKED,
			.kind = "encrypted volume",
			.name = member->label && *member->label ? member->label : member->device,
			.uuid = member->uuid,
			.device = member->device,
			.reason = "it is locked",
		};
		int changed = strcmp(member->type, "crypto_LUKS")
				      ? 0
				      : stack_changed(r, member->device, member->type);

		if (changed < 0 || (changed && stack_add(r, member->device, &part) < 0))
			return -ENOMEM;
	}
	return 0;
}
