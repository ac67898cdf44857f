// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/past.h"

#include <string.h>
#include <talloc.h>

struct stack {
	struct moment list[PAST_MOMENTS_MAX];
	size_t count, bytes;
};

struct past {
	struct stack stacks[2]; /* by enum past_way */
	unsigned int run;
	char *then; /* what past_go() has given out */
};

struct past *past_new(void *ctx)
{
	return talloc_zero(ctx, struct past);
}

static void forget(struct stack *s, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		s->bytes -= strlen(s->list[i].text);
		talloc_free((void *)s->list[i].text);
	}
	s->count -= count;
	memmove(s->list, s->list + count, s->count * sizeof(*s->list));
}

/* One that takes more than all room is kept alone: the last change can always be taken back. */
static void push(struct past *p, struct stack *s, struct moment m)
{
	size_t len = strlen(m.text);

	if (s->count == PAST_MOMENTS_MAX)
		forget(s, 1);
	while (s->count && s->bytes + len > PAST_BYTES_MAX)
		forget(s, 1);
	m.text = talloc_strdup(p, m.text);
	if (!m.text)
		return;
	s->list[s->count++] = m;
	s->bytes += len;
}

void past_keep(struct past *p, struct moment before, unsigned int run)
{
	struct stack *undo = &p->stacks[PAST_UNDO], *redo = &p->stacks[PAST_REDO];

	forget(redo, redo->count);
	if (!run || run != p->run || !undo->count)
		push(p, undo, before);
	p->run = run;
}

void past_break(struct past *p)
{
	p->run = 0;
}

int past_go(struct past *p, enum past_way way, struct moment now, struct moment *then)
{
	struct stack *from = &p->stacks[way], *to = &p->stacks[!way];

	if (!from->count)
		return 0;
	push(p, to, now);
	*then = from->list[--from->count];
	from->bytes -= strlen(then->text);
	talloc_free(p->then);
	p->then = (char *)then->text;
	p->run = 0;
	return 1;
}
