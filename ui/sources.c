// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/sources.h"

#include <errno.h>
#include <fcntl.h>

#include "boot/discover.h"
#include "devices/cleanup.h"

void sources_close(struct sources *src)
{
	cleanup_fd(&src->kernel.fd);
	for (size_t i = 0; i < src->initrd_count; i++)
		cleanup_fd(&src->initrds[i].fd);
}

static int open_file(const char *path, struct pin_source *source, struct err *err)
{
	source->name = path;
	source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return source->fd < 0 ? err_errno(err, -errno, "open %s", path) : 0;
}

int sources_open_kernel(const struct options *o, struct sources *src, struct err *err)
{
	return open_file(o->kernel, &src->kernel, err);
}

int sources_add_initrd(const char *path, struct sources *src, struct err *err)
{
	int rc;

	if (src->initrd_count == ENTRY_INITRDS_MAX)
		return 0;
	rc = open_file(path, &src->initrds[src->initrd_count], err);
	src->initrd_count += rc == 0;
	return rc;
}

int sources_open_initrds(const struct options *o, struct sources *src, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < o->initrd_count; i++)
		rc = sources_add_initrd(o->initrds[i], src, err);
	return rc;
}

static int open_in_entry(struct session *s, const struct entry_file *file,
	struct pin_source *source, struct err *err)
{
	source->name = discovery_file_name(s->memory, file);
	source->fd = -1;
	source->offset = file->offset;
	source->size = file->size;
	return discovery_open(file, &source->fd, err);
}

int sources_open_entry_kernel(
	struct session *s, const struct entry *e, struct sources *src, struct err *err)
{
	int rc;

	if (e->reason)
		return err_set(err, -ENOENT, "entry '%s' cannot be booted: %s", e->id, e->reason);
	rc = open_in_entry(s, &e->kernel, &src->kernel, err);
	return rc < 0 ? err_wrap(err, rc, "entry '%s'", e->id) : 0;
}

int sources_open_entry_initrds(
	struct session *s, const struct entry *e, struct sources *src, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < e->initrd_count; i++) {
		rc = open_in_entry(s, &e->initrds[i], &src->initrds[i], err);
		src->initrd_count += rc == 0;
	}
	return rc < 0 ? err_wrap(err, rc, "entry '%s'", e->id) : 0;
}
