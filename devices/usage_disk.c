// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/usage_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "devices/cleanup.h"
#include "devices/usage.h"

/* The kernel allows more loop devices on one another; nobody has more. */
#define LOOPS_MAX 8

/* The node of a block device below the root, "dev/nvme0n1"; sysfs writes a slash as '!'. */
static void node_path(char *path, size_t size, const char *name)
{
	snprintf(path, size, "dev/%.255s", name);
	for (char *c = path; *c; c++)
		if (*c == '!')
			*c = '/';
}

static const char *mounted_on(const struct usage_scan *scan, const char *name)
{
	_cleanup_talloc_ char *dev = NULL;
	unsigned int major, minor;
	char path[320], node[300];

	snprintf(path, sizeof(path), "sys/class/block/%.255s/dev", name);
	if (machine_read_file(scan->m, NULL, path, 64, &dev, NULL) < 0 ||
		sscanf(dev, "%u:%u", &major, &minor) != 2)
		return NULL;
	node_path(node, sizeof(node), name);
	for (size_t i = 0; i < scan->mounts->count; i++) {
		const struct mount *mount = &scan->mounts->mounts[i];

		if (mount->major == major && mount->minor == minor)
			return mount->target;
		if (mount->major == 0 && mount->source[0] == '/' &&
			!strcmp(mount->source + 1, node))
			return mount->target;
	}
	return NULL;
}

static int is_swap(const struct usage_scan *scan, const char *name)
{
	char node[300];

	node_path(node, sizeof(node), name);
	for (char **path = scan->swaps; *path; path++)
		if ((*path)[0] == '/' && !strcmp(*path + 1, node))
			return 1;
	return 0;
}

static int is_held(const struct usage_scan *scan, const char *name)
{
	for (const char *const *held = scan->m->held; held && *held; held++)
		if (!strcmp(*held, name))
			return 1;
	return 0;
}

static int is_claimed(const struct usage_scan *scan, const char *name)
{
	char node[300];
	struct stat st;

	node_path(node, sizeof(node), name);
	if (fstatat(scan->m->root_fd, node, &st, 0) < 0 || !S_ISBLK(st.st_mode))
		return 0;
	_cleanup_fd_ int fd = openat(
		scan->m->root_fd, node, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 && errno == EBUSY;
}

char *usage_of_disk(const struct usage_scan *scan, const char *name)
{
	_cleanup_talloc_ char **holders = NULL;
	const char *target = mounted_on(scan, name);
	char path[320];

	if (target)
		return talloc_asprintf(scan->s, "%s is mounted on %s", name, target);
	if (is_swap(scan, name))
		return talloc_asprintf(scan->s, "%s is swap", name);
	snprintf(path, sizeof(path), "sys/class/block/%.255s/holders", name);
	holders = machine_list_names(scan->m, NULL, path);
	for (char **holder = holders; holder && *holder; holder++) /* device mapper, md, bcache */
		if (!is_held(scan, *holder))
			return talloc_asprintf(scan->s, "%s is part of %s", name, *holder);
	return NULL;
}

/* A disk is claimed too while one of its partitions is mounted, so this is asked last: who needs it is
 * better told by that. */
static char *claim_of_disk(const struct usage_scan *scan, const char *name)
{
	return !is_held(scan, name) && is_claimed(scan, name)
		       ? talloc_asprintf(scan->s, "%s is held open by somebody", name)
		       : NULL;
}

/*
 * The functions below a disk: usually the one on its way through sysfs. With NVMe multipath the
 * disk stands below a virtual subsystem, whose controllers are links beside it
 * (drivers/nvme/host/multipath.c, nvme_mpath_alloc_disk).
 */
static void mark_subsystem(
	struct machine *m, struct pci_snapshot *s, const char *name, const char *use)
{
	_cleanup_talloc_ char **names = NULL;
	char path[320], link[600];

	snprintf(path, sizeof(path), "sys/class/block/%.255s/device", name);
	names = machine_list_names(m, NULL, path);
	for (char **n = names; n && *n; n++) {
		if (strncmp(*n, "nvme", 4))
			continue;
		snprintf(link, sizeof(link), "%s/%.255s", path, *n);
		usage_mark_link(m, s, link, PCI_USE_DISK, use);
	}
}

void usage_mark_disk(struct machine *m, struct pci_snapshot *s, const char *name, const char *use)
{
	char link[320], disk[300];
	char *p;

	snprintf(link, sizeof(link), "sys/class/block/%.255s", name);
	if (usage_mark_link(m, s, link, PCI_USE_DISK, use))
		return;
	/* A partition of a multipath disk: its disk is the name before 'p'. */
	snprintf(disk, sizeof(disk), "%.255s", name);
	p = strncmp(disk, "nvme", 4) ? NULL : strchr(disk, 'p');
	if (p)
		*p = '\0';
	mark_subsystem(m, s, disk, use);
}

/* The block device that this loop device, or its disk if it is a partition, lies on; NULL for one
 * on a file, whose filesystem is mounted anyway. */
static char *below_loop(const struct usage_scan *scan, void *ctx, const char *name)
{
	char path[320], *file;

	snprintf(path, sizeof(path), "sys/class/block/%.255s/loop/backing_file", name);
	if (machine_read_file(scan->m, ctx, path, 4096, &file, NULL) < 0) {
		snprintf(path, sizeof(path), "sys/class/block/%.255s/../loop/backing_file", name);
		if (machine_read_file(scan->m, ctx, path, 4096, &file, NULL) < 0)
			return NULL;
	}
	if (strncmp(file, "/dev/", 5))
		return NULL;
	file += 5;
	for (char *c = file; *c; c++)
		if (*c == '/')
			*c = '!';
	return file;
}

/* A loop device does not claim what it lies on (drivers/block/loop.c), and no holder is named. */
static void mark_below_loops(const struct usage_scan *scan, const char *name, const char *use)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);

	for (int i = 0; i < LOOPS_MAX && (name = below_loop(scan, tmp, name)); i++)
		usage_mark_disk(scan->m, scan->s, name,
			talloc_asprintf(scan->s, "%s lies under a loop device: %s", name, use));
}

static void mark(const struct usage_scan *scan, const char *name, const char *use)
{
	if (!use)
		return;
	usage_mark_disk(scan->m, scan->s, name, use);
	if (!strncmp(name, "loop", 4))
		mark_below_loops(scan, name, use);
}

void usage_read_disks(const struct usage_scan *scan)
{
	_cleanup_talloc_ char **names = machine_list_names(scan->m, NULL, "sys/class/block");

	for (char **name = names; name && *name; name++)
		mark(scan, *name, usage_of_disk(scan, *name));
	for (char **name = names; name && *name; name++)
		mark(scan, *name, claim_of_disk(scan, *name));
}
