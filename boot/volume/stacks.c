// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/stacks.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/stack/record.h"
#include "boot/volume/block.h"
#include "boot/volume/names.h"
#include "devices/cleanup.h"

/* Two may have one name: then with the device. */
static char *name_of(const struct stack *stack, const struct stack_part *part)
{
	size_t same = 0;

	for (size_t i = 0; i < stack->count; i++)
		same += !strcmp(stack->parts[i].name, part->name);
	return same > 1 ? talloc_asprintf(NULL, "%s (%s)", part->name, part->device)
			: talloc_strdup(NULL, part->name);
}

/* What the stacks could not open, may not, or opened with something missing. */
static int show_problem(struct machine *m, const struct stack *stack, const struct stack_part *part,
	struct volume_set *set)
{
	_cleanup_talloc_ char *name = NULL, *locked = NULL;
	struct volume_problem *p;

	if (part->state == STACK_LOCKED && !stack_is_locked(m, part))
		return 0;
	name = name_of(stack, part);
	if (part->state == STACK_LOCKED)
		locked = talloc_asprintf(
			NULL, "it is locked; `stillboot unlock %s` opens it", part->device);
	if (!name || (part->state == STACK_LOCKED && !locked))
		return -ENOMEM;
	if (!locked && !part->reason)
		return 0;
	p = volume_set_problem(set, name, locked ? locked : part->reason);
	if (!p)
		return -ENOMEM;
	p->locked = part->state == STACK_LOCKED;
	if (part->state != STACK_STUCK)
		return 0;
	p->stuck = block_name_of(set, part->device);
	return p->stuck ? 0 : -ENOMEM;
}

/* Linux has no attribute for an array's UUID and name; its members do ("host:home"). */
static int name_array(const struct stack_part *part, struct volume_set *set)
{
	const char *colon = strchr(part->name, ':');
	char name[NAME_MAX];
	int rc = 0;

	for (size_t i = 0; part->opened && i < set->count && rc == 0; i++) {
		struct volume *v = &set->volumes[i];

		if (!v->device || strcmp(v->device, part->opened) ||
			strcmp(part->kind, "RAID array"))
			continue;
		snprintf(name, sizeof(name), "mduuid/%s", part->uuid);
		v->names = volume_names_with(set, v->names, name);
		snprintf(name, sizeof(name), "md/%s", colon ? colon + 1 : part->name);
		v->names = v->names ? volume_names_with(set, v->names, name) : NULL;
		rc = v->names ? 0 : -ENOMEM;
	}
	return rc;
}

static int mark_ours(struct machine *m, struct volume_set *set)
{
	_cleanup_talloc_ struct stack_items *items = stack_record_read(m, NULL);

	for (size_t i = 0; items && i < set->count; i++) {
		struct volume *v = &set->volumes[i];

		if (v->flags & VOLUME_OUR_MOUNT && v->disk && stack_items_have(m, items, v->disk))
			v->flags |= VOLUME_OUR_STACK;
	}
	return items ? 0 : -ENOMEM;
}

int volume_stacks_show(struct machine *m, const struct stack *stack, struct volume_set *set)
{
	int rc = mark_ours(m, set);

	for (size_t i = 0; i < stack->count && rc == 0; i++) {
		rc = show_problem(m, stack, &stack->parts[i], set);
		if (rc == 0)
			rc = name_array(&stack->parts[i], set);
	}
	return rc;
}
