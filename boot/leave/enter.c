// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/leave/enter.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "boot/leave/exitrd.h"

#define ROOT "/" EXITRD_DIRECTORY

/* What lies below /run is not taken along: this tree does. */
static const struct shared {
	const char *name;
	unsigned long flags;
} shared[] = {
	{"/dev", MS_BIND | MS_REC},
	{"/proc", MS_BIND | MS_REC},
	{"/sys", MS_BIND | MS_REC},
	{"/run", MS_BIND},
};

#define SHARED (sizeof(shared) / sizeof(*shared))

static void undo(size_t count)
{
	char target[64];

	while (count--) {
		snprintf(target, sizeof(target), "%s%s", ROOT, shared[count].name);
		umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW);
	}
}

static int prepare(void *argument, struct err *err)
{
	char target[64];

	(void)argument;
	for (size_t i = 0; i < SHARED; i++) {
		int rc;

		snprintf(target, sizeof(target), "%s%s", ROOT, shared[i].name);
		/* Private: undoing it is not to undo the original. */
		if (mount(shared[i].name, target, NULL, shared[i].flags, NULL) == 0 &&
			mount(NULL, target, NULL, MS_REC | MS_PRIVATE, NULL) == 0)
			continue;
		rc = err_errno(err, -errno, "make %s appear in the exitrd", shared[i].name);
		undo(i + 1);
		return rc;
	}
	return 0;
}

/* The first initramfs cannot be moved away (pivot_root(2)): then the new root goes above it. */
static int change_root(void)
{
	/* Else the kernel refuses to move what other namespaces would see move. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || chdir(ROOT) < 0)
		return -errno;
	if (syscall(SYS_pivot_root, ".", EXITRD_OLD_ROOT) == 0)
		return chroot(".") < 0 ? -errno : 0;
	if (errno != EINVAL || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0)
		return -errno;
	return 0;
}

static int go(void *argument, struct err *err)
{
	char *const *argv = argument;
	char *const none[] = {NULL};
	int rc = change_root();

	if (rc < 0 || chdir("/") < 0)
		return err_errno(err, rc < 0 ? rc : -errno, "move into the exitrd");
	execve("/" EXITRD_PROGRAM, argv, none);
	return err_errno(err, -errno, "go on in the exitrd");
}

int enter_prepare(struct machine *m, struct err *err)
{
	return m->effects->perform(
		m, "make /dev, /proc, /sys and /run appear in the exitrd", prepare, m, err);
}

int enter_go(struct machine *m, const char *const argv[], struct err *err)
{
	return m->effects->perform(m, "move into the exitrd", go, (void *)(uintptr_t)argv, err);
}
