// SPDX-License-Identifier: GPL-2.0-or-later
/* The audit of a directory of module files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/audit_elf.h"
#include "devices/audit_file.h"
#include "devices/audit_kernel.h"
#include "devices/cleanup.h"

#define DEPTH_MAX 32 /* folders in each other; the kernel's tree has 9 */

struct walk {
	struct audit_buffer buffer;
	const struct audit_kernel *kernel;
	struct audit_list *list;
	struct err *err;
};

int audit_append(struct audit_list *list, const struct audit_driver *driver)
{
	struct audit_driver *more, *d;

	if (list->count % 64 == 0) {
		more = talloc_realloc(list, list->drivers, struct audit_driver, list->count + 64);
		if (!more)
			return -ENOMEM;
		list->drivers = more;
	}
	d = &list->drivers[list->count];
	*d = *driver;
	d->name = talloc_strdup(list, driver->name);
	d->module = talloc_strdup(list, driver->module);
	d->why = talloc_strdup(list, driver->why);
	if ((driver->name && !d->name) || (driver->module && !d->module) ||
		(driver->why && !d->why))
		return -ENOMEM;
	list->count++;
	return 0;
}

/* lsmod's name: scripts/Makefile.lib, name-fix: '-' becomes '_'. */
static void module_name(char *name, size_t size, const char *file, size_t stem)
{
	snprintf(name, size, "%.*s", (int)stem, file);
	for (char *c = strchr(name, '-'); c; c = strchr(c, '-'))
		*c = '_';
}

static int read_module(struct walk *w, int dirfd, const char *file, size_t stem)
{
	char name[NAME_MAX + 1];
	const void *bytes;
	struct err cause;
	size_t size;
	int rc;

	module_name(name, sizeof(name), file, stem);
	w->list->modules++;
	rc = audit_file_read(&w->buffer, dirfd, file, &bytes, &size, &cause);
	if (rc < 0)
		rc = audit_append(w->list, &(struct audit_driver){NULL, name, AUDIT_UNKNOWN,
						   AUDIT_UNKNOWN, AUDIT_FROM_MODULE, cause.text});
	else
		rc = audit_elf(bytes, size, name, w->kernel, w->list);
	return rc < 0 ? err_errno(w->err, rc, "read %s", file) : 0;
}

static int walk(struct walk *w, int dirfd, const char *path, int depth)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (depth ? O_NOFOLLOW : 0));
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	size_t stem;
	int rc = 0;

	if (!dir)
		return err_errno(w->err, -errno, "open the directory %s", path);
	while (rc == 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (entry->d_type == DT_DIR && depth < DEPTH_MAX)
			rc = walk(w, fd, entry->d_name, depth + 1);
		else if (entry->d_type == DT_REG && audit_is_module(entry->d_name, &stem))
			rc = read_module(w, fd, entry->d_name, stem);
	}
	return rc;
}

static const char *text(const char *string)
{
	return string ? string : "";
}

static int by_name(const void *a, const void *b)
{
	const struct audit_driver *x = a, *y = b;
	int order = strcmp(text(x->name), text(y->name));

	return order ? order : strcmp(text(x->module), text(y->module));
}

int audit_modules(struct audit *a, int dirfd, const char *dir, void *ctx, struct audit_list **list,
	struct err *err)
{
	struct walk w = {.err = err, .kernel = audit_kernel(a)};
	_cleanup_talloc_ struct audit_list *l = talloc_zero(ctx, struct audit_list);
	int rc;

	if (!l)
		return err_errno(err, -ENOMEM, "audit %s", dir);
	rc = audit_buffer_open(&w.buffer, err);
	if (rc < 0)
		return rc;
	w.list = l;
	rc = walk(&w, dirfd, dir, 0);
	audit_buffer_close(&w.buffer);
	if (rc < 0)
		return rc;
	if (l->count)
		qsort(l->drivers, l->count, sizeof(*l->drivers), by_name);
	*list = l;
	l = NULL;
	return 0;
}
