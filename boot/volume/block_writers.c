// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/block_writers.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/log.h"

#define FILES_MAX (1 << 20)
#define WRITTEN_MAX 1024

struct writers {
	struct machine *m;
	dev_t written[WRITTEN_MAX];
	size_t count;
	unsigned int files; /* looked at */
};

/* "pos:\t0\nflags:\t0100002\n...", in octal: Documentation/filesystems/proc.rst */
static int is_for_writing(struct machine *m, const char *pid, const char *fd)
{
	_cleanup_talloc_ char *text = NULL;
	unsigned int flags;
	const char *line;
	char path[340];

	snprintf(path, sizeof(path), "proc/%.20s/fdinfo/%.255s", pid, fd);
	if (machine_read_file(m, NULL, path, 1 << 16, &text, NULL) < 0)
		return 0;
	line = strstr(text, "flags:");
	return line && sscanf(line, "flags: %o", &flags) == 1 && (flags & O_ACCMODE) != O_RDONLY;
}

/* Only what was opened below /dev is asked for its status: a file on a dead server would not answer. */
static void look_at_file(struct writers *w, const char *pid, const char *fd)
{
	char path[340], target[PATH_MAX];
	struct stat st;
	ssize_t len;

	snprintf(path, sizeof(path), "proc/%.20s/fd/%.255s", pid, fd);
	len = readlinkat(w->m->root_fd, path, target, sizeof(target));
	if (len < 6 || memcmp(target, "/dev/", 5) || fstatat(w->m->root_fd, path, &st, 0) < 0 ||
		!S_ISBLK(st.st_mode) || !is_for_writing(w->m, pid, fd))
		return;
	if (w->count < WRITTEN_MAX)
		w->written[w->count++] = st.st_rdev;
}

static void look_at_process(struct writers *w, const char *pid)
{
	_cleanup_talloc_ char **files = NULL;
	char path[64];

	snprintf(path, sizeof(path), "proc/%.20s/fd", pid);
	files = machine_list_names(w->m, NULL, path);
	for (char **fd = files; fd && *fd && w->files < FILES_MAX; fd++, w->files++)
		look_at_file(w, pid, *fd);
}

static int is_written(const struct writers *w, const char *name)
{
	_cleanup_talloc_ char *number = NULL;
	unsigned int major, minor;
	char path[320];

	snprintf(path, sizeof(path), "sys/class/block/%.255s/dev", name);
	if (machine_read_file(w->m, NULL, path, 64, &number, NULL) < 0 ||
		sscanf(number, "%u:%u", &major, &minor) != 2)
		return 0;
	for (size_t i = 0; i < w->count; i++)
		if (w->written[i] == makedev(major, minor))
			return 1;
	return 0;
}

void block_drop_written(struct machine *m, struct block_device *devices, size_t *count)
{
	_cleanup_talloc_ struct writers *w = talloc_zero(NULL, struct writers);
	_cleanup_talloc_ char **processes = machine_list_names(m, NULL, "proc");
	size_t kept = 0;

	if (!w)
		return;
	w->m = m;
	for (char **pid = processes; pid && *pid; pid++)
		if (isdigit((unsigned char)**pid))
			look_at_process(w, *pid);
	for (size_t i = 0; i < *count; i++) {
		if (is_written(w, devices[i].name) || is_written(w, devices[i].disk))
			log_debug("%s is left alone: a process writes to it", devices[i].path);
		else
			devices[kept++] = devices[i];
	}
	*count = kept;
}
