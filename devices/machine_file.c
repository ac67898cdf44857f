// SPDX-License-Identifier: GPL-2.0-or-later
/* The real effects on files of whichever filesystem: an environment block, a boot counter, settings, an
 * EFI variable. Links are followed, but not out of the filesystem. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/machine.h"

static int open_below(int directory, const char *path, int flags, unsigned int resolve)
{
	struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve,
	};
	int fd;

	while (*path == '/')
		path++;
	fd = (int)syscall(SYS_openat2, directory, *path ? path : ".", &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

/* In this filesystem, and in none that is mounted within it. */
static int open_within(int directory, const char *path, int flags)
{
	return open_below(directory, path, flags, RESOLVE_NO_XDEV);
}

/* Of btrfs the top level (BTRFS_FS_TREE_OBJECTID), which paths are relative to; else it would be the
 * default subvolume, in which other files have the same names. */
static int configure(int fs, const struct machine_place *place)
{
	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", place->device, 0) < 0 ||
		(!strcmp(place->type, "btrfs") &&
			fsconfig(fs, FSCONFIG_SET_STRING, "subvolid", "5", 0) < 0))
		return -errno;
	return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ? -errno : 0;
}

/* Writable, in nobody's mount namespace. */
static int mount_for_now(const struct machine_place *place)
{
	_cleanup_fd_ int fs = fsopen(place->type, FSOPEN_CLOEXEC);
	int rc = fs < 0 ? -errno : configure(fs, place), mount;

	if (rc < 0)
		return rc;
	mount = fsmount(
		fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return mount < 0 ? -errno : mount;
}

/* A clone of the mount alone has what it was read from, also what another mount hides (volume_view()
 * looks at the same). Where we may not clone, what is hidden is not written: -EXDEV. */
static int open_target(struct machine *m, const struct machine_place *place)
{
	const char *path = place->target + strspn(place->target, "/");
	_cleanup_fd_ int fd = *m->root ? -1
				       : open_tree(m->root_fd, *path ? path : ".",
						 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	struct stat st;

	if (fd < 0)
		fd = open_below(m->root_fd, path, O_PATH | O_DIRECTORY, 0);
	if (fd < 0 || !place->target_inode)
		return fd_take(&fd);
	if (fstat(fd, &st) < 0)
		return -errno;
	return st.st_dev == place->target_device && st.st_ino == place->target_inode ? fd_take(&fd)
										     : -ESTALE;
}

static int open_place(struct machine *m, const struct machine_place *place, struct err *err)
{
	_cleanup_fd_ int mount = -1;
	int fd;

	if (place->target) {
		fd = open_target(m, place);
		if (fd == -ESTALE)
			return err_set(err, fd, "%s is another filesystem by now", place->target);
		return fd < 0 ? err_errno(err, fd, "open %s", place->target) : fd;
	}
	mount = mount_for_now(place);
	if (mount < 0)
		return err_errno(
			err, mount, "mount %s as %s to write on it", place->device, place->type);
	fd = open_within(mount, place->inside ? place->inside : "/", O_PATH | O_DIRECTORY);
	return fd < 0 ? err_errno(err, fd, "open %s on %s", place->inside, place->device) : fd;
}

static const char *name_of(const struct machine_place *place)
{
	return place->device ? place->device : place->target;
}

/* Opening a device to write would touch it. */
static int check_regular(int directory, const char *path)
{
	_cleanup_fd_ int fd = open_within(directory, path, O_PATH);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fd < 0 ? fd : -errno;
	return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

static int write_all(int fd, const char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(fd, data + done, len - done, (off_t)done);

		if (n == 0 || (n < 0 && errno != EINTR))
			return n ? -errno : -EIO;
		done += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int write_over(int fd, const char *data, size_t len)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size < len)
		return -EINVAL;
	return write_all(fd, data, len);
}

int machine_overwrite(struct machine *m, const struct machine_place *place, const char *path,
	const void *data, size_t len, struct err *err)
{
	_cleanup_fd_ int directory = open_place(m, place, err);
	_cleanup_fd_ int fd = -1;
	int rc;

	if (directory < 0)
		return directory;
	rc = check_regular(directory, path);
	if (rc == 0)
		rc = fd = open_within(directory, path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
	if (rc >= 0)
		rc = write_over(fd, data, len);
	return rc < 0 ? err_errno(err, rc, "write %s on %s", path, name_of(place)) : 0;
}

int machine_rename(struct machine *m, const struct machine_place *place, const char *path,
	const char *name, struct err *err)
{
	_cleanup_fd_ int root = open_place(m, place, err);
	_cleanup_fd_ int directory = -1;
	char above[PATH_MAX], old[PATH_MAX];
	int rc = 0;

	if (root < 0)
		return root;
	if (strlen(path) >= sizeof(above))
		return err_errno(err, -ENAMETOOLONG, "rename %s", path);
	if (strchr(name, '/'))
		return err_errno(err, -EINVAL, "rename %s to %s", path, name);
	strcpy(above, path);
	strcpy(old, path);
	directory = open_within(root, dirname(above), O_RDONLY | O_DIRECTORY);
	if (directory < 0)
		rc = directory;
	/* vfat knows no flags but this one. */
	else if (renameat2(directory, basename(old), directory, name, RENAME_NOREPLACE) < 0 ||
		 fsync(directory) < 0)
		rc = -errno;
	return rc < 0 ? err_errno(err, rc, "rename %s on %s to %s", path, name_of(place), name) : 0;
}

/* The directory at this path, made where it is not there. */
static int make_directory(int root, const char *path)
{
	char above_path[PATH_MAX], name[PATH_MAX];
	int fd = open_within(root, path, O_RDONLY | O_DIRECTORY);
	_cleanup_fd_ int above = -1;

	if (fd != -ENOENT)
		return fd;
	strcpy(above_path, path);
	strcpy(name, path);
	above = make_directory(root, dirname(above_path));
	if (above < 0)
		return above;
	if (mkdirat(above, basename(name), 0755) < 0 && errno != EEXIST)
		return -errno;
	if (fsync(above) < 0)
		return -errno;
	return open_within(root, path, O_RDONLY | O_DIRECTORY);
}

static int write_new(int directory, const char *name, const char *data, size_t len)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	_cleanup_fd_ int fd = openat(directory, name, flags, 0600);

	return fd < 0 ? -errno : write_all(fd, data, len);
}

/* Under another name first: whoever looks in between, or after power was lost, sees the old file or the
 * new one. */
static int put(int directory, const char *name, const void *data, size_t len)
{
	char fresh[NAME_MAX + 1];
	int rc;

	if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", name) >= sizeof(fresh))
		return -ENAMETOOLONG;
	unlinkat(directory, fresh, 0); /* of a time that ended before it was done */
	rc = write_new(directory, fresh, data, len);
	if (rc == 0 && renameat(directory, fresh, directory, name) < 0)
		rc = -errno;
	if (rc < 0)
		unlinkat(directory, fresh, 0);
	return rc;
}

int machine_replace(struct machine *m, const struct machine_place *place, const char *path,
	const void *data, size_t len, struct err *err)
{
	_cleanup_fd_ int root = open_place(m, place, err);
	_cleanup_fd_ int directory = -1;
	char above[PATH_MAX], name[PATH_MAX];
	int rc = 0;

	if (root < 0)
		return root;
	if (strlen(path) >= sizeof(above))
		return err_errno(err, -ENAMETOOLONG, "write %s", path);
	strcpy(above, path);
	strcpy(name, path);
	directory = data ? make_directory(root, dirname(above))
			 : open_within(root, dirname(above), O_RDONLY | O_DIRECTORY);
	if (directory < 0)
		rc = directory;
	else if (data)
		rc = put(directory, basename(name), data, len);
	else if (unlinkat(directory, basename(name), 0) < 0)
		rc = -errno;
	if (rc == 0 && fsync(directory) < 0)
		rc = -errno;
	return rc < 0 ? err_errno(err, rc, "%s %s on %s", data ? "write" : "remove", path,
				name_of(place))
		      : 0;
}

/* efivarfs makes what the kernel does not know immutable (fs/efivarfs/inode.c). */
static void make_mutable(struct machine *m, const char *path)
{
	_cleanup_fd_ int fd = openat(m->root_fd, path, O_RDONLY | O_CLOEXEC);
	int flags;

	if (fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && flags & FS_IMMUTABLE_FL) {
		flags &= ~FS_IMMUTABLE_FL;
		ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
}

int machine_write_efi_variable(
	struct machine *m, const char *path, const void *data, size_t len, struct err *err)
{
	_cleanup_fd_ int fd = -1;
	ssize_t n;

	make_mutable(m, path);
	if (!len) {
		if (unlinkat(m->root_fd, path, 0) < 0 && errno != ENOENT)
			return err_errno(err, -errno, "remove %s", path);
		return 0;
	}
	fd = openat(m->root_fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_errno(err, -errno, "open %s", path);
	n = write(fd, data, len);
	if (n != (ssize_t)len)
		return err_errno(err, n < 0 ? -errno : -EIO, "write %s", path);
	return 0;
}
