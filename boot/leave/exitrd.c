// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/leave/exitrd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/leave/exitrd_target.h"
#include "boot/leave/exitrd_tree.h"
#include "devices/cleanup.h"

static int is_there(struct machine *m, const char *path)
{
	return faccessat(m->root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

enum exitrd_owner exitrd_owner(struct machine *m)
{
	static const char *const foreign[] = {
		EXITRD_DIRECTORY "/" EXITRD_PROGRAM,
		EXITRD_DIRECTORY "/bin/sh",
		EXITRD_DIRECTORY "/.need_shutdown",
	};

	if (is_there(m, EXITRD_DIRECTORY "/" EXITRD_TARGET))
		return EXITRD_OURS;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		if (is_there(m, foreign[i]))
			return EXITRD_FOREIGN;
	return EXITRD_NONE;
}

static int add_directories(struct exitrd_files *files)
{
	static const char *const names[] = {EXITRD_OLD_ROOT, "dev", "proc", "sys", "run", "tmp"};
	int rc = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && rc == 0; i++) {
		const struct exitrd_file directory = {names[i], S_IFDIR | 0755, -1, NULL, 0, 0};

		rc = exitrd_files_add(files, &directory);
	}
	return rc;
}

static int add_bytes(struct exitrd_files *files, const char *path, const void *bytes, size_t size)
{
	const struct exitrd_file file = {path, 0600, -1, bytes, size, 0};

	return exitrd_files_add(files, &file);
}

static int add_pinned(
	struct exitrd_files *files, const char *path, int fd, size_t size, size_t room)
{
	const struct exitrd_file file = {
		path, 0600, fcntl(fd, F_DUPFD_CLOEXEC, 0), NULL, size, room};

	return file.fd < 0 ? -errno : exitrd_files_add(files, &file);
}

static char *write_target(void *ctx, const struct exitrd *what)
{
	char *text = exitrd_target_write(what), *copy = text ? talloc_strdup(ctx, text) : NULL;

	free(text);
	return copy;
}

static int add_target(struct exitrd_files *files, const struct exitrd *what)
{
	const struct pinned *p = what->pinned;
	char *target = write_target(files, what);
	int rc = target ? add_directories(files) : -ENOMEM;

	if (rc == 0)
		rc = add_bytes(files, EXITRD_TARGET, target, strlen(target));
	if (rc == 0)
		rc = add_bytes(files, EXITRD_CMDLINE, p->cmdline, strlen(p->cmdline));
	if (rc == 0)
		rc = add_bytes(files, EXITRD_DECISION, what->decision, what->decision_len);
	if (rc == 0)
		rc = add_pinned(files, EXITRD_KERNEL, p->kernel_fd, p->kernel_size, 0);
	if (rc == 0 && p->initrd_fd >= 0)
		rc = add_pinned(
			files, EXITRD_INITRD, p->initrd_fd, p->initrd_size, p->handoff_room);
	return rc;
}

/* A filesystem in memory does not say that it is too much: the kernel would kill somebody. */
static int check_memory(struct machine *m, const struct exitrd_files *files, struct err *err)
{
	size_t needed = exitrd_files_size(files), available = pin_memory_available(m);

	if (needed <= available)
		return 0;
	return err_set(err, -ENOMEM,
		"not enough memory for the exitrd: it takes %zu MiB, %zu MiB are available",
		needed >> 20, available >> 20);
}

int exitrd_build(struct machine *m, const struct exitrd *what, struct err *err)
{
	_cleanup_talloc_ struct exitrd_files *files = exitrd_files_new(NULL);
	int rc;

	if (exitrd_owner(m) == EXITRD_FOREIGN)
		return err_set(err, -EEXIST,
			"/%s belongs to somebody else (dracut?), whose shutdown program stays",
			EXITRD_DIRECTORY);
	rc = files ? add_target(files, what) : -ENOMEM;
	if (rc < 0)
		return err_errno(err, rc, "prepare the exitrd");
	rc = exitrd_add_program(m, files, err);
	if (rc == 0)
		rc = check_memory(m, files, err);
	return rc < 0 ? rc : exitrd_place(m, files, err);
}

static int unmount(void *argument, struct err *err)
{
	struct machine *m = argument;
	_cleanup_talloc_ char *target = talloc_asprintf(NULL, "%s/%s", m->root, EXITRD_DIRECTORY);

	if (!target)
		return err_errno(err, -ENOMEM, "unmount the exitrd");
	if (umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
		return err_errno(err, -errno, "unmount the exitrd on %s", target);
	unlinkat(m->root_fd, EXITRD_DIRECTORY,
		AT_REMOVEDIR); /* unless somebody has something there */
	return 0;
}

int exitrd_remove(struct machine *m, struct err *err)
{
	if (exitrd_owner(m) != EXITRD_OURS)
		return 0;
	return m->effects->perform(m, "unmount the exitrd on /" EXITRD_DIRECTORY, unmount, m, err);
}
