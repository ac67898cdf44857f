// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/policy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "policy/builtin.h"

/* Later ones replace or mask what earlier ones hold under the same name. */
static const char *const directories[] = {
	"usr/lib/stillboot/policy.d",
	"etc/stillboot/policy.d",
};

struct policy_file {
	const char *name, *path;
	int masked;
};

struct policy_files {
	struct policy_file *files; /* the struct itself is the talloc context of everything */
	size_t count;
};

static int is_policy_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return name[0] != '.' && dot && !strcmp(dot, ".lua");
}

static int is_masked(struct machine *m, const char *path)
{
	static const char null[] = "/dev/null";
	char target[sizeof(null)];
	ssize_t len = readlinkat(m->root_fd, path, target, sizeof(target));

	return len == sizeof(null) - 1 && !memcmp(target, null, sizeof(null) - 1);
}

static struct policy_file *find(const struct policy_files *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->files[i].name, name))
			return &list->files[i];
	return NULL;
}

static int add_file(struct machine *m, struct policy_files *list, const char *dir, const char *name)
{
	struct policy_file *file = find(list, name);
	struct policy_file fresh = {
		.name = talloc_strdup(list, name),
		.path = talloc_asprintf(list, "%s/%s", dir, name),
	};

	if (!fresh.name || !fresh.path)
		return -ENOMEM;
	fresh.masked = is_masked(m, fresh.path);
	if (!file) {
		file = talloc_realloc(list, list->files, struct policy_file, list->count + 1);
		if (!file)
			return -ENOMEM;
		list->files = file;
		file += list->count++;
	}
	*file = fresh;
	return 0;
}

/* A directory that is not there holds nothing; one that cannot be read may hold anything. */
static int list_directory(
	struct machine *m, struct policy_files *list, const char *path, struct err *err)
{
	_cleanup_fd_ int fd = openat(m->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = NULL;
	struct dirent *entry;

	if (fd < 0 && errno == ENOENT)
		return 0;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return err_errno(err, -errno, "read the policy directory %s", path);
	fd_take(&fd);
	while (errno = 0, (entry = readdir(dir)))
		if (is_policy_name(entry->d_name) && add_file(m, list, path, entry->d_name) < 0)
			return err_errno(err, -ENOMEM, "list %s", path);
	if (errno)
		return err_errno(err, -errno, "read the policy directory %s", path);
	return 0;
}

/* The reader ends the text at the first zero byte. Rules behind one must not vanish silently. */
static int check_whole(struct machine *m, const char *path, const char *text, struct err *err)
{
	struct stat st;

	if (fstatat(m->root_fd, path, &st, 0) < 0)
		return err_errno(err, -errno, "stat %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "%s: is not a regular file", path);
	if ((size_t)st.st_size > strlen(text) + 1)
		return err_set(err, -EINVAL, "%s: has a zero byte in it", path);
	return 0;
}

static int load_file(struct machine *m, struct policy *p, const char *path, struct err *err)
{
	_cleanup_talloc_ char *text = NULL;
	int rc = machine_read_file(m, p, path, POLICY_FILE_MAX, &text, err);

	if (rc < 0)
		return err_wrap(err, rc, "policy");
	rc = check_whole(m, path, text, err);
	return rc < 0 ? rc : policy_add_chunk(p, text, strlen(text), path, err);
}

static int load_default(
	struct machine *m, struct policy *p, const struct policy_files *list, struct err *err)
{
	const struct policy_file *file = find(list, POLICY_BUILTIN);

	if (!file)
		return policy_add_chunk(p, builtin_policy, builtin_policy_len, POLICY_BUILTIN, err);
	return file->masked ? 0 : load_file(m, p, file->path, err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct policy_file *)a)->name, ((const struct policy_file *)b)->name);
}

static int load_all(struct machine *m, struct policy *p, struct policy_files *list, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories) && !rc; i++)
		rc = list_directory(m, list, directories[i], err);
	if (rc < 0)
		return rc;
	if (list->count)
		qsort(list->files, list->count, sizeof(*list->files), by_name);
	rc = load_default(m, p, list, err);
	for (size_t i = 0; i < list->count && !rc; i++) {
		const struct policy_file *file = &list->files[i];

		if (!file->masked && strcmp(file->name, POLICY_BUILTIN))
			rc = load_file(m, p, file->path, err);
	}
	return rc;
}

int policy_load(
	struct machine *m, void *ctx, const char *extra, struct policy **policy, struct err *err)
{
	struct machine here = {.root_fd = AT_FDCWD};
	struct policy_files *list;
	struct policy *p;
	int rc;

	if (policy_new(ctx, &p) < 0)
		return err_errno(err, -ENOMEM, "load the policy");
	list = talloc_zero(p, struct policy_files);
	if (!list) {
		talloc_free(p);
		return err_errno(err, -ENOMEM, "load the policy");
	}
	rc = load_all(m, p, list, err);
	talloc_free(list);
	if (!rc && extra)
		rc = load_file(&here, p, extra, err);
	if (rc < 0) {
		talloc_free(p);
		return rc;
	}
	*policy = p;
	return 0;
}
