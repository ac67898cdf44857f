// SPDX-License-Identifier: GPL-2.0-or-later
/* What lvm says of volume groups: names and the rest are what lies on the disks. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/stack/lvm_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lvm_report *report;

	if (lvm_report_parse(NULL, (const char *)data, size, &report, NULL) < 0)
		return 0;
	for (size_t i = 0; i < report->count; i++)
		if (report->volumes[i].state == STACK_OPEN && *report->volumes[i].name == '-')
			abort(); /* it would be an option */
	talloc_free(report);
	return 0;
}
