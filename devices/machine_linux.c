// SPDX-License-Identifier: GPL-2.0-or-later
/* The real effects: system calls on the running kernel. */
#include "devices/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/mounts.h"

static int open_below(struct machine *m, const char *path, int flags)
{
	if (m->sysfs_fd && !strncmp(path, "sys/", 4))
		return openat(m->sysfs_fd, path + 4, flags | O_CLOEXEC);
	return openat(m->root_fd, path, flags | O_CLOEXEC);
}

static int linux_write_attr(struct machine *m, const char *path, const char *value, struct err *err)
{
	_cleanup_fd_ int fd = open_below(m, path, O_WRONLY);
	size_t len = strlen(value);
	ssize_t n;

	if (fd < 0)
		return err_errno(err, -errno, "open %s", path);
	n = write(fd, value, len);
	if (n < 0)
		return err_errno(err, -errno, "write \"%s\" to %s", value, path);
	if ((size_t)n != len)
		return err_set(err, -EIO, "short write of \"%s\" to %s", value, path);
	return 0;
}

static int open_config(struct machine *m, const char *slot, int flags, struct err *err)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/config", slot);
	fd = open_below(m, path, flags);
	if (fd < 0)
		return err_errno(err, -errno, "open %s", path);
	return fd;
}

static ssize_t linux_read_config(
	struct machine *m, const char *slot, void *buf, size_t size, struct err *err)
{
	_cleanup_fd_ int fd = open_config(m, slot, O_RDONLY, err);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pread(fd, buf, size, 0);
	if (n < 0)
		return err_errno(err, -errno, "read configuration space of %s", slot);
	return n;
}

static int linux_write_config(struct machine *m, const char *slot, unsigned int offset,
	unsigned int width, uint32_t value, struct err *err)
{
	_cleanup_fd_ int fd = open_config(m, slot, O_WRONLY, err);
	const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
		(uint8_t)(value >> 24)};
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pwrite(fd, bytes, width, offset);
	if (n < 0)
		return err_errno(err, -errno, "write register 0x%02x of %s", offset, slot);
	return n == (ssize_t)width
		       ? 0
		       : err_set(err, -EIO, "register 0x%02x of %s is not there", offset, slot);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

/* All directories of a path to a file. The one that it lies in is ours, and where that is no configuration
 * what devices have and say stands in it: nobody else's to read. */
static int make_directories(struct machine *m, const char *path)
{
	const mode_t ours = strncmp(path, "etc/", 4) ? 0700 : 0755;
	char directory[PATH_MAX];

	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		mode_t mode = strchr(slash + 1, '/') ? 0755 : ours;

		snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
		if (mkdirat(m->root_fd, directory, mode) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int linux_save_file(
	struct machine *m, const char *path, const void *data, size_t len, struct err *err)
{
	int rc = make_directories(m, path);
	char unfinished[160];

	if (rc < 0)
		return err_errno(err, rc, "make the directory of /%s", path);
	snprintf(unfinished, sizeof(unfinished), "%s.new", path);
	_cleanup_fd_ int fd = openat(m->root_fd, unfinished,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, -errno, "write /%s", path);
	rc = write_all(fd, data, len);
	if (rc == 0 && renameat(m->root_fd, unfinished, m->root_fd, path) < 0)
		rc = -errno;
	if (rc < 0)
		unlinkat(m->root_fd, unfinished, 0);
	return rc < 0 ? err_errno(err, rc, "write /%s", path) : 0;
}

static int linux_remove_file(struct machine *m, const char *path, struct err *err)
{
	return unlinkat(m->root_fd, path, 0) < 0 ? err_errno(err, -errno, "remove /%s", path) : 0;
}

static int linux_kexec_file_load(struct machine *m, int kernel_fd, int initrd_fd,
	const char *cmdline, unsigned long flags, struct err *err)
{
	(void)m;
	if (initrd_fd < 0)
		flags |= KEXEC_FILE_NO_INITRAMFS;
	if (syscall(SYS_kexec_file_load, kernel_fd, initrd_fd, cmdline ? strlen(cmdline) + 1 : 0,
		    cmdline, flags) < 0)
		return err_errno(err, -errno, "kexec_file_load");
	return 0;
}

/* The first line of what a program says, cut to size; the rest is read and dropped, so that it does
 * not wait for us. */
static void read_first_line(int fd, char *line, size_t size)
{
	size_t len = 0;
	char byte;

	while (read(fd, &byte, 1) == 1)
		if (len < size - 1)
			line[len++] = byte;
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

/* In the child: nothing of ours but where its output goes. */
__attribute__((noreturn)) static void become(
	struct machine *m, const char *const argv[], int output)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(openat(m->root_fd, "dev/null", O_RDONLY), STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execvp(argv[0], (char *const *)argv);
	_exit(errno == ENOENT ? 127 : 126);
}

static int linux_run(struct machine *m, const char *const argv[], struct err *err)
{
	char said[128];
	int status, output[2];
	pid_t pid;

	if (pipe2(output, O_CLOEXEC) < 0)
		return err_errno(err, -errno, "start %s", argv[0]);
	pid = fork();
	if (pid == 0)
		become(m, argv, output[1]);
	close(output[1]);
	if (pid < 0) {
		close(output[0]);
		return err_errno(err, -errno, "start %s", argv[0]);
	}
	read_first_line(output[0], said, sizeof(said));
	close(output[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, -errno, "wait for %s", argv[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_set(err, -ENOENT, "%s is not installed", argv[0]);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(err, -EIO, "%s says: %s", argv[0], said[0] ? said : "nothing");
	return 0;
}

static int linux_sync(struct machine *m, struct err *err)
{
	(void)m;
	(void)err;
	sync();
	return 0;
}

static int linux_unload_module(struct machine *m, const char *name, struct err *err)
{
	(void)m;
	if (syscall(SYS_delete_module, name, O_NONBLOCK) == 0)
		return 0;
	if (errno == ENOENT)
		return err_set(err, 1, "it is not loaded");
	if (errno == EWOULDBLOCK)
		return err_set(err, -EWOULDBLOCK, "unload %s: somebody uses the module", name);
	return err_errno(err, -errno, "unload %s", name);
}

static int linux_link_down(struct machine *m, const char *ifname, struct err *err)
{
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_flags = 0};

	(void)m;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", ifname);
	if (strlen(ifname) >= sizeof(request.ifr_name))
		return err_set(err, 1, "there is no such interface");
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return errno == ENODEV ? err_set(err, 1, "there is no such interface")
				       : err_errno(err, -errno, "look at the interface %s", ifname);
	if (!(request.ifr_flags & IFF_UP))
		return err_set(err, 1, "it is down already");
	request.ifr_flags = (short)(request.ifr_flags & ~IFF_UP);
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return err_errno(err, -errno, "take the interface %s down", ifname);
	return 0;
}

static int linux_settle(struct machine *m, unsigned int ms, struct err *err)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	(void)m;
	(void)err;
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
	return 0;
}

static int linux_perform(struct machine *m, const char *what, machine_action *action,
	void *argument, struct err *err)
{
	(void)m;
	(void)what;
	return action(argument, err);
}

static void linux_klog(struct machine *m, enum log_level level, const char *line)
{
	_cleanup_fd_ int fd = openat(m->root_fd, "dev/kmsg", O_WRONLY | O_CLOEXEC | O_NONBLOCK);
	char record[512];
	int len = snprintf(
		record, sizeof(record), "<%d>stillboot: %s\n", level <= LOG_WARN ? 4 : 7, line);

	if (len >= (int)sizeof(record))
		len = sizeof(record) - 1;
	if (fd < 0 || write(fd, record, (size_t)len) < 0)
		return; /* the journal in the handoff says the same */
}

/* The kernel does this in its own time (fs/super.c, emergency_remount), one filesystem after the
 * other; each is written out first. */
#define REMOUNT_MS 30000

static int linux_remount_ro(struct machine *m, struct err *err)
{
	const struct timespec wait = {.tv_nsec = 10000000};
	int rc = linux_write_attr(m, "proc/sysrq-trigger", "u", err);

	for (int ms = 0; rc == 0; ms += 10) {
		struct mount_list *list;
		const struct mount *writable;

		rc = mounts_read_all(m, NULL, &list, err);
		if (rc < 0)
			return rc;
		writable = mounts_writable_disk(list);
		if (writable && ms >= REMOUNT_MS)
			rc = err_set(err, -EBUSY, "%s on %s stays writable", writable->source,
				writable->target);
		talloc_free(list);
		if (!writable)
			return 0;
		nanosleep(&wait, NULL);
	}
	return rc;
}

static int linux_reboot(struct machine *m, enum machine_reboot how, struct err *err)
{
	static const struct {
		unsigned int cmd;
		const char *name;
	} ways[] = {
		[MACHINE_REBOOT_KEXEC] = {LINUX_REBOOT_CMD_KEXEC, "KEXEC"},
		[MACHINE_REBOOT_FIRMWARE] = {LINUX_REBOOT_CMD_RESTART, "RESTART"},
		[MACHINE_REBOOT_OFF] = {LINUX_REBOOT_CMD_POWER_OFF, "POWER_OFF"},
		[MACHINE_REBOOT_HALT] = {LINUX_REBOOT_CMD_HALT, "HALT"},
	};

	(void)m;
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, ways[how].cmd, NULL);
	return err_errno(err, errno ? -errno : -EIO, "reboot(%s)", ways[how].name);
}

const struct machine_effects machine_linux_effects = {
	.parallel = 1,
	.write_attr = linux_write_attr,
	.read_config = linux_read_config,
	.write_config = linux_write_config,
	.save_file = linux_save_file,
	.remove_file = linux_remove_file,
	.overwrite = machine_overwrite,
	.rename = machine_rename,
	.replace = machine_replace,
	.write_efi_variable = machine_write_efi_variable,
	.kexec_file_load = linux_kexec_file_load,
	.run = linux_run,
	.sync = linux_sync,
	.unload_module = linux_unload_module,
	.link_down = linux_link_down,
	.settle = linux_settle,
	.perform = linux_perform,
	.klog = linux_klog,
	.remount_ro = linux_remount_ro,
	.reboot = linux_reboot,
};
