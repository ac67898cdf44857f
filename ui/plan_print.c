// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "ui/command.h"
#include "ui/print.h"

/* "unbind nvme, bus or flr or mask": what follows an "or" is done only where needed. */
static void describe_steps(char *buf, size_t size, const struct plan_device *d)
{
	unsigned int before = 0;
	size_t len = 0;

	buf[0] = '\0';
	if (d->action == PLAN_LEFT)
		snprintf(buf, size, "left%s%s", d->function->driver ? ", " : "",
			d->function->driver ? d->function->driver : "");
	for (size_t i = 0; i < d->step_count && len < size; i++) {
		unsigned int kind = step_kind(d->steps[i]);
		int unbinds = d->steps[i] == STEP_UNBIND;

		len += (size_t)snprintf(buf + len, size - len, "%s%s%s%s",
			before & kind & STEP_IS_RUNG ? " or "
			: i                          ? ", "
						     : "",
			step_name(d->steps[i]), unbinds ? " " : "",
			unbinds ? d->function->driver : "");
		before = kind;
	}
}

static void column_widths(const struct plan *plan, int *what, int *slot)
{
	char text[256];

	*what = *slot = 4;
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_device *d = &plan->devices[i];
		int width = (int)strlen(d->function->slot);

		*slot = width > *slot ? width : *slot;
		describe_steps(text, sizeof(text), d);
		width = print_width(text);
		*what = width > *what ? width : *what;
	}
}

void plan_print_steps(FILE *out, const struct plan_device *d)
{
	char text[256];

	describe_steps(text, sizeof(text), d);
	print_text(out, text[0] ? text : "-", 0);
}

void plan_print(const struct plan *plan, FILE *out)
{
	size_t quiesced = 0;
	int what, slot;

	column_widths(plan, &what, &slot);
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_device *d = &plan->devices[i];
		char text[256];

		describe_steps(text, sizeof(text), d);
		fputs("  ", out);
		print_text(out, d->function->slot, slot + 2);
		if (d->action == PLAN_LEFT)
			print_styled(out, STYLE_DIM, text, what + 2);
		else
			print_styled(out, STYLE_BOLD, d->step_count ? text : "-", what + 2);
		print_text(out, d->reason, 0);
		fputs("  (", out);
		print_styled(out, STYLE_DIM, d->rule, 0);
		fputs(")\n", out);
		quiesced += d->action == PLAN_QUIESCE;
	}
	fprintf(out, "%zu function%s: %zu to be stilled, %zu left as they are\n", plan->count,
		plan->count == 1 ? "" : "s", quiesced, plan->count - quiesced);
}
