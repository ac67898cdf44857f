// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/cleanup.h"

#define CONTROL "/dev/loop-control"
/* Somebody else may take the free device before us; not for ever. */
#define TRIES 16

static int open_image(const char *file, struct err *err)
{
	_cleanup_fd_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, -errno, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "no regular file, so no disk image");
	return fd_take(&fd);
}

static int open_control(struct err *err)
{
	int fd = open(CONTROL, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == EACCES || errno == EPERM)
		return err_set(err, -errno, "to make a loop device needs root");
	if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
		return err_set(err, -ENODEV, "this needs the kernel's loop driver: modprobe loop");
	return err_errno(err, -errno, "open %s", CONTROL);
}

/* -EBUSY if it has another file by now. bdev_disk_changed(), called within, has found the partitions when
 * it returns, and devtmpfs made their nodes. */
static int configure(int image, int number, unsigned int flags, char name[LOOP_NAME_MAX])
{
	struct loop_config config = {
		.fd = (unsigned int)image,
		.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | flags,
	};
	char path[LOOP_NAME_MAX + sizeof("/dev/")];
	_cleanup_fd_ int fd = -1;

	snprintf(name, LOOP_NAME_MAX, "loop%d", number);
	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, LOOP_CONFIGURE, &config) < 0)
		return -errno;
	return fd_take(&fd);
}

static int attach(int image, unsigned int flags, char name[LOOP_NAME_MAX], struct err *err)
{
	_cleanup_fd_ int control = open_control(err);
	int fd = -EBUSY;

	if (control < 0)
		return control;
	for (int i = 0; i < TRIES && fd == -EBUSY; i++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);

		fd = number < 0 ? -errno : configure(image, number, flags, name);
	}
	return fd < 0 ? err_errno(err, fd, "make a loop device") : fd;
}

int loop_open(const char *file, char name[LOOP_NAME_MAX], struct err *err)
{
	_cleanup_fd_ int image = open_image(file, err);
	int fd = image < 0 ? image : attach(image, LO_FLAGS_PARTSCAN, name, err);

	return fd < 0 ? err_wrap(err, fd, "%s", file) : fd;
}

int loop_over_file(int file, char name[LOOP_NAME_MAX], struct err *err)
{
	return attach(file, 0, name, err);
}

int loop_over_device(const char *device, char name[LOOP_NAME_MAX], struct err *err)
{
	_cleanup_fd_ int fd = open(device, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? err_errno(err, -errno, "open %s", device) : attach(fd, 0, name, err);
}
