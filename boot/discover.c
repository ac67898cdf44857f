// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/discover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <talloc.h>
#include <unistd.h>

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
	struct resolver *resolver;
	bool efi;
	struct file_id *seen; /* configurations: a table of seen_size places, a power of two, at
				 most half of them used; an inode of 0 is a free place */
	size_t seen_count, seen_size;
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

static bool grow_seen(struct explorer *x)
{
	size_t size = x->seen_size ? 2 * x->seen_size : 256;
	struct file_id *old = x->seen, *more = talloc_zero_array(x->d, struct file_id, size);

	if (!more)
		return false;
	for (size_t i = 0; i < x->seen_size; i++)
		if (old[i].ino) {
			size_t at = old[i].ino & (size - 1);

			while (more[at].ino)
				at = (at + 1) & (size - 1);
			more[at] = old[i];
		}
	talloc_free(old);
	x->seen = more;
	x->seen_size = size;
	return true;
}

/* Is it new? The same file may be reached by two ways: links, bind mounts, boot -> . */
static bool remember(struct explorer *x, const struct stat *st)
{
	size_t at;

	if (2 * x->seen_count >= x->seen_size && !grow_seen(x))
		return true;
	for (at = st->st_ino & (x->seen_size - 1); x->seen[at].ino;
		at = (at + 1) & (x->seen_size - 1))
		if (x->seen[at].ino == st->st_ino && x->seen[at].dev == st->st_dev)
			return false;
	x->seen[at] = (struct file_id){st->st_dev, st->st_ino};
	x->seen_count += !!st->st_ino;
	return true;
}

/* A reading that keeps count of what it reads. */
struct explorer_reading {
	struct reading reading;
	struct explorer *explorer;
};

static bool is_new(struct reading *r, const struct volume *v, const char *path)
{
	_cleanup_fd_ int fd = volume_open_any(v, path, O_PATH);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return true; /* reading it will say why */
	return remember(((struct explorer_reading *)r)->explorer, &st);
}

/* The bytes that a parser gets: the whole file, or what it wants of it. */
static int read_bytes(struct reading *r, const struct format *format,
	const struct format_place *place, const struct stat *st, char **bytes, size_t *len,
	struct err *err)
{
	ssize_t n;

	if (!place->head)
		return volume_read_open(
			r->volume, NULL, r->file, r->fd, st, format->limit, bytes, len, err);
	*bytes = talloc_size(NULL, place->head);
	n = *bytes ? pread(r->fd, *bytes, place->head, 0) : -1;
	if (n < 0)
		return err_errno(err, -errno, "read %s on %s", r->file, volume_name(r->volume));
	*len = (size_t)n;
	return 0;
}

static int parse(struct explorer *x, struct reading *r, const struct format *format,
	const struct format_place *place, const struct volume_match *match)
{
	entry_parser *parser = place->parse ? place->parse : format->parse;
	_cleanup_talloc_ char *bytes = NULL;
	_cleanup_fd_ int fd = -1;
	size_t len;
	struct stat st;
	struct err err;
	int rc = volume_open_match(r->volume, match, &fd, &st, &err);

	r->fd = fd;
	if (rc == 0 && !remember(x, &st))
		return 0;
	if (rc == 0)
		rc = read_bytes(r, format, place, &st, &bytes, &len, &err);
	if (rc == 0)
		rc = parser(r, bytes, len, &err);
	if (rc == -ENOENT || rc == -ENOTDIR || rc == -ENOMEM || rc == 0)
		return rc == -ENOMEM ? rc : 0;
	return add_problem(x->d, err.text);
}

/* Read a file and parse it; what is not there is nothing, what is wrong is a problem. */
static int read_file(struct explorer *x, const struct volume *v, const struct format *format,
	const struct format_place *place, const struct volume_match *match, struct entry_list *menu)
{
	struct explorer_reading er = {
		.reading =
			{
				.list = menu,
				.file = match->path,
				.volumes = x->d->volumes,
				.volume = v,
				.architecture = x->uts.machine,
				.efi = x->efi,
				.is_new = is_new,
			},
		.explorer = x,
	};
	size_t before = menu->count;
	int rc = parse(x, &er.reading, format, place, match);

	log_debug("%s on %s: %zu entries", match->path, volume_name(v), menu->count - before);
	for (size_t i = before; i < menu->count; i++) {
		struct entry *e = &menu->entries[i];

		if (!e->format)
			e->format = format->name;
		if (!e->source.volume)
			e->source.volume = v;
		e->source.device = e->source.volume->device;
	}
	return rc;
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

static int add_problems(struct explorer *x, struct entry_list *menu)
{
	for (size_t i = 0; i < menu->problem_count; i++)
		if (add_problem(x->d, menu->problems[i]) < 0)
			return -ENOMEM;
	menu->problem_count = 0;
	return 0;
}

/* A menu is complete: see what of it can be booted, and put it behind the others. */
static int add_menu(struct explorer *x, const struct format *format, struct entry_list *menu)
{
	int rc = add_problems(x, menu);

	if (format->sort)
		format->sort(menu);
	for (size_t i = 0; i < menu->count && rc == 0; i++)
		rc = resolve_entry(x->resolver, menu, &menu->entries[i]);
	if (rc < 0)
		return rc;
	if (x->d->entries->count + menu->count > ENTRY_LIST_MAX)
		return add_problem(x->d, "there are too many entries: a menu is left out");
	choose_default(x, menu);
	return entry_list_append(x->d->entries, menu);
}

/* What matches in one place goes to the menu, or each file is a menu of its own where that is NULL. */
static int read_place(struct explorer *x, const struct volume *v, const struct format *format,
	const struct format_place *place, struct entry_list *menu)
{
	_cleanup_talloc_ struct volume_match *found = volume_list(v, NULL, place->pattern);
	int rc = found ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && found[i].path; i++) {
		struct entry_list *into = menu ? menu : entry_list_new(x->d);

		if (!into)
			return -ENOMEM;
		rc = read_file(x, v, format, place, &found[i], into);
		if (rc == 0 && !menu)
			rc = add_menu(x, format, into);
	}
	return rc;
}

static int read_places(struct explorer *x, const struct volume *v, const struct format *format,
	struct entry_list *menu)
{
	int rc = 0;

	for (size_t i = 0; i < FORMAT_PLACES_MAX && format->places[i].pattern && rc == 0; i++)
		rc = read_place(x, v, format, &format->places[i], menu);
	return rc;
}

static bool on_one_disk(const struct volume *a, const struct volume *b)
{
	return a == b || (a->disk && b->disk && !strcmp(a->disk, b->disk));
}

/* All volumes of the disk of this one, which is the first of them. */
static int read_disk(struct explorer *x, const struct volume *first, const struct format *format)
{
	const struct volume_set *set = x->d->volumes;
	struct entry_list *menu = entry_list_new(x->d);
	int rc = menu ? 0 : -ENOMEM;

	for (const struct volume *v = first; v < set->volumes + set->count && rc == 0; v++)
		if (on_one_disk(first, v))
			rc = read_places(x, v, format, menu);
	return rc < 0 ? rc : add_menu(x, format, menu);
}

static int read_one(struct explorer *x, const struct volume *v, const struct format *format)
{
	struct entry_list *menu = entry_list_new(x->d);
	int rc = menu ? read_places(x, v, format, menu) : -ENOMEM;

	return rc < 0 ? rc : add_menu(x, format, menu);
}

static bool is_first_of_disk(const struct volume_set *set, const struct volume *v)
{
	for (const struct volume *other = set->volumes; other < v; other++)
		if (on_one_disk(other, v))
			return false;
	return true;
}

static int read_volume(struct explorer *x, const struct volume *v)
{
	int rc = 0;

	for (const struct format *f = formats; f->name && rc == 0; f++)
		if (f->menu == FORMAT_FILE_IS_MENU)
			rc = read_places(x, v, f, NULL);
		else if (f->menu == FORMAT_DISK_IS_MENU && is_first_of_disk(x->d->volumes, v))
			rc = read_disk(x, v, f);
	return rc;
}

static int read_last_resort(struct explorer *x)
{
	const struct volume_set *set = x->d->volumes;
	int rc = 0;

	for (const struct format *f = formats; f->name; f++)
		for (size_t i = 0; i < set->count && rc == 0; i++)
			if (f->menu == FORMAT_LAST_RESORT)
				rc = read_one(x, &set->volumes[i], f);
	return rc;
}

static int explore(struct machine *m, struct discovery *d)
{
	struct explorer x = {.d = d, .default_index = NO_ENTRY};
	int rc = add_volume_problems(d);
	struct stat st;

	uname(&x.uts);
	x.resolver = resolver_new(d, d->volumes, x.uts.machine);
	if (!x.resolver)
		return -ENOMEM;
	x.efi = fstatat(m->root_fd, "sys/firmware/efi", &st, 0) == 0;
	for (size_t i = 0; i < d->volumes->count && rc == 0; i++)
		rc = read_volume(&x, &d->volumes->volumes[i]);
	if (rc == 0 && !d->entries->count)
		rc = read_last_resort(&x);
	if (rc < 0)
		return rc;
	if (x.default_index != NO_ENTRY)
		d->entries->entries[x.default_index].is_default = 1;
	talloc_free(x.seen);
	talloc_free(x.resolver);
	return entry_list_make_unique(d->entries);
}

int discover_in(struct machine *m, void *ctx, struct volume_set *volumes,
	struct discovery **discovery, struct err *err)
{
	_cleanup_talloc_ struct discovery *d = talloc_zero(ctx, struct discovery);
	int rc;

	if (d)
		d->entries = entry_list_new(d);
	if (!d || !d->entries) {
		talloc_free(volumes);
		return err_errno(err, -ENOMEM, "look for boot entries");
	}
	d->volumes = talloc_steal(d, volumes);
	rc = explore(m, d);
	if (rc < 0)
		return err_errno(err, rc, "look for boot entries");
	*discovery = d;
	d = NULL;
	return 0;
}

int discover(struct machine *m, void *ctx, unsigned int flags, struct discovery **discovery,
	struct err *err)
{
	struct volume_set *volumes;
	int rc = volumes_find(m, ctx, flags, &volumes, err);

	return rc < 0 ? err_wrap(err, rc, "look for boot entries")
		      : discover_in(m, ctx, volumes, discovery, err);
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
