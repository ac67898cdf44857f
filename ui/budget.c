// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/budget.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/clock.h"
#include "devices/log.h"

#define SECONDS_MAX 3600

static uint64_t read_used_ms(struct machine *m)
{
	_cleanup_talloc_ char *text = NULL;

	return machine_read_file(m, NULL, BUDGET_FILE, 32, &text, NULL) == 0
		       ? strtoul(text, NULL, 10)
		       : 0;
}

int budget_begin(struct session *s, struct budget *budget, struct err *err)
{
	const char *text = s->options.budget;
	uint64_t ms;

	*budget = (struct budget){.begin_us = clock_now_us()};
	if (!text)
		return 0;
	ms = strlen(text) <= 4 ? strtoul(text, NULL, 10) * 1000 : 0;
	if (text[strspn(text, "0123456789")] || !ms || ms > SECONDS_MAX * 1000)
		return err_set(
			err, -EINVAL, "--budget is a number of seconds, at most %d", SECONDS_MAX);
	budget->used_ms = read_used_ms(&s->machine);
	if (budget->used_ms >= ms)
		return err_set(err, -ETIME, "no time is left of the %s s", text);
	budget->end_us = budget->begin_us + (ms - budget->used_ms) * 1000;
	return 0;
}

void budget_end(struct session *s, const struct budget *budget)
{
	char text[32];
	struct err err;
	int len;

	if (!budget->end_us)
		return;
	len = snprintf(text, sizeof(text), "%llu",
		(unsigned long long)(budget->used_ms + (clock_now_us() - budget->begin_us) / 1000));
	if (s->machine.effects->save_file(&s->machine, BUDGET_FILE, text, (size_t)len, &err) < 0)
		log_debug("%s", err.text);
}
