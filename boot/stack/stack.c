// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/stack/stack.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/stack/parts.h"
#include "boot/stack/tool.h"
#include "devices/log.h"

#define PARTS_MAX 4096

/* A group of members as it was in the last round. */
struct group {
	char *key, *signature;
};

struct stack_private {
	struct group *groups;
	size_t group_count;
	const char **keys;         /* of the parts */
	struct stack_item *opened; /* by us, in this order */
	size_t opened_count;
};

static stack_kind *const kinds[] = {stack_md, stack_lvm, stack_luks, stack_named};

struct stack *stack_new(void *ctx)
{
	struct stack *stack = talloc_zero(ctx, struct stack);

	if (!stack)
		return NULL;
	stack->private = talloc_zero(stack, struct stack_private);
	stack->ask = tool_ask;
	return stack->private ? stack : NULL;
}

static struct group *find_group(struct stack_private *p, const char *key)
{
	struct group *more;

	for (size_t i = 0; i < p->group_count; i++)
		if (!strcmp(p->groups[i].key, key))
			return &p->groups[i];
	more = talloc_realloc(p, p->groups, struct group, p->group_count + 1);
	if (!more)
		return NULL;
	p->groups = more;
	more += p->group_count;
	*more = (struct group){talloc_strdup(p, key), talloc_strdup(p, "")};
	if (!more->key || !more->signature)
		return NULL;
	p->group_count++;
	return more;
}

static void forget_parts(struct stack *stack, const char *key)
{
	size_t kept = 0;

	for (size_t i = 0; i < stack->count; i++) {
		if (stack->parts[i].state != STACK_OPEN && !strcmp(stack->private->keys[i], key))
			continue;
		stack->parts[kept] = stack->parts[i];
		stack->private->keys[kept++] = stack->private->keys[i];
	}
	stack->count = kept;
}

int stack_changed(struct stack_round *r, const char *key, const char *signature)
{
	struct stack_private *p = r->stack->private;
	struct group *group = find_group(p, key);
	char *copy = talloc_strdup(p, signature);

	if (!group || !copy)
		return -ENOMEM;
	if (!strcmp(group->signature, signature)) {
		talloc_free(copy);
		return 0;
	}
	talloc_free(group->signature);
	group->signature = copy;
	forget_parts(r->stack, key);
	return 1;
}

static const char *copy(void *ctx, const char *text)
{
	return text ? talloc_strdup(ctx, text) : NULL;
}

int stack_add(struct stack_round *r, const char *key, const struct stack_part *part)
{
	struct stack *s = r->stack;
	struct stack_part *parts;
	const char **keys;

	if (s->count == PARTS_MAX)
		return 0;
	parts = talloc_realloc(s, s->parts, struct stack_part, s->count + 1);
	keys = talloc_realloc(s->private, s->private->keys, const char *, s->count + 1);
	if (parts)
		s->parts = parts;
	if (keys)
		s->private->keys = keys;
	if (!parts || !keys)
		return -ENOMEM;
	keys[s->count] = talloc_strdup(s, key);
	parts[s->count++] = (struct stack_part){
		.state = part->state,
		.kind = part->kind,
		.name = copy(s, part->name),
		.uuid = copy(s, part->uuid ? part->uuid : ""),
		.device = copy(s, part->device),
		.opened = copy(s, part->opened),
		.reason = copy(s, part->reason),
	};
	log_debug("%s %s on %s: %s", part->kind, part->name, part->device,
		part->reason   ? part->reason
		: part->opened ? part->opened
			       : "locked");
	return keys[s->count - 1] && parts[s->count - 1].name ? 0 : -ENOMEM;
}

int stack_expect(struct stack_round *r, const struct stack_item *item)
{
	struct stack_private *p = r->stack->private;
	struct err err;
	struct stack_item *more = talloc_realloc(
		p, p->opened, struct stack_item, p->opened_count + 1);

	if (!more)
		return -ENOMEM;
	p->opened = more;
	more += p->opened_count;
	*more = (struct stack_item){
		item->kind, talloc_strdup(p, item->name), talloc_strdup(p, item->uuid)};
	if (!more->name || !more->uuid)
		return -ENOMEM;
	p->opened_count++;
	if (stack_record_add(r->m, more, &err) < 0)
		log_debug("%s", err.text); /* it is closed at the end all the same */
	return 0;
}

int stack_add_open(struct stack_round *r, const char *key, const struct stack_part *part)
{
	r->opened = 1;
	return stack_add(r, key, part);
}

int stack_is_open(const struct stack *stack, const char *uuid)
{
	for (size_t i = 0; i < stack->count; i++)
		if (stack->parts[i].state == STACK_OPEN && !strcmp(stack->parts[i].uuid, uuid))
			return 1;
	return 0;
}

char *stack_tool_reason(void *ctx, const char *package, int rc, const struct err *err)
{
	if (rc == -ENOENT)
		return talloc_asprintf(ctx, "%s: install %s", err->text, package);
	return talloc_strdup(ctx, err->text);
}

/* Looking is done in a dry run too, as filesystems are mounted in one: else it would find other entries
 * than the run that it is to foretell. All of it is undone at the end. */
static struct machine *for_looking(struct machine *m, struct machine *real)
{
	if (!m->effects->pretends)
		return m;
	*real = *m;
	real->effects = &machine_linux_effects;
	return real;
}

int stack_assemble(struct machine *m, struct stack *stack, const struct stack_member *members,
	size_t count, unsigned int flags, struct err *err)
{
	struct machine real;
	struct stack_round r = {for_looking(m, &real), stack, members, count, flags, 0};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i](&r) < 0)
			return err_errno(err, -ENOMEM, "open storage stacks");
	return r.opened;
}

int stack_release(struct machine *m, struct stack *stack, struct err *err)
{
	struct stack_private *p = stack->private;
	struct machine real;
	int first = 0;

	m = for_looking(m, &real);
	for (; p->opened_count; p->opened_count--) {
		struct err why;
		int rc = stack_item_close(m, &p->opened[p->opened_count - 1], &why);

		if (rc < 0)
			log_debug("%s", why.text);
		if (rc < 0 && first == 0)
			first = err_set(err, rc, "%s", why.text);
	}
	return first;
}
