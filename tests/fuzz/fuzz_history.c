// SPDX-License-Identifier: GPL-2.0-or-later
/* The history of jumps, line by line, and what systemctl says of times. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

#include "ui/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever was read, parts follow each other, and all of it can be shown. */
static void check(const struct history_jump *jump, FILE *out)
{
	struct timeline_part parts[MOMENTS];
	size_t count = timeline_parts(&jump->timeline, parts);
	uint64_t at = 0;

	if (!jump->boot_id || !jump->from || !jump->to || !jump->entry || !jump->line)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (parts[i].begin_us != at || parts[i].from >= parts[i].to)
			abort();
		at += parts[i].duration_us;
	}
	if (count && timeline_between(&jump->timeline, MOMENT_REQUEST, MOMENT_LOGIN) != at)
		abort();
	timeline_print(out, &jump->timeline, NULL, 40 + (int)(at % 100));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = talloc_strndup(ctx, (const char *)data, size);
	FILE *out = fopen("/dev/null", "w");
	struct arrival arrival = {0};
	struct jump_history *h;

	if (!text || !out || jump_history_parse((const char *)data, size, ctx, &h, NULL) < 0)
		abort();
	if (h->count > HISTORY_JUMPS_MAX)
		abort();
	for (size_t i = 0; i < h->count; i++)
		check(&h->jumps[i], out);
	history_print(out, h);
	json_decref(history_json(h));
	arrival_parse(text, &arrival);
	fclose(out);
	talloc_free(ctx);
	return 0;
}
