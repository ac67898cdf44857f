// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/usage_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "devices/cleanup.h"
#include "devices/mounts.h"
#include "devices/usage.h"

struct scan {
	struct machine *m;
	struct pci_snapshot *s;
	struct mount_list *mounts;
	char **swaps;
};

/* The node of a block device below the root, "dev/nvme0n1"; sysfs writes a slash as '!'. */
static void node_path(char *path, size_t size, const char *name)
{
	snprintf(path, size, "dev/%.255s", name);
	for (char *c = path; *c; c++)
		if (*c == '!')
			*c = '/';
}

static const char *mounted_on(const struct scan *scan, const char *name)
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

static int is_swap(const struct scan *scan, const char *name)
{
	char node[300];

	node_path(node, sizeof(node), name);
	for (char **path = scan->swaps; *path; path++)
		if ((*path)[0] == '/' && !strcmp(*path + 1, node))
			return 1;
	return 0;
}

/* The first holder's name (device mapper, md, bcache), NULL if there is none. */
static char *holder(const struct scan *scan, const char *name)
{
	char path[320];
	struct dirent *entry;
	int fd;

	snprintf(path, sizeof(path), "sys/class/block/%.255s/holders", name);
	fd = openat(scan->m->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	_cleanup_dir_ DIR *dir = fdopendir(fd);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			return talloc_strdup(scan->s, entry->d_name);
	return NULL;
}

static int is_claimed(const struct scan *scan, const char *name)
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

/* In words why this disk or partition is in use, NULL if it is not. */
static char *use_of(const struct scan *scan, const char *name)
{
	const char *target = mounted_on(scan, name);
	char *held;

	if (target)
		return talloc_asprintf(scan->s, "%s is mounted on %s", name, target);
	if (is_swap(scan, name))
		return talloc_asprintf(scan->s, "%s is swap", name);
	held = holder(scan, name);
	if (held)
		return talloc_asprintf(scan->s, "%s is part of %s", name, held);
	if (is_claimed(scan, name))
		return talloc_asprintf(scan->s, "%s is held open by somebody", name);
	return NULL;
}

/*
 * The functions below a disk: usually the one on its way through sysfs. With NVMe multipath the
 * disk stands below a virtual subsystem, whose controllers are links beside it
 * (drivers/nvme/host/multipath.c, nvme_mpath_alloc_disk).
 */
static void mark_subsystem(
	struct machine *m, struct pci_snapshot *s, const char *name, const char *use)
{
	char path[320], link[600];
	struct dirent *entry;
	int fd;

	snprintf(path, sizeof(path), "sys/class/block/%.255s/device", name);
	fd = openat(m->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	_cleanup_dir_ DIR *dir = fdopendir(fd);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "nvme", 4))
			continue;
		snprintf(link, sizeof(link), "%s/%.255s", path, entry->d_name);
		usage_mark(pci_behind(m, s, link), PCI_USE_DISK, use);
	}
}

void usage_mark_disk(struct machine *m, struct pci_snapshot *s, const char *name, const char *use)
{
	char link[320], disk[300];
	struct pci_function *f;
	char *p;

	snprintf(link, sizeof(link), "sys/class/block/%.255s", name);
	f = pci_behind(m, s, link);
	if (f) {
		usage_mark(f, PCI_USE_DISK, use);
		return;
	}
	/* A partition of a multipath disk: its disk is the name before 'p'. */
	snprintf(disk, sizeof(disk), "%.255s", name);
	p = strncmp(disk, "nvme", 4) ? NULL : strchr(disk, 'p');
	if (p)
		*p = '\0';
	mark_subsystem(m, s, disk, use);
}

int usage_read_disks(struct machine *m, struct pci_snapshot *s, struct err *err)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct scan scan = {.m = m, .s = s};
	struct dirent *entry;
	int fd, rc;

	/* A captured tree may hold nothing of procfs: then nothing is known to be in use. */
	rc = mounts_read_all(m, tmp, &scan.mounts, err);
	if (rc == -ENOENT) {
		scan.mounts = talloc_zero(tmp, struct mount_list);
		rc = scan.mounts ? 0 : -ENOMEM;
	}
	if (rc < 0)
		return rc;
	rc = swaps_read(m, tmp, &scan.swaps, err);
	if (rc < 0)
		return rc;
	fd = openat(m->root_fd, "sys/class/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, -errno, "open sys/class/block");
	_cleanup_dir_ DIR *dir = fdopendir(fd);
	while (dir && (entry = readdir(dir))) {
		const char *use = entry->d_name[0] == '.' ? NULL : use_of(&scan, entry->d_name);

		if (use)
			usage_mark_disk(m, s, entry->d_name, use);
	}
	return 0;
}
