// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "boot/volume/loop.h"
#include "boot/volume/read_only.h"
#include "boot/volume/btrfs.h"
#include "devices/cleanup.h"

#define HARMLESS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* What keeps a filesystem from replaying its journal although it is mounted read-only. What is not
 * here has none (vfat, exfat, iso9660, squashfs, erofs, udf, minix), leaves it alone when it is
 * read-only (jfs, hfsplus: fs/jfs/super.c, fs/hfsplus/super.c), or refuses a read-only device whose
 * journal is not empty (reiserfs: fs/reiserfs/journal.c, journal_read_transaction; ntfs3:
 * fs/ntfs3/fslog.c, log_replay). */
static const struct {
	const char *type, *option, *value; /* a flag where value is NULL */
} options[] = {
	{"ext3", "noload", NULL}, /* Documentation/filesystems/ext4.rst; ext4 does ext3 */
	{"ext4", "noload", NULL},
	/* The superblock may say that an error is to end in a panic (same document, "errors"). */
	{"ext2", "errors", "continue"}, {"ext3", "errors", "continue"},
	{"ext4", "errors", "continue"},
	{"vfat", "errors", "continue"}, /* Documentation/filesystems/vfat.rst */
	{"exfat", "errors", "continue"},
	{"xfs", "norecovery", NULL}, /* Documentation/admin-guide/xfs.rst */
	/* Two disks of which one is a copy of the other: the same document. */
	{"xfs", "nouuid", NULL}, {"btrfs", "rescue", "nologreplay"}, /* btrfs(5), "Mount options" */
	{"btrfs", "subvolid", "5"}, /* the top level: BTRFS_FS_TREE_OBJECTID */
	/* As disable_roll_forward (fs/f2fs/super.c, f2fs_fill_super): what was synced since the last
	 * checkpoint is looked for, and left. */
	{"f2fs", "norecovery", NULL},
	{"nilfs2", "norecovery", NULL}, /* Documentation/filesystems/nilfs2.rst */
};

/* Those that write nothing to a read-only device when they are mounted so: this is tested
 * (tests/vm/test_filesystems.py), and stands in their sources. A read-only device by itself does not keep
 * them from it: the kernel only warns (block/blk-core.c, bio_check_ro). f2fs, for one, writes inodes when
 * files were synced after its last checkpoint. What is not here is mounted through a loop device that cannot
 * write. */
static const char *const harmless[] = {
	"ext2", "ext3", "ext4", "xfs", "btrfs", "vfat", "iso9660", "squashfs", "erofs"};

static bool is_harmless(const char *type)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (!strcmp(type, harmless[i]))
			return true;
	return false;
}

/* Where libblkid and the kernel call it differently. */
static const struct {
	const char *type, *driver;
} drivers[] = {
	{"ntfs", "ntfs3"},
};

static const char *driver_of(const char *type)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++)
		if (!strcmp(type, drivers[i].type))
			return drivers[i].driver;
	return type;
}

static int configure(int fs, const char *device, const char *type)
{
	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", device, 0) < 0 ||
		fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		unsigned int command = options[i].value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;

		if (!strcmp(type, options[i].type) &&
			fsconfig(fs, command, options[i].option, options[i].value, 0) < 0)
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

/* Create the superblock: the moment at which a filesystem may want to write. */
static int create(int fs, const char *device, int read_only_socket)
{
	_cleanup_fd_ int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc;

	if (fd < 0)
		return -errno;
	rc = read_only_set(read_only_socket, fd);
	if (rc < 0)
		return rc;
	return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ? -errno : 0;
}

static int refuse(const char *device, const char *type, int rc, struct err *err)
{
	if (rc == -EROFS)
		return err_set(err, rc,
			"%s was not unmounted, and %s cannot be read without replaying its "
			"journal, which would write to it",
			device, type);
	return err_errno(err, rc, "mount %s as %s", device, type);
}

static int mount_source(int fs, const char *source, const char *device, const char *type,
	int read_only_socket, struct err *err)
{
	int rc = configure(fs, source, type);

	if (rc == 0)
		rc = create(fs, source, read_only_socket);
	return rc < 0 ? refuse(device, type, rc, err) : 0;
}

/* The loop device is kept by the mount. */
static int mount_through_loop(
	int fs, const char *device, const char *type, int read_only_socket, struct err *err)
{
	char name[LOOP_NAME_MAX], path[LOOP_NAME_MAX + sizeof("/dev/")];
	_cleanup_fd_ int loop = loop_over_device(device, name, err);

	if (loop < 0)
		return err_wrap(err, loop, "mount %s as %s", device, type);
	snprintf(path, sizeof(path), "/dev/%s", name);
	return mount_source(fs, path, device, type, read_only_socket, err);
}

int volume_mount(
	const char *device, const char *type, int read_only_socket, int *fd, struct err *err)
{
	int rc = claim_for_a_moment(device);
	_cleanup_fd_ int fs = -1;
	int mount;

	if (rc < 0)
		return err_errno(err, rc, "open %s", device);
	fs = fsopen(driver_of(type), FSOPEN_CLOEXEC);
	if (fs < 0 && errno == ENODEV)
		return err_set(err, -ENOPKG, "the kernel has no driver for %s", type);
	if (fs < 0)
		return refuse(device, type, -errno, err);
	/* Its driver is there now, and the driver's device. */
	if (!strcmp(type, "btrfs"))
		rc = btrfs_scan(device, err);
	if (rc < 0)
		return rc;
	rc = is_harmless(type) ? mount_source(fs, device, device, type, read_only_socket, err)
			       : mount_through_loop(fs, device, type, read_only_socket, err);
	if (rc < 0)
		return rc;
	mount = fsmount(fs, FSMOUNT_CLOEXEC, HARMLESS);
	if (mount < 0)
		return refuse(device, type, -errno, err);
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
