// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/leave/firmware.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/jump.h"
#include "devices/cleanup.h"
#include "devices/deadline.h"
#include "devices/log.h"

#define DIRECTORY "sys/firmware/efi/efivars"
/* EFI_GLOBAL_VARIABLE (UEFI 2.10, 3.3). */
#define GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define INDICATIONS DIRECTORY "/OsIndications-" GLOBAL
#define BOOT_NEXT DIRECTORY "/BootNext-" GLOBAL
#define ATTRIBUTES_SIZE 4 /* bytes before the value (efivarfs) */

static const struct indication {
	unsigned char bit; /* of the first byte */
	const char *why;
} indications[] = {
	{0x01, "its setup was asked for"},               /* EFI_OS_INDICATIONS_BOOT_TO_FW_UI */
	{0x04, "an update of the firmware waits"},       /* ..._FILE_CAPSULE_DELIVERY_SUPPORTED */
	{0x08, "an update of the firmware waits"},       /* ..._FMP_CAPSULE_SUPPORTED */
	{0x20, "the system's recovery was asked for"},   /* ..._START_OS_RECOVERY */
	{0x40, "the platform's recovery was asked for"}, /* ..._START_PLATFORM_RECOVERY */
};

static int mount_variables(void *argument, struct err *err)
{
	struct machine *m = argument;
	_cleanup_talloc_ char *target = talloc_asprintf(NULL, "%s/%s", m->root, DIRECTORY);

	if (!target || mount("efivarfs", target, "efivarfs",
			       MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) < 0)
		return err_errno(err, target ? -errno : -ENOMEM, "mount efivarfs");
	return 0;
}

static int have_variables(struct machine *m)
{
	_cleanup_talloc_ char **names = machine_list_names(m, NULL, DIRECTORY);

	if (!names || names[0])
		return names != NULL;
	return m->effects->perform(m, "mount efivarfs", mount_variables, m, NULL) == 0;
}

const char *firmware_is_wanted(struct machine *m)
{
	unsigned char bytes[ATTRIBUTES_SIZE + 8];

	if (!have_variables(m))
		return NULL;
	if (faccessat(m->root_fd, BOOT_NEXT, F_OK, 0) == 0)
		return "it is to boot something else once (BootNext)";
	_cleanup_fd_ int fd = machine_openat(m, INDICATIONS, O_RDONLY);
	if (fd < 0 || read(fd, bytes, sizeof(bytes)) != sizeof(bytes))
		return NULL;
	for (size_t i = 0; i < sizeof(indications) / sizeof(*indications); i++)
		if (bytes[ATTRIBUTES_SIZE] & indications[i].bit)
			return indications[i].why;
	return NULL;
}

static int restart_with(void *argument, struct err *err)
{
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART2,
		argument);
	return err_errno(err, errno ? -errno : -EIO, "reboot(RESTART2)");
}

int firmware_restart(struct machine *m, struct err *err)
{
	_cleanup_talloc_ char *argument = NULL;

	/* The kernel takes 255 bytes (kernel/reboot.c). */
	if (machine_read_file(m, NULL, "run/systemd/reboot-param", 255, &argument, NULL) == 0 &&
		*argument &&
		m->effects->perform(m, "restart with an argument", restart_with, argument, err) ==
			0)
		return 0;
	return m->effects->reboot(m, MACHINE_REBOOT_FIRMWARE, err);
}

static int restart_now(void *argument, struct err *err)
{
	return firmware_restart(argument, err);
}

static int switch_off(void *argument, struct err *err)
{
	struct machine *m = argument;

	return m->effects->reboot(m, MACHINE_REBOOT_OFF, err);
}

/* In a child: reboot() waits for the lock of a device whose probe() or reset hangs, for ever. */
static void try_within(struct machine *m, unsigned int ms, machine_action *action)
{
	struct err err;

	if (deadline_run(ms, action, m, &err) < 0)
		log_error("%s", err.text);
}

static void restart_in_emergency(struct machine *m)
{
	log_error("emergency restart");
	jump_out(m, JUMP_HANG_RESTART, NULL);
}

void firmware_restart_within(struct machine *m, unsigned int ms)
{
	log_error("restarting through the firmware");
	try_within(m, ms, restart_now);
	restart_in_emergency(m);
}

void firmware_off_within(struct machine *m, unsigned int ms)
{
	struct err err;

	log_error("switching off");
	try_within(m, ms, switch_off);
	log_error("switching off without waiting for drivers");
	if (jump_off(m, &err) < 0)
		log_error("%s", err.text);
	restart_in_emergency(m);
}
