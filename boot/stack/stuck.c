// SPDX-License-Identifier: GPL-2.0-or-later
/* Which of its members a tool waits for that does not end. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/stack/parts.h"
#include "boot/volume/block.h"
#include "devices/cleanup.h"

static bool is_given(const struct stack_member *member, const char *type, const char *uuid)
{
	return !strcmp(member->type, type) &&
	       (!uuid || (member->uuid && !strcmp(member->uuid, uuid)));
}

/* Reads and writes (Documentation/ABI/stable/sysfs-block, inflight). */
static bool has_requests(struct machine *m, const char *device)
{
	_cleanup_talloc_ char *name = block_name_of(NULL, device);
	_cleanup_talloc_ char *text = NULL;
	unsigned int reads, writes;
	char path[320];

	snprintf(path, sizeof(path), "sys/class/block/%.255s/inflight", name ? name : "");
	return machine_read_file(m, NULL, path, 64, &text, NULL) == 0 &&
	       sscanf(text, "%u %u", &reads, &writes) == 2 && (reads || writes);
}

static int add_member(struct stack_round *r, const char *key, const struct stack_member *member,
	const char *reason)
{
	const struct stack_part part = {
		.state = STACK_STUCK,
		.kind = "member",
		.name = member->device,
		.uuid = member->uuid,
		.device = member->device,
		.reason = reason,
	};

	return stack_add(r, key, &part);
}

int stack_add_stuck(struct stack_round *r, const char *key, const char *type, const char *uuid,
	const struct err *err)
{
	_cleanup_talloc_ char *reason = talloc_asprintf(
		NULL, "it did not answer in time: %s", err->text);
	size_t found = 0;
	int rc = reason ? 0 : -ENOMEM;

	for (int all = 0; all < 2 && !found; all++)
		for (size_t i = 0; i < r->count && rc == 0; i++) {
			const struct stack_member *member = &r->members[i];

			if (!is_given(member, type, uuid) ||
				(!all && !has_requests(r->m, member->device)))
				continue;
			rc = add_member(r, key, member, reason);
			found++;
		}
	return rc;
}
