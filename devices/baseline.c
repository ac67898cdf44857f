// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/baseline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "devices/cleanup.h"
#include "devices/pci_dump.h"

/* A line that is no line of lspci's: which boot, kernel and time it is of. */
static char *make_title(struct machine *m, void *ctx)
{
	char *boot_id = NULL, *kernel = NULL, date[32];
	time_t now = time(NULL);
	struct tm utc;

	if (machine_read_file(m, ctx, "proc/sys/kernel/random/boot_id", 128, &boot_id, NULL) < 0)
		boot_id = NULL;
	if (machine_read_file(m, ctx, "proc/sys/kernel/osrelease", 128, &kernel, NULL) < 0)
		kernel = NULL;
	strftime(date, sizeof(date), "%FT%TZ", gmtime_r(&now, &utc));
	return talloc_asprintf(ctx, "# stillboot baseline, boot %s, kernel %s, %s\n",
		boot_id ? boot_id : "unknown", kernel ? kernel : "unknown", date);
}

int baseline_write(struct machine *m, const struct pci_snapshot *s, struct err *err)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	char *title = make_title(m, tmp), *dump = pci_dump_format(tmp, s);
	char *text = title && dump ? talloc_asprintf(tmp, "%s%s", title, dump) : NULL;

	if (!text)
		return err_errno(err, -ENOMEM, "save the baseline");
	return m->effects->save_file(m, BASELINE_FILE, text, strlen(text), err);
}

int baseline_read(struct machine *m, void *ctx, struct pci_snapshot **baseline, struct err *err)
{
	_cleanup_talloc_ char *text = NULL;
	int rc = machine_read_file(m, NULL, BASELINE_FILE, PCI_DUMP_MAX, &text, err);

	if (rc == -ENOENT)
		return err_set(err, rc,
			"there is no baseline: `stillboot save` makes one, in the initramfs before "
			"the first driver binds");
	if (rc < 0)
		return rc;
	rc = pci_dump_parse(text, strlen(text), "/" BASELINE_FILE, ctx, baseline, err);
	return rc < 0 ? err_wrap(err, rc,
				"the baseline is damaged (`stillboot save --force` "
				"replaces it)")
		      : 0;
}

void baseline_attach(struct pci_snapshot *s, const struct pci_snapshot *baseline)
{
	for (size_t i = 0; i < s->count; i++) {
		struct pci_function *f = &s->functions[i];
		const struct pci_function *was = pci_find(baseline, f->slot);

		if (was && was->vendor == f->vendor && was->device == f->device)
			f->baseline = was;
	}
}
