// SPDX-License-Identifier: GPL-2.0-or-later
/* What crash kernels are made of and leave: the record of one, an initrd, a command line, the place of a
 * dump, and what makedumpfile says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/crash/cmdline.h"
#include "boot/crash/dump.h"
#include "boot/crash/memory.h"
#include "boot/crash/place.h"
#include "boot/crash/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int is_so)
{
	if (!is_so)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = talloc_strndup(ctx, (const char *)data, size), *line, *again;
	struct dump_progress progress;
	struct crash_record *record;
	struct crash_place place;

	must(text != NULL);
	if (crash_record_parse((const char *)data, size, ctx, &record, NULL) == 0)
		must(record->entry && record->kernel && record->cmdline && record->saver &&
			record->file_count <= CRASH_FILES_MAX);
	must(crash_initrd_packed(data, size) <= size);
	for (int origin = CRASH_LINE_OF_SYSTEM; origin <= CRASH_LINE_BY_HAND; origin++) {
		must(crash_cmdline(ctx, text, origin, "a.service", &line, NULL) == 0);
		/* Once is enough. */
		must(crash_cmdline(ctx, line, origin, "a.service", &again, NULL) == 0);
		must(strlen(again) <= strlen(line));
	}
	crash_cmdline_starts(text, "a.service");
	if (crash_place_parse(ctx, text, &place, NULL) == 0)
		must(*place.folder == '/' && (!place.host || *place.host != '-'));
	must(crash_place_quote(ctx, text) != NULL);
	if (dump_progress_parse(text, &progress))
		must(progress.permille <= 1000 && *progress.what);
	talloc_free(ctx);
	return 0;
}
