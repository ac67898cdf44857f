// SPDX-License-Identifier: GPL-2.0-or-later
/* Which files make up a policy, and whether they may be trusted. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "policy/builtin.h"
#include "policy/loaded.h"

/* Later ones replace or mask what earlier ones hold under the same name. */
static const char *const directories[] = {
	"usr/lib/stillboot/policy.d",
	"etc/stillboot/policy.d",
};

#define DIRECTORIES (sizeof(directories) / sizeof(*directories))

struct policy_file {
	const char *name, *path;
	const char *replaces; /* the file of the same name in an earlier directory, NULL for none */
	int masked;
};

struct file_list {
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

static struct policy_file *find(const struct file_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->files[i].name, name))
			return &list->files[i];
	return NULL;
}

static int add_file(struct machine *m, struct file_list *list, const char *dir, const char *name)
{
	struct policy_file *file = find(list, name);
	struct policy_file fresh = {
		.name = talloc_strdup(list, name),
		.path = talloc_asprintf(list, "%s/%s", dir, name),
	};

	if (!fresh.name || !fresh.path)
		return -ENOMEM;
	fresh.masked = is_masked(m, fresh.path);
	fresh.replaces = file ? file->path : NULL;
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

/*
 * Who can write a rule can have a disk unbound, so the files and folders of the running machine must be
 * root's alone; to somebody who is not root, who cannot do anything with the plan, his own are good
 * enough. Another machine's are only looked at.
 */
static int check_owner(
	const struct machine *m, const struct stat *st, const char *path, struct err *err)
{
	if (*m->root)
		return 0;
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(err, -EPERM,
			"%s: belongs to user %u, not to root: rules of others are not followed "
			"(`chown root`)",
			path, st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, -EPERM,
			"%s: can be written by others than its owner (`chmod go-w`)", path);
	return 0;
}

/* Who can write to a directory can put another file or directory in the place of what it holds: the one
 * that holds path is root's, too. What is not there is found by whoever opens path. */
static int check_holder(const struct machine *m, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	_cleanup_talloc_ char *holder = slash ? talloc_strndup(NULL, path, (size_t)(slash - path))
					      : talloc_strdup(NULL, ".");
	struct stat st;

	if (!holder)
		return err_errno(err, -ENOMEM, "read %s", path);
	if (fstatat(m->root_fd, *holder ? holder : "/", &st, 0) < 0)
		return 0;
	return check_owner(m, &st, holder, err);
}

/* A directory that is not there holds nothing; one that cannot be read may hold anything. */
static int list_directory(
	struct machine *m, struct file_list *list, const char *path, struct err *err)
{
	_cleanup_fd_ int fd = openat(m->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = NULL;
	struct dirent *entry;
	struct stat st;
	int rc;

	if (fd < 0 && errno == ENOENT)
		return check_holder(m, path, err);
	dir = fd < 0 || fstat(fd, &st) < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return err_errno(err, -errno, "read the policy directory %s", path);
	fd_take(&fd);
	rc = check_holder(m, path, err);
	if (rc == 0)
		rc = check_owner(m, &st, path, err);
	if (rc < 0)
		return rc;
	while (errno = 0, (entry = readdir(dir)))
		if (is_policy_name(entry->d_name) && add_file(m, list, path, entry->d_name) < 0)
			return err_errno(err, -ENOMEM, "list %s", path);
	if (errno)
		return err_errno(err, -errno, "read the policy directory %s", path);
	return 0;
}

/* Up to one byte more than size, so that a larger file is noticed. */
static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size && (n = read(fd, text + len, size - len)) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n < 0 ? 0 : (size_t)n;
	}
	return (ssize_t)len;
}

/* Nothing that is not a file can keep us waiting: it is opened without blocking, then looked at. */
static int load_file(struct machine *m, struct policy *p, const char *path, struct err *err)
{
	_cleanup_fd_ int fd = openat(
		m->root_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_talloc_ char *text = talloc_size(p, POLICY_FILE_MAX + 1);
	struct stat st;
	ssize_t len;
	int rc;

	if (!text)
		return err_errno(err, -ENOMEM, "read %s", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, -errno, "%s: cannot be opened", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "%s: is not a regular file", path);
	rc = check_owner(m, &st, path, err);
	if (rc < 0)
		return rc;
	len = read_all(fd, text, POLICY_FILE_MAX + 1);
	if (len < 0)
		return err_errno(err, (int)len, "%s: cannot be read", path);
	return policy_add_chunk(p, text, (size_t)len, path, err);
}

/* Where a file lies that another one includes: in the folder "include" beside that, or, of the two
 * directories of policies, in the other one's. */
static char *place_included(struct policy *p, const char *from, const char *name, size_t n)
{
	const char *slash = strrchr(from, '/');
	int dir_len = slash ? (int)(slash - from) : 0;

	if (n > 0) {
		size_t d = 0;

		while (d < DIRECTORIES && ((size_t)dir_len != strlen(directories[d]) ||
						  strncmp(from, directories[d], (size_t)dir_len)))
			d++;
		if (d == DIRECTORIES)
			return NULL;
		return talloc_asprintf(p, "%s/include/%s", directories[DIRECTORIES - 1 - d], name);
	}
	return talloc_asprintf(p, "%.*s%sinclude/%s", dir_len, from, slash ? "/" : "", name);
}

static int include(struct policy *p, const char *from, const char *name, struct err *err)
{
	struct machine here = {.root_fd = AT_FDCWD, .root = p->m->root};

	for (size_t n = 0; n < 2; n++) {
		_cleanup_talloc_ char *path = place_included(p, from, name, n);
		struct machine *m = p->is_extra ? &here : p->m;

		if (path && faccessat(m->root_fd, path, F_OK, 0) == 0) {
			int rc = check_holder(m, path, err);

			return rc < 0 ? rc : load_file(m, p, path, err);
		}
	}
	return err_set(
		err, -ENOENT, "there is no %s in the folder \"include\" beside this file", name);
}

static const struct builtin {
	const char *name;
	const char *bytes;
	const size_t *len;
} builtins[] = {
	{POLICY_DEFAULT, builtin_default, &builtin_default_len},
	{POLICY_QUIRKS, builtin_quirks, &builtin_quirks_len},
};

#define BUILTINS (sizeof(builtins) / sizeof(*builtins))

static int is_builtin(const char *name)
{
	for (size_t i = 0; i < BUILTINS; i++)
		if (!strcmp(name, builtins[i].name))
			return 1;
	return 0;
}

static int load_builtin(struct machine *m, struct policy *p, const struct file_list *list,
	const struct builtin *builtin, struct err *err)
{
	const struct policy_file *file = find(list, builtin->name);

	if (!file)
		return policy_add_chunk(p, builtin->bytes, *builtin->len, builtin->name, err);
	return file->masked ? 0 : load_file(m, p, file->path, err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct policy_file *)a)->name, ((const struct policy_file *)b)->name);
}

static int list_files(struct machine *m, struct file_list *list, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < DIRECTORIES && !rc; i++)
		rc = list_directory(m, list, directories[i], err);
	if (list->count)
		qsort(list->files, list->count, sizeof(*list->files), by_name);
	return rc;
}

/* All are read to the end, so that the errors of all are found; the first is reported. */
static int load_all(struct machine *m, struct policy *p, struct file_list *list, struct err *err)
{
	struct err other;
	int rc = 0;

	for (size_t i = 0; i < BUILTINS; i++) {
		int failed = load_builtin(m, p, list, &builtins[i], rc ? &other : err);

		rc = rc ? rc : failed;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct policy_file *file = &list->files[i];
		int failed = 0;

		if (!file->masked && !is_builtin(file->name))
			failed = load_file(m, p, file->path, rc ? &other : err);
		rc = rc ? rc : failed;
	}
	return rc;
}

int policy_load(struct machine *m, struct policy *p, enum policy_files which, const char *extra,
	struct err *err)
{
	struct machine here = {.root_fd = AT_FDCWD, .root = m->root};
	_cleanup_talloc_ struct file_list *list = talloc_zero(p, struct file_list);
	int rc = 0;

	if (!list)
		return err_errno(err, -ENOMEM, "load the policy");
	p->m = m;
	p->include = include;
	if (which == POLICY_ALL)
		rc = list_files(m, list, err);
	if (!rc)
		rc = load_all(m, p, list, err);
	if (!rc && extra) {
		p->is_extra = 1;
		rc = load_file(&here, p, extra, err);
	}
	return rc;
}

static struct policy_source source_of(const struct policy_file *file)
{
	return (struct policy_source){
		.path = file->path, .replaces = file->replaces, .is_masked = file->masked};
}

int policy_sources(struct machine *m, void *ctx, struct policy_source **sources, size_t *count,
	struct err *err)
{
	struct file_list *list = talloc_zero(ctx, struct file_list);
	struct policy_source *found;
	size_t n = 0;
	int rc = list ? list_files(m, list, err) : err_errno(err, -ENOMEM, "list the policy");

	if (rc < 0)
		return rc;
	found = talloc_zero_array(list, struct policy_source, list->count + BUILTINS);
	if (!found)
		return err_errno(err, -ENOMEM, "list the policy");
	for (size_t i = 0; i < BUILTINS; i++, n++) {
		const struct policy_file *file = find(list, builtins[i].name);

		found[n].path = builtins[i].name;
		found[n].is_builtin = !file;
		if (file)
			found[n] = source_of(file);
		if (file && !file->replaces)
			found[n].replaces = "the built-in one";
	}
	for (size_t i = 0; i < list->count; i++)
		if (!is_builtin(list->files[i].name))
			found[n++] = source_of(&list->files[i]);
	*sources = found;
	*count = n;
	return 0;
}
