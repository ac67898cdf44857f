// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/mounts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "devices/cleanup.h"

#define MOUNTINFO_MAX (16 << 20) /* bytes; hosts of many containers have some megabytes */
#define RAM_MAJOR 1              /* Documentation/admin-guide/devices.txt: 1 block, RAM disk */

/* Undo the kernel's mangle(): backslash and three octal digits. In place. */
static char *decode(char *text)
{
	char *out = text;

	for (char *in = text; *in; in++) {
		if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] >= '0' && in[2] <= '7' &&
			in[3] >= '0' && in[3] <= '7') {
			*out++ = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
			in += 3;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
	return text;
}

/* "36 35 98:0 /root /target rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue" */
static int parse_line(char *line, struct mount *mount)
{
	char *before[6], *after[3], *word, *rest;
	size_t n = 0;

	for (word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (n < 6)
			before[n++] = word;
		else if (!strcmp(word, "-"))
			break;
	}
	if (!word || sscanf(before[2], "%u:%u", &mount->major, &mount->minor) != 2)
		return -EINVAL;
	for (n = 0; n < 3; n++) {
		after[n] = strtok_r(NULL, " ", &rest);
		if (!after[n])
			return -EINVAL;
	}
	mount->root = decode(before[3]);
	mount->target = decode(before[4]);
	mount->type = decode(after[0]);
	mount->source = decode(after[1]);
	mount->options = decode(after[2]);
	mount->writable = !strncmp(after[2], "rw", 2) && (!after[2][2] || after[2][2] == ',');
	return 0;
}

/* Takes over the text, which the mounts' strings then point into. */
static int append(struct mount_list *list, char *text)
{
	char *line, *rest;

	talloc_steal(list, text);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		struct mount mount;

		if (parse_line(line, &mount) < 0)
			continue;
		if (list->count % 64 == 0) {
			struct mount *more = talloc_realloc(
				list, list->mounts, struct mount, list->count + 64);
			if (!more)
				return -ENOMEM;
			list->mounts = more;
		}
		list->mounts[list->count++] = mount;
	}
	return 0;
}

struct mount_list *mounts_parse(void *ctx, const char *text)
{
	struct mount_list *list = talloc_zero(ctx, struct mount_list);
	char *copy = list ? talloc_strdup(list, text) : NULL;

	if (!copy || append(list, copy) < 0) {
		talloc_free(list);
		return NULL;
	}
	return list;
}

static int append_file(
	struct machine *m, struct mount_list *list, const char *path, struct err *err)
{
	char *text;
	int rc = machine_read_file(m, list, path, MOUNTINFO_MAX, &text, err);

	if (rc < 0)
		return rc;
	rc = append(list, text);
	return rc < 0 ? err_errno(err, rc, "read %s", path) : 0;
}

int mounts_read_own(struct machine *m, void *ctx, struct mount_list **list, struct err *err)
{
	_cleanup_talloc_ struct mount_list *l = talloc_zero(ctx, struct mount_list);
	int rc = l ? append_file(m, l, "proc/self/mountinfo", err) : -ENOMEM;

	if (rc < 0)
		return rc;
	*list = l;
	l = NULL;
	return 0;
}

/* What a process sees: its mount namespace, and its root directory in that. */
struct view {
	ino_t namespace, root;
	dev_t root_dev;
};

static int find_view(struct machine *m, const char *pid, struct view *view)
{
	struct stat st;
	char path[64];

	*view = (struct view){0};
	snprintf(path, sizeof(path), "proc/%.20s/ns/mnt", pid);
	if (fstatat(m->root_fd, path, &st, 0) < 0)
		return -errno;
	view->namespace = st.st_ino;
	snprintf(path, sizeof(path), "proc/%.20s/root", pid);
	if (fstatat(m->root_fd, path, &st, 0) < 0)
		return 0;
	view->root = st.st_ino;
	view->root_dev = st.st_dev;
	return 0;
}

static int was_seen(const struct view *seen, size_t count, const struct view *view)
{
	for (size_t i = 0; i < count; i++)
		if (seen[i].namespace == view->namespace && seen[i].root == view->root &&
			seen[i].root_dev == view->root_dev)
			return 1;
	return 0;
}

static int append_process(struct machine *m, struct mount_list *list, const char *pid,
	struct view **seen, struct err *err)
{
	size_t count = talloc_array_length(*seen);
	struct view view;
	char path[64];
	int rc;

	if (find_view(m, pid, &view) < 0 || was_seen(*seen, count, &view))
		return 0;
	snprintf(path, sizeof(path), "proc/%.20s/mountinfo", pid);
	rc = append_file(m, list, path, err);
	if (rc < 0)
		return rc == -ENOMEM || rc == -EFBIG ? rc
						     : 0; /* one that ended meanwhile is none */
	*seen = talloc_realloc(list, *seen, struct view, count + 1);
	if (!*seen)
		return -ENOMEM;
	(*seen)[count] = view;
	return 0;
}

int mounts_read_all(struct machine *m, void *ctx, struct mount_list **list, struct err *err)
{
	_cleanup_talloc_ struct mount_list *l = talloc_zero(ctx, struct mount_list);
	int fd = openat(m->root_fd, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct view *seen = NULL;
	struct dirent *entry;

	if (!l || !dir)
		return err_errno(err, l ? -errno : -ENOMEM, "read the processes in proc");
	while ((entry = readdir(dir))) {
		int rc = 0;

		if (isdigit((unsigned char)entry->d_name[0]))
			rc = append_process(m, l, entry->d_name, &seen, err);
		if (rc < 0)
			return rc;
	}
	/* A captured tree has no numbered processes, and so may a user who may not look. */
	if (!l->count && append_file(m, l, "proc/self/mountinfo", err) == -ENOMEM)
		return -ENOMEM;
	*list = l;
	l = NULL;
	return 0;
}

int mount_is_on_disk(const struct mount *mount)
{
	/* btrfs and others with anonymous device numbers name their device as source. */
	if (mount->major == 0 && !strcmp(mount->type, "zfs"))
		return 1;
	if (mount->major == 0)
		return !strncmp(mount->source, "/dev/", 5) && strncmp(mount->type, "fuse", 4) &&
		       strcmp(mount->type, "devtmpfs");
	return mount->major != RAM_MAJOR;
}

const struct mount *mounts_writable_disk(const struct mount_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->mounts[i].writable && mount_is_on_disk(&list->mounts[i]))
			return &list->mounts[i];
	return NULL;
}

int swaps_read(struct machine *m, void *ctx, char ***paths, struct err *err)
{
	char **list = talloc_zero_array(ctx, char *, 1);
	_cleanup_talloc_ char *text = NULL;
	size_t count = 0;
	char *line, *rest;
	int rc = machine_read_file(m, NULL, "proc/swaps", 1 << 20, &text, err);

	if (rc == -ENOENT) { /* a kernel without swap */
		*paths = list;
		return list ? 0 : -ENOMEM;
	}
	if (rc < 0)
		return rc;
	strtok_r(text, "\n", &rest); /* the heading */
	while (list && (line = strtok_r(NULL, "\n", &rest))) {
		line[strcspn(line, " \t")] = '\0';
		list = talloc_realloc(ctx, list, char *, count + 2);
		if (!list)
			break;
		list[count++] = talloc_strdup(list, decode(line));
		list[count] = NULL;
	}
	if (!list)
		return err_errno(err, -ENOMEM, "read proc/swaps");
	*paths = list;
	return 0;
}
