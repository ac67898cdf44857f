// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/modprobe.h"

#include <talloc.h>
#include <unistd.h>

#include "boot/appliance/modules.h"
#include "devices/cleanup.h"

/* Whatever else modprobe can be told is of no use to those that call this one. */
static const char options[] = "+abqsv";

int modprobe_run(int argc, char **argv)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	struct modules *modules;
	struct machine m;
	int quiet = 0, failed = 0, option;
	struct err err;

	while ((option = getopt(argc, argv, options)) != -1)
		if (option == '?')
			return 1;
		else
			quiet |= option == 'q';
	failed = machine_open(&m, NULL, &err) < 0 || modules_new(&m, ctx, &modules, &err) < 0;
	if (failed)
		log_error("%s", err.text);
	for (int i = optind; i < argc && !failed; i++)
		if (modules_load(modules, argv[i], MODULES_BY_ALIAS, &err) != 0) {
			failed = 1;
			if (!quiet)
				log_error("%s", err.text);
		}
	return failed;
}
