// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume_mount.h"

#include <blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "devices/cleanup.h"

#define HARMLESS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

static void cleanup_probe(blkid_probe *probe)
{
	blkid_free_probe(*probe); /* takes NULL */
}

static void take_value(blkid_probe probe, const char *name, char *value, size_t size)
{
	const char *found;

	if (blkid_probe_lookup_value(probe, name, &found, NULL) < 0)
		return;
	strncpy(value, found, size - 1);
	value[size - 1] = '\0';
}

int volume_probe(const char *device, struct volume_identity *identity, struct err *err)
{
	_cleanup_fd_ int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	__attribute__((cleanup(cleanup_probe))) blkid_probe probe = blkid_new_probe();
	struct volume_identity found = {0};
	char usage[16] = "";
	int rc;

	if (fd < 0)
		return err_errno(err, -errno, "open %s", device);
	if (!probe || blkid_probe_set_device(probe, fd, 0, 0) < 0)
		return err_errno(err, errno ? -errno : -ENOMEM, "probe %s", device);
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe,
		BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID | BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE);
	errno = 0;
	rc = blkid_do_safeprobe(probe);
	if (rc == -1)
		return err_errno(err, errno ? -errno : -EIO, "probe %s", device);
	take_value(probe, "USAGE", usage, sizeof(usage));
	if (rc || strcmp(usage, "filesystem"))
		return err_set(err, -ENODATA, "%s has no filesystem", device);
	take_value(probe, "UUID", found.uuid, sizeof(found.uuid));
	take_value(probe, "LABEL", found.label, sizeof(found.label));
	take_value(probe, "TYPE", found.type, sizeof(found.type));
	*identity = found;
	return 0;
}

/* What keeps a filesystem from replaying its journal although it is mounted read-only. */
static const struct {
	const char *type, *option, *value; /* a flag where value is NULL */
} no_replay[] = {
	{"ext3", "noload", NULL}, /* Documentation/filesystems/ext4.rst; ext4 does ext3 */
	{"ext4", "noload", NULL},
	{"xfs", "norecovery", NULL},        /* Documentation/admin-guide/xfs.rst */
	{"btrfs", "rescue", "nologreplay"}, /* btrfs(5), "Mount options" */
	{"f2fs", "norecovery", NULL},       /* Documentation/filesystems/f2fs.rst */
	{"nilfs2", "norecovery", NULL},     /* Documentation/filesystems/nilfs2.rst */
};

static int configure(int fs, const char *device, const char *type)
{
	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", device, 0) < 0 ||
		fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(no_replay) / sizeof(*no_replay); i++) {
		unsigned int command = no_replay[i].value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;

		if (!strcmp(type, no_replay[i].type) &&
			fsconfig(fs, command, no_replay[i].option, no_replay[i].value, 0) < 0)
			return -errno;
	}
	return 0;
}

static int claim_for_a_moment(const char *device)
{
	int fd = open(device, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Make the device read-only and say whether it was writable before. */
static int set_read_only(int fd)
{
	int on = 1, was = 0;

	return ioctl(fd, BLKROGET, &was) == 0 && !was && ioctl(fd, BLKROSET, &on) == 0;
}

static void set_writable(int fd)
{
	int off = 0;

	ioctl(fd, BLKROSET, &off);
}

/* Create the superblock: the moment at which a filesystem may want to write. */
static int create(int fs, const char *device)
{
	_cleanup_fd_ int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int was_writable, rc;

	if (fd < 0)
		return -errno;
	was_writable = set_read_only(fd);
	rc = fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ? -errno : 0;
	if (was_writable)
		set_writable(fd);
	return rc;
}

int volume_mount(const char *device, const char *type, int *fd, struct err *err)
{
	int rc = claim_for_a_moment(device);
	_cleanup_fd_ int fs = -1;
	int mount;

	if (rc < 0)
		return err_errno(err, rc, "open %s", device);
	fs = fsopen(type, FSOPEN_CLOEXEC);
	if (fs < 0 && errno == ENODEV)
		return err_set(err, -ENODEV, "the kernel has no driver for %s", type);
	if (fs < 0)
		return err_errno(err, -errno, "mount %s as %s", device, type);
	rc = configure(fs, device, type);
	if (rc == 0)
		rc = create(fs, device);
	if (rc < 0)
		return err_errno(err, rc, "mount %s as %s", device, type);
	mount = fsmount(fs, FSMOUNT_CLOEXEC, HARMLESS);
	if (mount < 0)
		return err_errno(err, -errno, "mount %s as %s", device, type);
	*fd = mount;
	return 0;
}

/* The mount alone: what is mounted within it is not there, and what that hides is. */
static int clone_mount(int root_fd, const char *path)
{
	struct mount_attr attr = {.attr_set = HARMLESS};
	_cleanup_fd_ int fd = open_tree(root_fd, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 || mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return -errno;
	return fd_take(&fd);
}

int volume_view(struct machine *m, const char *target, int *fd, struct err *err)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	const char *path = target[1] ? target + 1 : ".";
	struct stat st;
	int view = *m->root ? -EPERM : clone_mount(m->root_fd, path);

	if (view < 0)
		view = (int)syscall(SYS_openat2, m->root_fd, path, &how, sizeof(how));
	if (view < 0)
		return err_errno(err, -errno, "open %s", target);
	if (fstat(view, &st) < 0 || !S_ISDIR(st.st_mode)) {
		close(view);
		return err_errno(err, -ENOTDIR, "open %s", target);
	}
	*fd = view;
	return 0;
}
