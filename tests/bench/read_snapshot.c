// SPDX-License-Identifier: GPL-2.0-or-later
/* read_snapshot DIR: reads the snapshot of the machine below DIR and says how large it is. */
#include <stdio.h>
#include <sys/resource.h>
#include <talloc.h>

#include "devices/pci.h"

int main(int argc, char **argv)
{
	struct pci_snapshot *s;
	struct rusage usage;
	struct machine m;
	struct err err;

	if (machine_open(&m, argc == 2 ? argv[1] : NULL, &err) < 0 ||
		pci_snapshot_read(&m, NULL, &s, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("%zu functions, peak RSS %ld KiB\n", s->count, usage.ru_maxrss);
	talloc_free(s);
	machine_close(&m);
	return 0;
}
