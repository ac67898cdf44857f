// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/discover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <talloc.h>

#include "boot/format.h"
#include "boot/resolve.h"
#include "devices/cleanup.h"
#include "devices/log.h"

#define NO_ENTRY ((size_t)-1)

struct file_id {
	dev_t dev;
	ino_t ino;
};

/* One discovery on its way. */
struct explorer {
	struct discovery *d;
	struct utsname uts;
	struct file_id *seen; /* configurations */
	size_t seen_count;
	size_t default_index; /* in the entries, NO_ENTRY until there is one */
	bool default_boots;
};

static int add_problem(struct discovery *d, const char *text)
{
	const char **more = talloc_realloc(d, d->problems, const char *, d->problem_count + 1);

	if (!more)
		return -ENOMEM;
	d->problems = more;
	more[d->problem_count] = talloc_strdup(d, text);
	if (!more[d->problem_count])
		return -ENOMEM;
	d->problem_count++;
	return 0;
}

static int add_volume_problems(struct discovery *d)
{
	for (size_t i = 0; i < d->volumes->problem_count; i++) {
		const struct volume_problem *p = &d->volumes->problems[i];
		struct err err;

		err_set(&err, 0, "%s: %s", p->device, p->text);
		if (add_problem(d, err.text) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Is it new? The same file may be reached by two ways: links, bind mounts, boot -> . */
static bool remember(struct explorer *x, const struct volume *v, const char *path)
{
	_cleanup_fd_ int fd = volume_open_any(v, path, O_PATH);
	struct file_id *more;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return true; /* reading it will say why */
	for (size_t i = 0; i < x->seen_count; i++)
		if (x->seen[i].dev == st.st_dev && x->seen[i].ino == st.st_ino)
			return false;
	more = talloc_realloc(x->d, x->seen, struct file_id, x->seen_count + 1);
	if (!more)
		return true;
	x->seen = more;
	more[x->seen_count++] = (struct file_id){st.st_dev, st.st_ino};
	return true;
}

/* Read a file and parse it; what is not there is nothing, what is wrong is a problem. */
static int read_file(struct explorer *x, const struct volume *v, const char *path, size_t limit,
	entry_parser *parse, struct entry_list *list)
{
	_cleanup_talloc_ char *bytes = NULL;
	size_t len, before = list->count;
	struct err err;
	int rc = volume_read(v, NULL, path, limit, &bytes, &len, &err);

	if (rc == -ENOENT || rc == -ENOTDIR)
		return 0;
	if (rc == 0)
		rc = parse(bytes, len, path, list, &err);
	if (rc < 0)
		return rc == -ENOMEM ? rc : add_problem(x->d, err.text);
	log_debug("%s on %s: %zu entries", path, volume_name(v), list->count - before);
	for (size_t i = before; i < list->count; i++) {
		list->entries[i].source.volume = v;
		list->entries[i].source.device = v->device;
	}
	return 0;
}

static void choose_default(struct explorer *x, const struct entry_list *menu)
{
	const struct entry *entry = entry_list_default(menu);

	if (!entry || x->default_boots)
		return;
	if (x->default_index == NO_ENTRY || !entry->reason)
		x->default_index = x->d->entries->count + (size_t)(entry - menu->entries);
	x->default_boots = !entry->reason;
}

/* A menu is complete: see what of it can be booted, and put it behind the others. */
static int add_menu(struct explorer *x, struct entry_list *menu)
{
	int rc = 0;

	for (size_t i = 0; i < menu->count && rc == 0; i++)
		rc = resolve_entry(x->d->volumes, x->uts.machine, menu, &menu->entries[i]);
	if (rc < 0)
		return rc;
	if (x->d->entries->count + menu->count > ENTRY_LIST_MAX)
		return add_problem(x->d, "there are too many entries: a menu is left out");
	choose_default(x, menu);
	return entry_list_append(x->d->entries, menu);
}

/* The files of one place that are one menu. */
static int read_menu(struct explorer *x, const struct volume *v, const struct format *format,
	char **paths, const char *settings)
{
	struct entry_list *menu = entry_list_new(x->d);
	int rc = menu ? 0 : -ENOMEM;

	for (; *paths && rc == 0; paths++)
		if (remember(x, v, *paths))
			rc = read_file(x, v, *paths, format->limit, format->parse, menu);
	if (rc == 0 && settings && menu->count)
		rc = read_file(x, v, settings, format->limit, format->parse_settings, menu);
	if (rc < 0)
		return rc;
	if (format->sort)
		format->sort(menu);
	return add_menu(x, menu);
}

static int read_place(
	struct explorer *x, const struct volume *v, const struct format *format, size_t place)
{
	const char *settings = format->places[place].settings;
	_cleanup_talloc_ char **paths = volume_glob(v, NULL, format->places[place].pattern);
	int rc = paths ? 0 : -ENOMEM;

	if (rc == 0 && format->sort)
		return read_menu(x, v, format, paths, settings);
	for (size_t i = 0; rc == 0 && paths[i]; i++) {
		char *alone[] = {paths[i], NULL};

		rc = read_menu(x, v, format, alone, settings);
	}
	return rc;
}

static int read_volume(struct explorer *x, const struct volume *v)
{
	int rc = 0;

	for (const struct format *f = formats; f->name; f++)
		for (size_t i = 0; i < FORMAT_PLACES_MAX && f->places[i].pattern && rc == 0; i++)
			rc = read_place(x, v, f, i);
	return rc;
}

static int explore(struct discovery *d)
{
	struct explorer x = {.d = d, .default_index = NO_ENTRY};
	int rc = add_volume_problems(d);

	uname(&x.uts);
	for (size_t i = 0; i < d->volumes->count && rc == 0; i++)
		rc = read_volume(&x, &d->volumes->volumes[i]);
	if (rc < 0)
		return rc;
	if (x.default_index != NO_ENTRY)
		d->entries->entries[x.default_index].is_default = 1;
	talloc_free(x.seen);
	return entry_list_make_unique(d->entries);
}

int discover(struct machine *m, void *ctx, unsigned int flags, struct discovery **discovery,
	struct err *err)
{
	_cleanup_talloc_ struct discovery *d = talloc_zero(ctx, struct discovery);
	int rc;

	if (d)
		d->entries = entry_list_new(d);
	if (!d || !d->entries)
		return err_errno(err, -ENOMEM, "look for boot entries");
	rc = volumes_find(m, d, flags, &d->volumes, err);
	if (rc < 0)
		return err_wrap(err, rc, "look for boot entries");
	rc = explore(d);
	if (rc < 0)
		return err_errno(err, rc, "look for boot entries");
	*discovery = d;
	d = NULL;
	return 0;
}

int discovery_open(const struct entry_file *file, int *fd, struct err *err)
{
	if (!file->volume)
		return err_set(err, -ENODEV, "%s is on %s, which is not there", file->path,
			file->on ? file->on : "a filesystem");
	return volume_open(file->volume, file->path, fd, err);
}

char *discovery_file_name(void *ctx, const struct entry_file *file)
{
	const char *volume = file->volume ? volume_name(file->volume) : file->on;

	return talloc_asprintf(ctx, "%s on %s", file->path, volume ? volume : "no filesystem");
}

int discovery_close(struct discovery *discovery, struct err *err)
{
	return volumes_close(discovery->volumes, err);
}
