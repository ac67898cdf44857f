// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/stack/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <talloc.h>

#include "boot/stack/dm.h"
#include "boot/stack/tool.h"
#include "devices/cleanup.h"

#define LOOP_TRIES 8
#define CHUNK_SECTORS                                                                              \
	8 /* 4096 bytes, the smallest that the target takes on a disk of such sectors */

struct making {
	struct machine *m;
	const char *device;
	char name[128];
};

static int size_of(struct machine *m, const char *device, unsigned long long *sectors)
{
	_cleanup_fd_ int fd = openat(m->root_fd, device + 1, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	unsigned long long bytes;

	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes) < 0)
		return -errno;
	*sectors = bytes / 512;
	return 0;
}

/* Somebody else may take the free one before us. */
static int find_loop(struct machine *m, int control, int file)
{
	struct loop_config config = {
		.fd = (unsigned int)file, .info = {.lo_flags = LO_FLAGS_AUTOCLEAR}};

	strcpy((char *)config.info.lo_file_name, "stillboot's memory");
	for (int tries = 0; tries < LOOP_TRIES; tries++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		_cleanup_fd_ int fd = -1;
		char path[32];

		if (number < 0)
			return -errno;
		snprintf(path, sizeof(path), "dev/loop%d", number);
		fd = openat(m->root_fd, path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		if (ioctl(fd, LOOP_CONFIGURE, &config) == 0)
			return fd_take(&fd);
		if (errno != EBUSY)
			return -errno;
	}
	return -EBUSY;
}

/* A loop device that goes with the last who has it open. */
static int make_loop(struct machine *m)
{
	_cleanup_fd_ int file = memfd_create("stillboot overlay", MFD_CLOEXEC), control = -1;

	if (file < 0 || ftruncate(file, OVERLAY_BYTES) < 0)
		return -errno;
	tool_load_module(m, "loop", "dev/loop-control");
	control = openat(m->root_fd, "dev/loop-control", O_RDWR | O_CLOEXEC);
	return control < 0 ? -errno : find_loop(m, control, file);
}

static int make(void *argument, struct err *err)
{
	const struct making *making = argument;
	_cleanup_fd_ int loop = make_loop(making->m);
	struct dm_mapping mapping = {
		.name = making->name, .uuid = making->name, .target = "snapshot"};
	char parameters[400];
	struct stat st;
	int rc;

	if (loop < 0)
		return err_errno(err, loop, "make a loop device of memory");
	rc = size_of(making->m, making->device, &mapping.sectors);
	if (rc == 0 && fstat(loop, &st) < 0)
		rc = -errno;
	if (rc < 0)
		return err_errno(err, rc, "open %s", making->device);
	snprintf(parameters, sizeof(parameters), "%.300s %u:%u N %d", making->device,
		major(st.st_rdev), minor(st.st_rdev), CHUNK_SECTORS);
	mapping.parameters = parameters;
	return dm_create(making->m, &mapping, err);
}

static void name_overlay(char *name, size_t size, const char *device)
{
	snprintf(name, size, OVERLAY_PREFIX "%.100s", device + strlen("/dev/"));
	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '!';
}

int overlay_make(struct machine *m, void *ctx, const char *device, char **overlay, struct err *err)
{
	struct making making = {.m = m, .device = device};
	_cleanup_talloc_ char *what = NULL, *block = NULL;
	int rc;

	if (strncmp(device, "/dev/", 5))
		return err_set(err, -EINVAL, "%s is no device", device);
	name_overlay(making.name, sizeof(making.name), device);
	what = talloc_asprintf(NULL, "put an overlay in memory above %s", device);
	rc = what ? m->effects->perform(m, what, make, &making, err) : -ENOMEM;
	if (rc < 0)
		return rc;
	block = dm_find(m, NULL, "name", making.name);
	*overlay = block ? talloc_asprintf(ctx, "/dev/%s", block) : talloc_strdup(ctx, device);
	return *overlay ? 0 : err_errno(err, -ENOMEM, "%s", what);
}

char *overlay_name(struct machine *m, void *ctx, const char *block)
{
	char *name = dm_attribute(m, ctx, block, "name");

	return name && !strncmp(name, OVERLAY_PREFIX, strlen(OVERLAY_PREFIX)) ? name : NULL;
}

void overlay_remove_strays(struct machine *m)
{
	_cleanup_talloc_ char **blocks = machine_list_names(m, NULL, "sys/class/block");

	for (char **block = blocks; block && *block; block++) {
		_cleanup_talloc_ void *tmp = talloc_new(NULL);
		char *name = overlay_name(m, tmp, *block), **holders;
		char path[320];

		snprintf(path, sizeof(path), "sys/class/block/%.255s/holders", *block);
		holders = name ? machine_list_names(m, tmp, path) : NULL;
		if (name && (!holders || !holders[0]))
			dm_remove(m, name, NULL);
	}
}
