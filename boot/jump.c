// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/jump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/deadline.h"
#include "devices/log.h"
#include "devices/mounts.h"

/* include/linux/proc_ns.h, PROC_PID_INIT_INO 0xEFFFFFFC: the first PID namespace's number. */
#define INITIAL_PID_NAMESPACE "pid:[4026531836]"

static int in_initial_pid_namespace(struct machine *m)
{
	char target[64];
	ssize_t len = readlinkat(m->root_fd, "proc/self/ns/pid", target, sizeof(target) - 1);

	if (len < 0) /* no procfs or no namespaces: then there is only one */
		return 1;
	target[len] = '\0';
	return !strcmp(target, INITIAL_PID_NAMESPACE);
}

/* Swap in compressed memory is no disk; it is given up with the rest of the memory. */
static const char *disk_swap(char **swaps)
{
	while (*swaps && !strncmp(*swaps, "/dev/zram", 9))
		swaps++;
	return *swaps;
}

static int check_disks(struct machine *m, struct err *err)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct mount_list *mounts;
	const struct mount *mount;
	char **swaps;
	int rc = mounts_read_all(m, tmp, &mounts, err);

	if (rc == 0)
		rc = swaps_read(m, tmp, &swaps, err);
	if (rc < 0)
		return rc;
	mount = mounts_writable_disk(mounts);
	if (mount)
		return err_set(err, -EPERM,
			"%s is mounted read-write on %s; use `stillboot reboot`, which stops "
			"services and unmounts first, or --force to make it read-only and leave "
			"its disk as it is",
			mount->source, mount->target);
	if (disk_swap(swaps))
		return err_set(err, -EPERM,
			"%s is in use as swap; use `stillboot reboot`, which stops services first, "
			"or --force to leave its disk as it is",
			disk_swap(swaps));
	return 0;
}

/* Everything that is opened goes through the root directory, the emergency restart too: on a network
 * filesystem that ends when the network card is unbound. */
static int check_root(struct machine *m, struct err *err)
{
	static const char *const network[] = {"nfs", "nfs4", "cifs", "smb3", "ceph", "9p", "fuse"};
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct mount_list *mounts;
	const char *type = "";

	if (mounts_read_own(m, tmp, &mounts, NULL) < 0)
		return 0;
	for (size_t i = 0; i < mounts->count; i++)
		if (!strcmp(mounts->mounts[i].target, "/"))
			type = mounts->mounts[i].type;
	for (size_t i = 0; i < sizeof(network) / sizeof(*network); i++)
		if (!strcmp(type, network[i]) || !strncmp(type, "fuse.", 5))
			return err_set(err, -EPERM,
				"the root filesystem (%s) would be gone before the jump; jump from "
				"an initramfs",
				type);
	return 0;
}

int jump_check(struct machine *m, enum jump_mode mode, struct err *err)
{
	int rc;

	if (!in_initial_pid_namespace(m))
		return err_set(err, -EPERM,
			"this is a container (not the initial PID namespace): jump from the host");
	/* A captured tree has none, and needs none. */
	if (faccessat(m->root_fd, "proc/sysrq-trigger", W_OK, 0) < 0 &&
		!(errno == ENOENT && *m->root))
		return err_set(err, -EPERM,
			"there would be no way out if a driver hangs: /%s cannot be written (%s)",
			"proc/sysrq-trigger", strerror(errno));
	rc = mode == JUMP_FROM_EXITRD ? 0 : check_root(m, err);
	return rc < 0 || mode != JUMP_NOTHING_IN_USE ? rc : check_disks(m, err);
}

/* Dirty and Writeback, in KiB; 0 if they are not to be known. */
static uint64_t unwritten(struct machine *m)
{
	static const char *const rows[] = {"\nDirty:", "\nWriteback:"};
	_cleanup_talloc_ char *text = NULL;
	uint64_t sum = 0;

	if (machine_read_file(m, NULL, "proc/meminfo", 65536, &text, NULL) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *row = strstr(text, rows[i]);

		sum += row ? strtoull(row + strlen(rows[i]), NULL, 10) : 0;
	}
	return sum;
}

static int write_out(void *argument, struct err *err)
{
	struct machine *m = argument;

	return m->effects->sync(m, err);
}

int jump_write(struct machine *m, unsigned int ms, enum jump_patience patience,
	machine_action *action, void *argument, struct err *err)
{
	uint64_t left = unwritten(m), before;
	int rc;

	do {
		before = left;
		rc = deadline_run(ms, action, argument, err);
		left = unwritten(m);
	} while (rc == -ETIME && patience == JUMP_WHILE_WRITING && left < before);
	return rc;
}

int jump_sync(struct machine *m, unsigned int ms, enum jump_patience patience, struct err *err)
{
	int rc;

	if (m->effects->pretends)
		return m->effects->sync(m, err);
	rc = jump_write(m, ms, patience, write_out, m, err);
	return rc < 0 ? err_wrap(err, rc, "write all data to the disks") : 0;
}

int jump_settle_disks(struct machine *m, enum jump_mode mode, struct err *err)
{
	int rc = jump_sync(m, JUMP_SYNC_MS, JUMP_WHILE_WRITING, err);

	if (rc < 0 || mode != JUMP_FORCE)
		return rc;
	rc = m->effects->remount_ro(m, err);
	return rc < 0 ? err_wrap(err, rc,
				"make all disks read-only; `mount -o remount,rw` undoes it")
		      : 0;
}

static int emergency_restart(struct machine *m, struct err *err)
{
	/* The kernel restarts inside this write (drivers/tty/sysrq.c, sysrq_handle_reboot). */
	return m->effects->write_attr(m, "proc/sysrq-trigger", "b", err);
}

int jump_has_crash_kernel(struct machine *m)
{
	_cleanup_talloc_ char *text = NULL;

	return machine_read_file(m, NULL, "sys/kernel/kexec_crash_loaded", 16, &text, NULL) == 0 &&
	       text[0] == '1';
}

int jump_out(struct machine *m, enum jump_on_hang how, struct err *err)
{
	/* A crash that nobody catches would leave the machine in panic() for as long as it likes. */
	if (how == JUMP_HANG_CRASH && jump_has_crash_kernel(m) &&
		m->effects->write_attr(m, "proc/sysrq-trigger", "c", err) == 0 &&
		!m->effects->parallel)
		return 0; /* a machine that does not act */
	return emergency_restart(m, err);
}

int jump_off(struct machine *m, struct err *err)
{
	/* A worker of the kernel's does it then (kernel/power/poweroff.c, handle_poweroff). */
	int rc = m->effects->write_attr(m, "proc/sysrq-trigger", "o", err);

	return rc < 0 ? rc : m->effects->settle(m, JUMP_OFF_MS, err);
}

int jump_go(struct machine *m, struct err *err)
{
	if (m->effects->reboot(m, MACHINE_REBOOT_KEXEC, err) == 0)
		return 0;
	log_error("%s; restarting through the firmware", err->text);
	if (m->effects->reboot(m, MACHINE_REBOOT_FIRMWARE, err) == 0)
		return 0;
	log_error("%s; emergency restart", err->text);
	return emergency_restart(m, err);
}
