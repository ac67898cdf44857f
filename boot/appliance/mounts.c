// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/appliance/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define HARMLESS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* is_needed: nothing works without it. The others' directories are the kernel's, where it has
 * them. */
static const struct filesystem {
	const char *type, *target;
	unsigned long flags;
	const char *options;
	int is_needed;
} filesystems[] = {
	{"proc", "proc", HARMLESS, NULL, 1},
	{"sysfs", "sys", HARMLESS, NULL, 1},
	{"devtmpfs", "dev", MS_NOSUID, "mode=0755", 1},
	{"tmpfs", "run", MS_NOSUID | MS_NODEV, "mode=0755", 1},
	{"devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "mode=0620,ptmxmode=0666", 0},
	{"efivarfs", "sys/firmware/efi/efivars", HARMLESS, NULL, 0},
	{"pstore", "sys/fs/pstore", HARMLESS, NULL, 0},
};

struct request {
	struct machine *m;
	const struct filesystem *fs;
};

/* mount(2) knows no directory to begin at. */
static int act(void *argument, struct err *err)
{
	const struct request *r = argument;
	const struct filesystem *fs = r->fs;
	char target[4096];

	if (snprintf(target, sizeof(target), "%s/%s", r->m->root, fs->target) >=
		(int)sizeof(target))
		return err_errno(err, -ENAMETOOLONG, "mount %s", fs->type);
	if (strncmp(fs->target, "sys/", 4))
		mkdirat(r->m->root_fd, fs->target, 0755);
	if (mount(fs->type, target, fs->type, fs->flags, fs->options) == 0 || errno == EBUSY)
		return 0;
	return err_errno(err, -errno, "mount %s on %s", fs->type, target);
}

static int do_mount(struct machine *m, const struct filesystem *fs, struct err *err)
{
	struct request request = {m, fs};
	char what[128];

	snprintf(what, sizeof(what), "mount %s on %s", fs->type, fs->target);
	return m->effects->perform(m, what, act, &request, err);
}

int appliance_mount(struct machine *m, struct err *err)
{
	for (size_t i = 0; i < sizeof(filesystems) / sizeof(*filesystems); i++) {
		int rc = do_mount(m, &filesystems[i], err);

		if (rc < 0 && filesystems[i].is_needed)
			return rc;
		if (rc < 0)
			log_debug("%s", err->text);
	}
	return 0;
}
