// SPDX-License-Identifier: GPL-2.0-or-later
/* From the list of files to a filesystem in memory on run/initramfs (fsopen(2) and its kin, Linux 5.2). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/leave/exitrd.h"
#include "boot/leave/exitrd_tree.h"
#include "devices/cleanup.h"

/* Linux 6.5 puts a mount below the one that is there: then there is never none. */
#ifndef MOVE_MOUNT_BENEATH
#define MOVE_MOUNT_BENEATH 0x00000200
#endif

struct placing {
	struct machine *m;
	const struct exitrd_files *files;
	const char *target; /* as the system calls take it */
};

static int make_filesystem(size_t size, struct err *err)
{
	_cleanup_fd_ int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	char bytes[32];
	int fd;

	snprintf(bytes, sizeof(bytes), "%zu", size);
	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "source", "stillboot", 0) < 0 ||
		fsconfig(fs, FSCONFIG_SET_STRING, "size", bytes, 0) < 0 ||
		fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 ||
		fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_errno(err, -errno, "make a filesystem in memory for the exitrd");
	fd = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	return fd < 0 ? err_errno(err, -errno, "make a filesystem in memory for the exitrd") : fd;
}

/* In the child: nothing but what is in the tree. */
__attribute__((noreturn)) static void become(struct machine *m, int tree)
{
	static char name[] = "stillboot", option[] = "--version";
	char *const argv[] = {name, option, NULL}, *const env[] = {NULL};
	int null = openat(m->root_fd, "dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (fchdir(tree) == 0 && chroot(".") == 0)
		execve("/" EXITRD_PROGRAM, argv, env);
	_exit(126);
}

/* A library that is missing there would be the end of PID 1, and a panic. */
static int try(struct machine *m, int tree, struct err *err)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return err_errno(err, -errno, "try the exitrd");
	if (pid == 0)
		become(m, tree);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, -errno, "try the exitrd");
	return WIFEXITED(status) && WEXITSTATUS(status) == 0
		       ? 0
		       : err_set(err, -ENOEXEC,
				 "this program does not run in the exitrd: a library that it needs "
				 "is not found there");
}

/* In the place of an earlier one, of which nobody uses anything. */
static int put(const struct placing *p, int tree, struct err *err)
{
	if (exitrd_owner(p->m) == EXITRD_OURS) {
		int is_below = move_mount(tree, "", AT_FDCWD, p->target,
				       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_BENEATH) == 0;

		if (umount2(p->target, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
			return err_errno(
				err, -errno, "unmount the earlier exitrd on %s", p->target);
		if (is_below)
			return 0;
	}
	return move_mount(tree, "", AT_FDCWD, p->target, MOVE_MOUNT_F_EMPTY_PATH) < 0
		       ? err_errno(err, -errno, "mount the exitrd on %s", p->target)
		       : 0;
}

static int place(void *argument, struct err *err)
{
	const struct placing *p = argument;
	_cleanup_fd_ int tree = make_filesystem(exitrd_files_size(p->files), err);
	int is_new, rc;

	if (tree < 0)
		return tree;
	rc = exitrd_write_files(tree, p->files, err);
	if (rc == 0)
		rc = try(p->m, tree, err);
	if (rc < 0)
		return rc;
	is_new = mkdirat(p->m->root_fd, EXITRD_DIRECTORY, 0755) == 0;
	rc = put(p, tree, err);
	if (rc < 0 && is_new)
		unlinkat(p->m->root_fd, EXITRD_DIRECTORY, AT_REMOVEDIR);
	return rc;
}

int exitrd_place(struct machine *m, const struct exitrd_files *files, struct err *err)
{
	_cleanup_talloc_ char *target = talloc_asprintf(NULL, "%s/%s", m->root, EXITRD_DIRECTORY);
	struct placing placing = {m, files, target};
	char what[96];

	if (!target)
		return err_errno(err, -ENOMEM, "place the exitrd");
	snprintf(what, sizeof(what), "put an exitrd of %zu files, %zu MiB, on /%s", files->count,
		exitrd_files_size(files) >> 20, EXITRD_DIRECTORY);
	return m->effects->perform(m, what, place, &placing, err);
}
