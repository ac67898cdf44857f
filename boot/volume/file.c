// SPDX-License-Identifier: GPL-2.0-or-later
/* Files within a volume. Names and contents are whatever the disk says. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/volume/volume.h"
#include "devices/cleanup.h"

static const char *from_top(const char *path)
{
	path += strspn(path, "/");
	return *path ? path : ".";
}

const char *volume_path(const struct volume *v, const char *path)
{
	size_t len = strlen(v->root);

	return len > 1 && !strncmp(path, v->root, len) && path[len] == '/' ? path + len : path;
}

static const char *within(const struct volume *v, const char *path)
{
	return from_top(volume_path(v, path));
}

int volume_open_any(const struct volume *v, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	if (v->flags & VOLUME_ONE_MOUNT)
		how.resolve |= RESOLVE_NO_XDEV;
	fd = (int)syscall(SYS_openat2, v->fd, within(v, path), &how, sizeof(how));
	/* What lies in another part of the filesystem: "/@boot/vmlinuz" asked of "/@". */
	if (fd < 0 && errno == ENOENT && v->flags & VOLUME_HAS_TOP)
		fd = (int)syscall(SYS_openat2, v->top_fd, from_top(path), &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

/* A name in a directory that is open needs no walk, which is what costs time. */
static int open_name(const struct volume *v, int directory, const char *name, int flags)
{
	struct open_how how = {.flags = (unsigned int)flags | O_CLOEXEC | O_NOFOLLOW};
	int fd;

	if (v->flags & VOLUME_ONE_MOUNT)
		how.resolve = RESOLVE_NO_XDEV;
	fd = (int)syscall(SYS_openat2, directory, name, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

static const char *kind_of(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory";
	if (S_ISFIFO(mode))
		return "a FIFO";
	if (S_ISSOCK(mode))
		return "a socket";
	return "a device";
}

static int check_regular(
	const struct volume *v, const char *path, int fd, struct stat *st, struct err *err)
{
	if (fd < 0)
		return err_errno(err, fd, "open %s on %s", path, volume_name(v));
	if (fstat(fd, st) < 0)
		return err_errno(err, -errno, "open %s on %s", path, volume_name(v));
	if (!S_ISREG(st->st_mode))
		return err_set(err, -EINVAL, "%s on %s is %s, not a file", path, volume_name(v),
			kind_of(st->st_mode));
	return 0;
}

int volume_has(const struct volume *v, const char *path, struct err *err)
{
	_cleanup_fd_ int fd = volume_open_any(v, path, O_PATH);
	struct stat st;

	return check_regular(v, path, fd, &st, err);
}

/* If it is another file than it was a moment ago, opening it does not block at least. */
#define READ_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)

static int open_file(
	const struct volume *v, const char *path, int *fd, struct stat *st, struct err *err)
{
	int rc = volume_has(v, path, err);
	_cleanup_fd_ int file = -1;

	if (rc < 0)
		return rc;
	file = volume_open_any(v, path, READ_FLAGS);
	rc = check_regular(v, path, file, st, err);
	if (rc == 0)
		*fd = fd_take(&file);
	return rc;
}

int volume_open(const struct volume *v, const char *path, int *fd, struct err *err)
{
	struct stat st;

	return open_file(v, path, fd, &st, err);
}

int volume_open_match(const struct volume *v, const struct volume_match *match, int *fd,
	struct stat *st, struct err *err)
{
	_cleanup_fd_ int file = -1;
	int rc = 0;

	if (!match->directory)
		return open_file(v, match->path, fd, st, err);
	file = open_name(v, match->directory->fd, match->path + match->name, READ_FLAGS);
	if (file < 0 || !match->inode) {
		rc = check_regular(v, match->path, file, st, err);
	} else {
		*st = (struct stat){
			.st_dev = match->directory->device, .st_ino = match->inode, .st_size = -1};
	}
	if (rc == 0)
		*fd = fd_take(&file);
	return rc;
}

static ssize_t read_up_to(int fd, char *buf, size_t limit)
{
	size_t len = 0;

	while (len < limit) {
		ssize_t n = read(fd, buf + len, limit - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int volume_read_open(const struct volume *v, void *ctx, const char *path, int fd,
	const struct stat *st, size_t limit, char **bytes, size_t *len, struct err *err)
{
	_cleanup_talloc_ char *buf = NULL;
	ssize_t n;

	if ((size_t)st->st_size > limit)
		return err_set(err, -EFBIG, "%s on %s is larger than %zu bytes", path,
			volume_name(v), limit);
	limit = (size_t)st->st_size;
	buf = talloc_array(ctx, char, limit + 1);
	if (!buf)
		return err_errno(err, -ENOMEM, "read %s", path);
	n = read_up_to(fd, buf, limit);
	if (n < 0)
		return err_errno(err, (int)n, "read %s on %s", path, volume_name(v));
	buf[n] = '\0';
	*len = (size_t)n;
	*bytes = buf;
	buf = NULL;
	return 0;
}

int volume_read(const struct volume *v, void *ctx, const char *path, size_t limit, char **bytes,
	size_t *len, struct err *err)
{
	_cleanup_fd_ int fd = -1;
	struct stat st;
	int rc = open_file(v, path, &fd, &st, err);

	return rc < 0 ? rc : volume_read_open(v, ctx, path, fd, &st, limit, bytes, len, err);
}
