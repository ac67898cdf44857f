// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/blscfg.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/bls/pe.h"
#include "boot/format.h"
#include "devices/cleanup.h"

static bool is_system_partition(const struct volume *v)
{
	_cleanup_fd_ int fd = v->fd < 0 ? -1
					: volume_open_any(v, "EFI/Linux", O_PATH | O_DIRECTORY);

	return fd >= 0;
}

static bool on_one_disk(const struct volume *a, const struct volume *b)
{
	return a == b || (a->disk && b->disk && !strcmp(a->disk, b->disk));
}

const struct volume *grub_uki_volume(struct grub_run *g)
{
	const struct volume_set *set = g->reading->volumes;
	const struct volume *own = g->reading->volume;

	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < set->count; i++) {
			const struct volume *v = &set->volumes[i];

			if (on_one_disk(v, own) != others && grub_lookup(g, 1) &&
				is_system_partition(v))
				return v;
		}
	return own;
}

/* Have boot/bls/uki_parse.c read the file as if discovery had come upon it. */
static int parse(struct grub_run *g, const struct volume *v, const char *path, int fd,
	struct entry_list *list, struct err *err)
{
	_cleanup_talloc_ char *head = talloc_size(NULL, PE_HEAD);
	ssize_t n = head ? pread(fd, head, PE_HEAD, 0) : -1;
	struct reading r = *g->reading;

	if (n < 0)
		return err_errno(err, head ? -errno : -ENOMEM, "read %s", path);
	r.list = list;
	r.volume = v;
	r.file = path;
	r.fd = fd;
	return uki_parse(&r, head, (size_t)n, err);
}

int grub_uki_read(
	struct grub_run *g, const struct volume *v, const char *path, struct entry_list *list)
{
	_cleanup_fd_ int fd = -1;
	size_t before = list->count;
	struct err err;
	int rc = volume_open(v, path, &fd, &err);

	if (rc == 0)
		rc = parse(g, v, path, fd, list, &err);
	if (rc < 0 && rc != -ENOMEM)
		grub_problem(g, 0, "%s", err.text);
	if (list->count > before + 1)
		list->count = before + 1;
	return rc == -ENOMEM ? rc : 0;
}
