// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/kexec.h"

#include <errno.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/cleanup.h"

/* For another load to end, which reads and checks images. */
#define BUSY_MS 5000
#define BUSY_STEP_MS 100

static int flag_file(struct machine *m, const char *path, int otherwise)
{
	_cleanup_talloc_ char *text = NULL;

	if (machine_read_file(m, NULL, path, 64, &text, NULL) < 0)
		return otherwise;
	return !strcmp(text, "1");
}

int kexec_is_loaded(struct machine *m)
{
	return flag_file(m, "sys/kernel/kexec_loaded", 0);
}

int kexec_check(struct machine *m, struct err *err)
{
	if (flag_file(m, "proc/sys/kernel/kexec_load_disabled", 0))
		return err_set(err, -EPERM,
			"loading kernels is disabled until the next boot (sysctl "
			"kernel.kexec_load_disabled is 1)");
	return 0;
}

/* What kexec_file_load's errors mean to somebody who has to do something about them
 * (kernel/kexec_file.c, kernel/kexec.c, arch/x86/kernel/kexec-bzimage64.c). */
static const struct {
	int rc;
	const char *means;
} meanings[] = {
	{-EPERM, "no permission: root rights are missing, or the kernel is locked down and the "
		 "image is not signed"},
	{-ENOEXEC, "this kernel does not know the format of the image"},
	{-EKEYREJECTED, "the signature of the image is not accepted"},
	{-ENOKEY, "the image is signed with a key that this kernel does not have"},
	{-EBADMSG, "the signature of the image is damaged"},
	{-ENODATA, "the image is not signed, and this kernel demands it"},
	{-EBUSY, "another load is under way"},
	{-ENOMEM, "not enough memory"},
	{-EADDRNOTAVAIL, "no memory can be found for the image"},
	{-ENOSYS, "this kernel is built without kexec_file_load (CONFIG_KEXEC_FILE)"},
};

static int explain(int rc, struct err *err)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].rc == rc)
			return err_set(err, rc, "kexec_file_load: %s (%s)", meanings[i].means,
				strerror(-rc));
	return rc;
}

/* The kernel has one lock for both images, and does not wait for it (kernel/kexec_internal.h, kexec_trylock()). */
static int call_kernel(struct machine *m, int kernel_fd, int initrd_fd, const char *cmdline,
	unsigned long flags, struct err *err)
{
	int rc;

	for (int ms = 0;; ms += BUSY_STEP_MS) {
		rc = m->effects->kexec_file_load(m, kernel_fd, initrd_fd, cmdline, flags, err);
		if (rc != -EBUSY || ms >= BUSY_MS)
			return rc;
		m->effects->settle(m, BUSY_STEP_MS, NULL);
	}
}

int kexec_reload(struct machine *m, const struct pinned *pinned, struct err *err)
{
	int rc = call_kernel(
		m, pinned->kernel_fd, pinned->initrd_fd, pin_command_line(pinned), 0, err);

	return rc < 0 ? explain(rc, err) : 0;
}

/* The memory files have no names that another program could open but these. */
static int load_by_tools(struct machine *m, const struct pinned *pinned, struct err *err)
{
	char kernel[64], initrd[80];
	_cleanup_talloc_ char *append = talloc_asprintf(
		NULL, "--append=%s", pin_command_line(pinned));
	const char *argv[7] = {"kexec", "--load", append, kernel};
	size_t argc = 4;

	if (pinned->initrd_fd >= 0)
		argv[argc++] = initrd;
	/* An ELF file may be any program; this one is a kernel and gets what Linux expects. */
	if (pinned->image.format && !strcmp(pinned->image.format, "ELF"))
		argv[argc++] = "--args-linux";
	if (!append)
		return err_errno(err, -ENOMEM, "run kexec");
	snprintf(kernel, sizeof(kernel), "%s/proc/%d/fd/%d", m->root, getpid(), pinned->kernel_fd);
	snprintf(initrd, sizeof(initrd), "--initrd=%s/proc/%d/fd/%d", m->root, getpid(),
		pinned->initrd_fd);
	return m->effects->run(m, argv, err);
}

int kexec_load(
	struct machine *m, const struct pinned *pinned, enum kexec_loader *loader, struct err *err)
{
	struct err kernel, tools;
	int rc = kexec_check(m, err);

	if (rc < 0)
		return rc;
	rc = kexec_reload(m, pinned, &kernel);
	if (rc == 0) {
		*loader = KEXEC_BY_KERNEL;
		return 0;
	}
	if (rc != -ENOEXEC && rc != -ENOSYS)
		return err_set(err, rc, "%s", kernel.text);
	if (load_by_tools(m, pinned, &tools) < 0)
		return err_set(err, rc, "%.250s; kexec-tools does not help: %.200s", kernel.text,
			tools.text);
	*loader = KEXEC_BY_TOOLS;
	return 0;
}

int kexec_unload(struct machine *m, struct err *err)
{
	int rc = call_kernel(m, -1, -1, NULL, KEXEC_FILE_UNLOAD, err);

	return rc < 0 ? explain(rc, err) : 0;
}

/* Both have a new place from Linux 6.19 on (Documentation/ABI/testing/sysfs-kernel-kexec-kdump). */
int kexec_crash_is_loaded(struct machine *m)
{
	return flag_file(m, "sys/kernel/kexec/crash_loaded",
		flag_file(m, "sys/kernel/kexec_crash_loaded", 0));
}

uint64_t kexec_crash_reserved(struct machine *m)
{
	_cleanup_talloc_ char *text = NULL;

	if (machine_read_file(m, NULL, "sys/kernel/kexec/crash_size", 64, &text, NULL) < 0 &&
		machine_read_file(m, NULL, "sys/kernel/kexec_crash_size", 64, &text, NULL) < 0)
		return 0;
	return strtoull(text, NULL, 10);
}

int kexec_load_crash(struct machine *m, const struct pinned *pinned, struct err *err)
{
	const int before = kexec_crash_is_loaded(m);
	int rc = call_kernel(m, pinned->kernel_fd, pinned->initrd_fd, pin_command_line(pinned),
		KEXEC_FILE_ON_CRASH, err);

	if (rc >= 0)
		return 0;
	rc = explain(rc, err);
	if (before && !kexec_crash_is_loaded(m))
		rc = err_wrap(err, rc, "no crash kernel is loaded any more");
	return rc;
}

int kexec_unload_crash(struct machine *m, struct err *err)
{
	int rc = call_kernel(m, -1, -1, NULL, KEXEC_FILE_UNLOAD | KEXEC_FILE_ON_CRASH, err);

	return rc < 0 ? explain(rc, err) : 0;
}
