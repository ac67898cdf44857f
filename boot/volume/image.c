// SPDX-License-Identifier: GPL-2.0-or-later
/* Disk images as volumes, and files on volumes that hold a filesystem. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "boot/volume/loop.h"
#include "boot/volume/finder.h"
#include "boot/volume/hold.h"
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

/* The mount keeps the loop device. */
static int open_inside(struct volume_hold *hold, int file, struct volume_inside *inside)
{
	struct volume_scope scope = {.whole = true};
	struct volume_set *set = NULL;
	char disk[LOOP_NAME_MAX];
	_cleanup_fd_ int loop = loop_over_file(file, disk, &inside->err);
	int rc = loop;

	scope.disk = disk;
	if (rc >= 0)
		rc = find(hold, inside, &scope, &set, &inside->err);
	if (rc < 0)
		return rc;
	if (set->count) {
		for (size_t i = 0; i < set->count; i++)
			set->volumes[i].flags |= VOLUME_IN_FILE;
		inside->set = set;
		return 0;
	}
	rc = err_set(&inside->err, -ENODATA, "%s",
		set->problem_count ? set->problems->text : "it holds no filesystem that is known");
	talloc_free(set);
	return rc;
}

static int look_inside(
	struct volume_set *set, int file, const struct volume_inside **found, struct err *err)
{
	struct volume_inside *i;
	unsigned int count = 0;
	struct stat st;

	if (fstat(file, &st) < 0)
		return err_errno(err, -errno, "look at a disk image");
	for (i = set->inside; i; i = i->next, count++)
		if (i->device == st.st_dev && i->file == st.st_ino)
			break;
	if (!i && count == VOLUMES_INSIDE_MAX)
		return err_set(
			err, -EMFILE, "there are more than %d such files", VOLUMES_INSIDE_MAX);
	if (!i) {
		i = talloc_zero(set, struct volume_inside);
		if (!i)
			return err_errno(err, -ENOMEM, "look at a disk image");
		*i = (struct volume_inside){set->inside, st.st_dev, st.st_ino, NULL, 0, {{0}}};
		set->inside = i;
		i->rc = open_inside(set->hold, file, i);
	}
	*found = i;
	return i->rc < 0 ? err_set(err, i->rc, "%s", i->err.text) : 0;
}

int volume_inside(struct volume_set *set, const struct volume *v, const char *path,
	const struct volume **found, struct err *err)
{
	const struct volume_inside *inside = NULL;
	_cleanup_fd_ int file = -1;
	int rc;

	if (!set->hold)
		return err_set(err, -ENOTSUP, "files in a directory tree are not looked into");
	rc = volume_open(v, path, &file, err);
	if (rc == 0)
		rc = look_inside(set, file, &inside, err);
	if (rc == 0)
		*found = inside->set->volumes;
	return rc;
}
