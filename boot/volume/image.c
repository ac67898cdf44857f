// SPDX-License-Identifier: GPL-2.0-or-later
/* Disk images as volumes. */
#include <errno.h>
#include <talloc.h>

#include "boot/volume/loop.h"
#include "boot/volume/finder.h"
#include "devices/cleanup.h"

static int find(struct volume_hold *hold, void *ctx, const struct volume_scope *scope,
	struct volume_set **set, struct err *err)
{
	_cleanup_talloc_ struct volume_finder *finder = NULL;
	int rc = volume_finder_new_in(hold, ctx, scope, &finder, err);

	if (rc == 0)
		rc = volume_finder_wait(finder, err);
	return rc < 0 ? rc : volume_finder_set(finder, ctx, set, err);
}

/* Some hybrid images of CDs have a filesystem that is on none of the partitions. */
static int find_on(struct volume_hold *hold, void *ctx, const char *disk, struct volume_set **set,
	struct err *err)
{
	struct volume_scope scope = {.disk = disk};
	int rc = find(hold, ctx, &scope, set, err);

	if (rc < 0 || (*set)->count)
		return rc;
	talloc_free(*set);
	scope.whole = true;
	return find(hold, ctx, &scope, set, err);
}

int volumes_of_image(
	struct machine *m, void *ctx, const char *file, struct volume_set **set, struct err *err)
{
	struct volume_hold *hold = volume_hold_new(m);
	struct volume_set *found = NULL;
	char disk[LOOP_NAME_MAX];
	int rc;

	if (!hold)
		return err_errno(err, -ENOMEM, "open %s", file);
	hold->image_fd = rc = loop_open(file, disk, err);
	if (rc >= 0)
		rc = find_on(hold, ctx, disk, &found, err);
	volume_hold_drop(hold, NULL);
	if (rc == 0 && !found->count && !found->problem_count)
		rc = err_set(
			err, -ENODATA, "%s has no partition or filesystem that is known", file);
	if (rc < 0) {
		talloc_free(found);
		return rc;
	}
	*set = found;
	return 0;
}
