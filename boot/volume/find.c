// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding all volumes at once, for commands that wait. */
#include "boot/volume/finder.h"
#include "devices/cleanup.h"

int volumes_find(
	struct machine *m, void *ctx, unsigned int flags, struct volume_set **set, struct err *err)
{
	_cleanup_talloc_ struct volume_finder *finder = NULL;
	int rc = volume_finder_new(m, ctx, flags, &finder, err);

	if (rc == 0)
		rc = volume_finder_wait(finder, err);
	return rc < 0 ? rc : volume_finder_set(finder, ctx, set, err);
}
