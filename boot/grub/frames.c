// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks, branches and loops: what is open, and what of it is left out. */
#include <string.h>

#include "boot/grub/reader.h"

bool grub_reading(const struct grub_reader *r)
{
	for (size_t i = 0; i < r->depth; i++)
		if (r->frames[i].left_out)
			return false;
	return true;
}

void grub_leave_out(struct grub_reader *r, struct grub_frame *frame)
{
	if (r->leave_out_nothing)
		return;
	if (grub_reading(r)) {
		/* A function is met again as a whole, a branch by its then or else. */
		r->left_out.lexer = r->statement_start;
		r->left_out.depth = (size_t)(frame - r->frames) +
				    (frame->block != GRUB_BLOCK_FUNCTION);
	}
	frame->left_out = true;
}

/* The last place is kept for entries: what is too deep to be understood hides none. */
struct grub_frame *grub_push(struct grub_reader *r, enum grub_block block)
{
	bool is_entry = block == GRUB_BLOCK_ENTRY;
	size_t limit = is_entry ? GRUB_DEPTH_MAX : GRUB_DEPTH_MAX - 1;
	struct grub_frame *frame = &r->frames[r->depth];

	if ((r->beyond && !is_entry) || r->depth >= limit) {
		r->beyond++;
		return NULL;
	}
	*frame = (struct grub_frame){.block = block};
	r->depth++;
	return frame;
}

void grub_pop(struct grub_reader *r)
{
	struct grub_frame *frame = &r->frames[--r->depth];

	if (frame->block == GRUB_BLOCK_ENTRY)
		grub_entry_end(r);
}

/* fi, done: end what they end if that is the innermost; alone they mean nothing. */
static void end_branch(struct grub_reader *r, enum grub_block block)
{
	if (r->beyond)
		r->beyond--;
	else if (r->frames[r->depth - 1].block == block)
		grub_pop(r);
}

/* `}`: end the innermost braces, and branches in them that were not ended. */
void grub_end_braces(struct grub_reader *r)
{
	size_t depth = r->depth;

	if (r->beyond) {
		r->beyond--;
		return;
	}
	while (depth > 1 && r->frames[depth - 1].block >= GRUB_BLOCK_IF)
		depth--;
	while (depth > 1 && r->depth >= depth)
		grub_pop(r);
}

static struct grub_frame *innermost_if(struct grub_reader *r)
{
	struct grub_frame *frame = &r->frames[r->depth - 1];

	return !r->beyond && frame->block == GRUB_BLOCK_IF ? frame : NULL;
}

static void begin_condition(struct grub_frame *frame)
{
	frame->in_condition = true;
	frame->conditions = 0;
	frame->truth = GRUB_UNDECIDED;
	frame->left_out = false;
}

static void keyword_if(struct grub_reader *r)
{
	struct grub_frame *frame = grub_push(r, GRUB_BLOCK_IF);

	if (frame)
		begin_condition(frame);
}

static void keyword_elif(struct grub_reader *r)
{
	struct grub_frame *frame = innermost_if(r);

	if (frame && frame->taken)
		grub_leave_out(r, frame);
	else if (frame)
		begin_condition(frame);
}

static void keyword_then(struct grub_reader *r)
{
	struct grub_frame *frame = innermost_if(r);

	if (!frame || !frame->in_condition)
		return;
	frame->in_condition = false;
	frame->taken = frame->truth == GRUB_TRUE;
	if (frame->truth == GRUB_FALSE)
		grub_leave_out(r, frame);
}

static void keyword_else(struct grub_reader *r)
{
	struct grub_frame *frame = innermost_if(r);

	if (!frame)
		return;
	frame->left_out = false;
	if (frame->taken)
		grub_leave_out(r, frame);
}

static void keyword_fi(struct grub_reader *r)
{
	end_branch(r, GRUB_BLOCK_IF);
}

static void keyword_loop(struct grub_reader *r)
{
	grub_push(r, GRUB_BLOCK_LOOP);
}

static void keyword_done(struct grub_reader *r)
{
	end_branch(r, GRUB_BLOCK_LOOP);
}

static void keyword_nothing(struct grub_reader *r)
{
	(void)r;
}

/* Words that mean something at the beginning of a statement only; a command may follow. */
static const struct {
	const char *word;
	void (*meet)(struct grub_reader *r);
} keywords[] = {
	{"if", keyword_if},
	{"elif", keyword_elif},
	{"then", keyword_then},
	{"else", keyword_else},
	{"fi", keyword_fi},
	{"while", keyword_loop},
	{"until", keyword_loop},
	{"for", keyword_loop},
	{"do", keyword_nothing},
	{"done", keyword_done},
};

bool grub_keyword(struct grub_reader *r, size_t piece)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (grub_statement_word_is(&r->statement, piece, keywords[i].word)) {
			keywords[i].meet(r);
			return true;
		}
	return false;
}

bool grub_decide(struct grub_reader *r)
{
	struct grub_frame *frame = innermost_if(r);
	bool alone = r->statement.end == GRUB_SEMICOLON || r->statement.end == GRUB_NEWLINE;

	if (!frame || !frame->in_condition || !r->args.argc)
		return false;
	frame->truth = !frame->conditions++ && alone ? grub_condition(&r->args) : GRUB_UNDECIDED;
	return frame->truth != GRUB_UNDECIDED;
}
