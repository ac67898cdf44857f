// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/jump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/cleanup.h"
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

/* A writable disk filesystem of any mount namespace, NULL if there is none. */
static const struct mount *writable_disk(const struct mount_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->mounts[i].writable && mount_is_on_disk(&list->mounts[i]))
			return &list->mounts[i];
	return NULL;
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
	mount = writable_disk(mounts);
	if (mount)
		return err_set(err, -EPERM,
			"%s is mounted read-write on %s; use `stillboot reboot`, which stops services and unmounts first, or --force to make it read-only and leave its disk as it is",
			mount->source, mount->target);
	if (*swaps)
		return err_set(err, -EPERM,
			"%s is in use as swap; use `stillboot reboot`, which stops services first, or --force to leave its disk as it is",
			*swaps);
	return 0;
}

int jump_check(struct machine *m, enum jump_mode mode, struct err *err)
{
	if (!in_initial_pid_namespace(m))
		return err_set(err, -EPERM,
			"this is a container (not the initial PID namespace): jump from the host");
	if (faccessat(m->root_fd, "proc/sysrq-trigger", W_OK, 0) < 0)
		return err_set(err, -EPERM,
			"there would be no way out if a driver hangs: /%s cannot be written (%s)",
			"proc/sysrq-trigger", strerror(errno));
	return mode == JUMP_FORCE ? 0 : check_disks(m, err);
}

int jump_settle_disks(struct machine *m, enum jump_mode mode, struct err *err)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct mount_list *mounts;
	int rc = m->effects->sync(m, err);

	if (rc < 0 || mode != JUMP_FORCE)
		return rc;
	rc = mounts_read_own(m, tmp, &mounts, err);
	if (rc < 0)
		return rc;
	for (size_t i = mounts->count; i-- > 0;) {
		const struct mount *mount = &mounts->mounts[i];

		if (!mount->writable || !mount_is_on_disk(mount))
			continue;
		rc = m->effects->remount_ro(m, mount->target, err);
		if (rc < 0)
			return err_wrap(err, rc,
				"%s cannot be made read-only; stop what writes to it, or use `stillboot reboot`",
				mount->source);
	}
	return 0;
}

static void keep_awake(struct machine *m, const struct pci_function *f)
{
	char path[96];
	struct err err;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/power/control", f->slot);
	if (faccessat(m->root_fd, path, F_OK, 0) == 0 &&
		m->effects->write_attr(m, path, "on", &err) < 0)
		log_debug("%s", err.text);
}

void jump_hold_bus(struct machine *m, const struct plan *plan)
{
	struct err err;

	if (!plan->count)
		return;
	if (m->effects->write_attr(m, "sys/bus/pci/drivers_autoprobe", "0", &err) < 0)
		log_debug("%s", err.text);
	/* An unbound function may be lost in D3cold when the port above it goes to sleep
	 * (drivers/pci/pci-driver.c, pci_pm_runtime_suspend). */
	for (size_t i = 0; i < plan->count; i++)
		if (plan->devices[i].action == PLAN_QUIESCE ||
			pci_is_bridge(plan->devices[i].function))
			keep_awake(m, plan->devices[i].function);
}

static int emergency_restart(struct machine *m, struct err *err)
{
	/* The kernel restarts inside this write (drivers/tty/sysrq.c, sysrq_handle_reboot). */
	return m->effects->write_attr(m, "proc/sysrq-trigger", "b", err);
}

int jump_go(struct machine *m, size_t hung, struct err *err)
{
	int rc;

	if (hung)
		return emergency_restart(m, err);
	rc = m->effects->reboot(m, MACHINE_REBOOT_KEXEC, err);
	if (rc == 0)
		return 0;
	log_error("%s; restarting through the firmware", err->text);
	if (m->effects->reboot(m, MACHINE_REBOOT_FIRMWARE, err) == 0)
		return 0;
	log_error("%s; emergency restart", err->text);
	return emergency_restart(m, err);
}
