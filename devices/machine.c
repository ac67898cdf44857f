// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/machine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "devices/cleanup.h"

int machine_open(struct machine *m, const char *root, struct err *err)
{
	int fd = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, -errno, "open the root directory '%s'", root);
	*m = (struct machine){
		.root_fd = fd,
		.root = root && strcmp(root, "/") ? root : "",
		.effects = &machine_linux_effects,
	};
	return 0;
}

void machine_close(struct machine *m)
{
	close(m->root_fd);
	m->root_fd = -1;
}

int machine_openat(struct machine *m, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT,
	};

	/* The running machine needs no such care, and its sandboxes may not know the call. */
	if (!*m->root)
		return openat(m->root_fd, path, flags | O_CLOEXEC);
	return (int)syscall(SYS_openat2, m->root_fd, path, &how, sizeof(how));
}

/* Attributes of sysfs and procfs do not know their size: read until the end, up to the limit. */
static int read_all(int fd, char *buf, size_t limit, size_t *len)
{
	size_t n = 0;

	while (n < limit) {
		ssize_t got = read(fd, buf + n, limit - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*len = n;
	return 0;
}

int machine_read_file(
	struct machine *m, void *ctx, const char *path, size_t limit, char **text, struct err *err)
{
	_cleanup_fd_ int fd = machine_openat(m, path, O_RDONLY | O_NONBLOCK);
	_cleanup_talloc_ char *buf = NULL;
	size_t size = 4096, len = 0;
	int rc;

	if (fd < 0)
		return err_errno(err, -errno, "open %s", path);
	/* Most files are tiny; only those that fill a page are read again with the whole limit. */
	for (;;) {
		if (size > limit)
			size = limit + 1;
		talloc_free(buf);
		buf = talloc_array(ctx, char, size + 1);
		if (!buf)
			return err_errno(err, -ENOMEM, "read %s", path);
		rc = read_all(fd, buf, size, &len);
		if (rc < 0)
			return err_errno(err, rc, "read %s", path);
		if (len < size)
			break;
		if (size > limit)
			return err_set(err, -EFBIG, "%s is larger than %zu bytes", path, limit);
		size *= 16;
		if (lseek(fd, 0, SEEK_SET) < 0)
			return err_errno(err, -errno, "read %s again", path);
	}
	if (len && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	*text = buf;
	buf = NULL;
	return 0;
}

char *machine_link_name(struct machine *m, void *ctx, const char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(m->root_fd, path, target, sizeof(target) - 1);
	const char *slash;

	if (len < 0)
		return NULL;
	target[len] = '\0';
	slash = strrchr(target, '/');
	return talloc_strdup(ctx, slash ? slash + 1 : target);
}

char **machine_list_names(struct machine *m, void *ctx, const char *path)
{
	int fd = machine_openat(m, path, O_RDONLY | O_DIRECTORY);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char **names = dir ? talloc_zero_array(ctx, char *, 16) : NULL;
	struct dirent *entry;
	size_t count = 0;

	while (names && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		names[count] = talloc_strdup(names, entry->d_name);
		if (!names[count])
			return NULL;
		if (++count == talloc_array_length(names))
			names = talloc_realloc(ctx, names, char *, count * 2);
		if (names)
			names[count] = NULL;
	}
	return names;
}
