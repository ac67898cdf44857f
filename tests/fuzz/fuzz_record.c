// SPDX-License-Identifier: GPL-2.0-or-later
/* What is on record of a preloaded kernel or an attempt, and what systemctl says of jobs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/service/record.h"
#include "boot/service/systemd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = talloc_strndup(ctx, (const char *)data, size);
	struct record *r;
	struct err err;

	if (!text)
		abort();
	if (record_parse((const char *)data, size, ctx, &r, &err) == 0 &&
		(!r->boot_id || !r->entry || !r->kernel || !record_by_name(r->by)))
		abort();
	systemd_jobs_parse(text);
	talloc_free(ctx);
	return 0;
}
