// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "devices/baseline.h"
#include "devices/log.h"
#include "ui/refusal.h"

/* A driver has changed what the firmware set up. Those of ports only watch them. */
static size_t count_bound(const struct pci_snapshot *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		n += s->functions[i].driver && !pci_is_bridge(&s->functions[i]);
	return n;
}

enum exit_code command_save(struct session *s)
{
	enum exit_code code = refusal_check(s);
	struct pci_snapshot *snapshot, *earlier;
	struct err err;
	size_t bound;

	if (code != EXIT_DONE)
		return code;
	if (pci_snapshot_read(&s->machine, s->memory, &snapshot, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	bound = count_bound(snapshot);
	if (!(s->options.given & OPT_FORCE) &&
		baseline_read(&s->machine, s->memory, &earlier, NULL) == 0) {
		log_error("there is a baseline of this boot already, and drivers may have changed "
			  "much since: --force replaces it");
		return EXIT_REFUSED;
	}
	if (baseline_write(&s->machine, snapshot, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	printf("%s %zu function%s as the baseline\n",
		s->options.given & OPT_DRY_RUN ? "would save" : "saved", snapshot->count,
		snapshot->count == 1 ? "" : "s");
	if (bound)
		log_warn("%zu of them already %s a driver: of those it is not what the firmware "
			 "left",
			bound, bound == 1 ? "has" : "have");
	return EXIT_DONE;
}
