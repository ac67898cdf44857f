// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/btrfs.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/cleanup.h"

/* Made by the driver. Where somebody took it away the mount will say what is missing. */
#define CONTROL "/dev/btrfs-control"

int btrfs_scan(const char *device, struct err *err)
{
	_cleanup_fd_ int control = open(CONTROL, O_RDWR | O_CLOEXEC);
	struct btrfs_ioctl_vol_args args = {0};

	if (control < 0)
		return 0;
	snprintf(args.name, sizeof(args.name), "%s", device);
	/* It scans the device first; 1 if others are missing. */
	if (ioctl(control, BTRFS_IOC_DEVICES_READY, &args) > 0)
		return err_set(err, -EAGAIN,
			"other disks of this btrfs filesystem are missing; it is not mounted "
			"without them");
	return 0;
}

/* One item of the tree of roots: the first with this object and type. Returns its length and the key's
 * offset, or a negative errno. */
static int root_item(
	int fd, uint64_t object, uint32_t type, void *item, size_t size, uint64_t *offset)
{
	struct btrfs_ioctl_search_args args = {
		.key = {.tree_id = BTRFS_ROOT_TREE_OBJECTID,
			.min_objectid = object,
			.max_objectid = object,
			.min_type = type,
			.max_type = type,
			.max_offset = UINT64_MAX,
			.max_transid = UINT64_MAX,
			.nr_items = 1},
	};
	struct btrfs_ioctl_search_header header;

	if (ioctl(fd, BTRFS_IOC_TREE_SEARCH, &args) < 0)
		return -errno;
	if (!args.key.nr_items)
		return -ENOENT;
	memcpy(&header, args.buf, sizeof(header));
	if (header.objectid != object || header.type != type || header.len > size ||
		header.len > sizeof(args.buf) - sizeof(header))
		return -ENOENT;
	memcpy(item, args.buf + sizeof(header), header.len);
	*offset = header.offset;
	return (int)header.len;
}

/* The number of the default subvolume; the top level's where there is none. */
static uint64_t default_subvolume(int fd)
{
	uint8_t item[512];
	struct btrfs_dir_item entry;
	uint64_t offset;
	int len = root_item(
		fd, BTRFS_ROOT_TREE_DIR_OBJECTID, BTRFS_DIR_ITEM_KEY, item, sizeof(item), &offset);

	if (len < (int)sizeof(entry))
		return BTRFS_FS_TREE_OBJECTID;
	memcpy(&entry, item, sizeof(entry));
	return le64toh(entry.location.objectid);
}

/* Put "part" and a slash in front of the path. */
static int prepend(char path[BTRFS_PATH_MAX], const char *part, size_t len)
{
	size_t old = strlen(path), slash = old && len && part[len - 1] != '/';

	if (old + slash + len >= BTRFS_PATH_MAX)
		return -ENAMETOOLONG;
	memmove(path + len + slash, path, old + 1);
	memcpy(path, part, len);
	if (slash)
		path[len] = '/';
	return 0;
}

/* The path of a subvolume from the top level, from the inside out. */
static int path_of(int fd, uint64_t id, char path[BTRFS_PATH_MAX])
{
	enum { DEPTH_MAX = 16 };

	*path = '\0';
	for (int depth = 0; id != BTRFS_FS_TREE_OBJECTID; depth++) {
		uint8_t item[512];
		struct btrfs_root_ref ref;
		struct btrfs_ioctl_ino_lookup_args dir = {0};
		int len = root_item(fd, id, BTRFS_ROOT_BACKREF_KEY, item, sizeof(item), &id);

		if (len < (int)sizeof(ref) || depth == DEPTH_MAX)
			return -ENOENT;
		memcpy(&ref, item, sizeof(ref));
		if (len < (int)sizeof(ref) + le16toh(ref.name_len))
			return -ENOENT;
		dir.treeid = id;
		dir.objectid = le64toh(ref.dirid);
		if (prepend(path, (char *)item + sizeof(ref), le16toh(ref.name_len)) < 0 ||
			ioctl(fd, BTRFS_IOC_INO_LOOKUP, &dir) < 0 ||
			prepend(path, dir.name, strnlen(dir.name, sizeof(dir.name))) < 0)
			return -ENOENT;
	}
	return *path ? 0 : -ENOENT;
}

static bool is_there(int fd, const char *path)
{
	struct stat st;

	return fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Debian, Ubuntu and openSUSE, Fedora, and what users make of them. */
static bool has_known_name(const char *name)
{
	static const char *const names[] = {
		"@", "@rootfs", "@root", "root", "rootfs", "@boot", "boot"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static bool looks_bootable(int fd)
{
	static const char *const signs[] = {"boot", "loader", "grub", "grub2", "extlinux", "EFI"};

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (is_there(fd, signs[i]))
			return true;
	return false;
}

static bool is_snapshot(int fd)
{
	static const uint8_t none[BTRFS_UUID_SIZE];
	struct btrfs_ioctl_get_subvol_info_args info = {0};

	/* It returns 1 where it met the end of the tree. */
	return ioctl(fd, BTRFS_IOC_GET_SUBVOL_INFO, &info) >= 0 &&
	       memcmp(info.parent_uuid, none, sizeof(none));
}

static bool is_view(int top_fd, const char *name)
{
	_cleanup_fd_ int fd = openat(
		top_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	/* The root directory of every subvolume has this number. */
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != BTRFS_FIRST_FREE_OBJECTID)
		return false;
	return has_known_name(name) || (looks_bootable(fd) && !is_snapshot(fd));
}

static bool has_view(const struct btrfs_views *views, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(views->path[i], path))
			return true;
	return false;
}

void btrfs_find_views(int top_fd, struct btrfs_views *views)
{
	int fd = openat(top_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint64_t id;
	size_t count = 0;

	*views = (struct btrfs_views){0};
	if (!dir)
		return;
	id = default_subvolume(fd);
	if (id != BTRFS_FS_TREE_OBJECTID && path_of(fd, id, views->path[0]) == 0) {
		views->default_first = 1;
		count = 1;
	} else {
		*views->path[0] = '\0';
	}
	/* The last stays empty: it ends the list. */
	while (count < BTRFS_VIEWS_MAX - 1 && (entry = readdir(dir)))
		if (*entry->d_name != '.' && strlen(entry->d_name) < BTRFS_PATH_MAX &&
			!has_view(views, count, entry->d_name) && is_view(fd, entry->d_name))
			strcpy(views->path[count++], entry->d_name);
}
