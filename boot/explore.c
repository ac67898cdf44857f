// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading every configuration on the volumes. */
#include "boot/explore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/seen.h"
#include "boot/volume/names.h"
#include "devices/cleanup.h"
#include "devices/log.h"

/* Bytes that the configurations of one disk may have, whatever their number: far more than any has,
 * and little enough to have them in memory twice, as entries and as JSON. */
#define DISK_BYTES_MAX (8 << 20)
#define REPEATED_WITHIN 64

/* One exploration on its way. */
struct explorer {
	struct exploration *result;
	const struct explored *what;
	struct seen *seen; /* configurations */
	size_t bytes;      /* read of this disk */
	bool *withheld;    /* of each volume: is it told that we may not read all of it? */
};

/* Several patterns may lead to one file: not long ago, so that very many cost no time. */
static bool is_repeated(const struct exploration *e, const char *text)
{
	size_t oldest = e->problem_count > REPEATED_WITHIN ? e->problem_count - REPEATED_WITHIN : 0;

	for (size_t i = e->problem_count; i-- > oldest;)
		if (!strcmp(e->problems[i], text))
			return true;
	return false;
}

static int add_problem(struct exploration *e, const char *text)
{
	return is_repeated(e, text) ? 0
				    : entry_add_problem(e, &e->problems, &e->problem_count, text);
}

/* A reading that keeps count of what it reads. */
struct explorer_reading {
	struct reading reading;
	struct explorer *explorer;
};

/* The same file may be reached by two ways: links, bind mounts, boot -> . */
static bool is_new(struct reading *r, const struct volume *v, const char *path)
{
	_cleanup_fd_ int fd = volume_open_any(v, path, O_PATH);
	struct stat st;

	return fd < 0 || fstat(fd, &st) < 0 ||
	       seen_add(((struct explorer_reading *)r)->explorer->seen, &st);
}

static int look_inside(struct reading *r, const struct volume *v, const char *path,
	const struct volume **found, struct err *err)
{
	struct explorer *x = ((struct explorer_reading *)r)->explorer;

	return volume_inside(x->what->volumes, v, path, found, err);
}

/* Open a file that was not read before, else -EALREADY. */
static int open_new(struct explorer *x, const struct volume *v, const struct volume_match *match,
	int *fd, struct stat *st, struct err *err)
{
	int rc = volume_open_match(v, match, fd, st, err);

	return rc < 0 ? rc : seen_add(x->seen, st) ? 0 : -EALREADY;
}

/* How much of the file a parser gets: all of it, or what it wants of it. */
static int size_to_read(const struct explorer *x, const struct reading *r, size_t limit,
	size_t head, size_t *size, struct err *err)
{
	const char *volume = volume_name(r->volume);

	if (head && *size > head)
		*size = head;
	if (head)
		return 0;
	if (*size > limit)
		return err_set(
			err, -EFBIG, "%s on %s is larger than %zu bytes", r->file, volume, limit);
	if (*size > DISK_BYTES_MAX - x->bytes)
		return err_set(err, -E2BIG,
			"%s on %s, and what follows it, is left out: the configurations of this "
			"disk have more than %d MiB",
			r->file, volume, DISK_BYTES_MAX >> 20);
	return 0;
}

/* Most configurations are small. */
#define SHORT_MAX 4096

/* A file whose size nobody knows yet: if it is short it is read, with a NUL behind it. *size is told in both
 * cases. 1 if it was read. */
static int read_short(const struct reading *r, char bytes[SHORT_MAX + 1], off_t *size)
{
	struct stat st;
	ssize_t n;

	do
		n = pread(r->fd, bytes, SHORT_MAX, 0);
	while (n < 0 && errno == EINTR);
	if (n == SHORT_MAX && fstat(r->fd, &st) == 0) {
		*size = st.st_size;
		return 0;
	}
	if (n < 0 || n == SHORT_MAX)
		return -errno;
	*size = n;
	bytes[n] = '\0';
	return 1;
}

static int read_whole(const struct reading *r, char *bytes, size_t size)
{
	int rc = bytes ? reading_part(r, "", 0, 0, bytes, size) : -ENOMEM;

	if (rc == 0)
		bytes[size] = '\0';
	return rc;
}

static int read_and_parse(struct explorer *x, struct reading *r, const struct format *format,
	const struct format_place *place, off_t size, struct err *err)
{
	_cleanup_talloc_ char *whole = NULL;
	char few[SHORT_MAX + 1], *bytes = few;
	int is_read = size < 0 ? read_short(r, few, &size) : 0;
	size_t len = (size_t)size;
	int rc = is_read < 0 ? 0 : size_to_read(x, r, format->limit, place->head, &len, err);

	if (rc < 0)
		return rc;
	if (is_read == 0) {
		bytes = whole = talloc_size(NULL, len + 1);
		is_read = read_whole(r, bytes, len);
	}
	if (is_read < 0)
		return err_errno(err, is_read, "read %s on %s", r->file, volume_name(r->volume));
	bytes[len] = '\0';
	x->bytes += place->head ? 0 : len;
	return (place->parse ? place->parse : format->parse)(r, bytes, len, err);
}

/* Told once of a volume: where we may not look into a directory, whatever might be there is denied. */
static int add_withheld(struct explorer *x, const struct volume *v)
{
	bool *told = &x->withheld[v - x->what->volumes->volumes];
	struct err err;

	if (*told)
		return 0;
	*told = true;
	err_set(&err, 0,
		"%s: not all of it may be read without root rights: entries may be missing",
		volume_name(v));
	return add_problem(x->result, err.text);
}

/* 1 where there can be no more of this menu. */
static int parse(struct explorer *x, struct reading *r, const struct format *format,
	const struct format_place *place, const struct volume_match *match)
{
	_cleanup_fd_ int fd = -1;
	size_t before = r->list->count;
	struct stat st;
	struct err err;
	int rc = open_new(x, r->volume, match, &fd, &st, &err);

	r->fd = fd;
	if (rc == 0)
		rc = read_and_parse(x, r, format, place, st.st_size, &err);
	if (rc == 0)
		log_debug("%s on %s: %zu entries", match->path, volume_name(r->volume),
			r->list->count - before);
	if (rc == -EACCES && volume_has(r->volume, r->file, NULL) == -EACCES)
		return add_withheld(x, r->volume);
	/* -EXDEV: another filesystem is mounted there, and we may not look below it. */
	if (rc == -EALREADY || rc == -ENOENT || rc == -ENOTDIR || rc == -EXDEV || rc == -ENOMEM ||
		rc == 0)
		return rc == -ENOMEM ? rc : 0;
	if (rc == -E2BIG && r->list->count >= ENTRY_LIST_MAX)
		err_set(&err, rc,
			"%s on %s, and what follows it, is left out: there are %d entries", r->file,
			volume_name(r->volume), ENTRY_LIST_MAX);
	if (add_problem(x->result, err.text) < 0)
		return -ENOMEM;
	return rc == -E2BIG;
}

/* Read a file and parse it; what is not there is nothing, what is wrong is a problem. 1 is enough. */
static int read_file(struct explorer *x, const struct volume *v, const struct format *format,
	const struct format_place *place, const struct volume_match *match, struct entry_list *menu)
{
	struct explorer_reading er = {
		.reading =
			{
				.list = menu,
				.file = match->path,
				.volumes = x->what->volumes,
				.volume = v,
				.architecture = x->what->architecture,
				.efi = x->what->efi,
				.is_new = is_new,
				.look_inside = look_inside,
			},
		.explorer = x,
	};
	size_t before = menu->count;
	int rc = parse(x, &er.reading, format, place, match);

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

static int add_problems(struct exploration *e, struct entry_list *menu)
{
	int rc = 0;

	for (size_t i = 0; i < menu->problem_count && rc == 0; i++)
		rc = add_problem(e, menu->problems[i]);
	menu->problem_count = 0;
	return rc;
}

/* A menu is read. file is where it is written, where that is one file. */
static int add_menu(struct explorer *x, const struct volume *v, const struct format *format,
	const char *file, struct entry_list *list)
{
	struct exploration *e = x->result;
	struct explored_menu *more;

	if (add_problems(e, list) < 0)
		return -ENOMEM;
	if (!list->count) {
		talloc_free(list);
		return 0;
	}
	if (format->sort)
		format->sort(list);
	more = talloc_realloc(e, e->menus, struct explored_menu, e->menu_count + 1);
	if (!more)
		return -ENOMEM;
	e->menus = more;
	more[e->menu_count++] = (struct explored_menu){
		.list = list,
		.format = format,
		.volume = v,
		.file = talloc_strdup(list, file ? file : ""),
	};
	return more[e->menu_count - 1].file ? 0 : -ENOMEM;
}

/* A directory that is there and could not be read. */
static int add_missed(struct explorer *x, const struct volume *v, const char *pattern, int missed)
{
	const char *slash = strrchr(pattern, '/');
	struct err err;

	if (!missed)
		return 0;
	if (missed == -EACCES)
		return add_withheld(x, v);
	err_errno(&err, missed, "read the directory %.*s on %s", slash ? (int)(slash - pattern) : 1,
		slash ? pattern : "/", volume_name(v));
	return add_problem(x->result, err.text);
}

/* What matches in one place goes to the menu, or each file is a menu of its own where that is NULL. */
static int read_place(struct explorer *x, const struct volume *v, const struct format *format,
	const struct format_place *place, struct entry_list *menu)
{
	int missed = 0, rc;
	_cleanup_talloc_ struct volume_match *found = volume_list(v, NULL, place->pattern, &missed);

	rc = found ? add_missed(x, v, place->pattern, missed) : -ENOMEM;

	for (size_t i = 0; rc == 0 && found[i].path; i++) {
		struct entry_list *into = menu ? menu : entry_list_new(x->result);

		if (!into)
			return -ENOMEM;
		rc = read_file(x, v, format, place, &found[i], into);
		if (rc >= 0 && !menu && add_menu(x, v, format, found[i].path, into) < 0)
			rc = -ENOMEM;
	}
	return rc < 0 ? rc : 0;
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

static bool is_first_of_disk(const struct volume_set *set, const struct volume *v)
{
	for (const struct volume *other = set->volumes; other < v; other++)
		if (on_one_disk(other, v))
			return false;
	return true;
}

static int read_files(struct explorer *x, const struct volume *v, const struct format *format)
{
	return read_places(x, v, format, NULL);
}

/* systemd-boot knows no loader.conf but that on its own partition. */
static bool is_esp(const struct explorer *x, const struct volume *v)
{
	return x->what->esp && volume_names_have(v->names, x->what->esp);
}

/* All volumes of the disk of this one, if it is the first of them. */
static int read_disk(struct explorer *x, const struct volume *first, const struct format *format)
{
	const struct volume_set *set = x->what->volumes;
	struct entry_list *menu;
	int rc = 0;

	if (!is_first_of_disk(set, first))
		return 0;
	menu = entry_list_new(x->result);
	if (!menu)
		return -ENOMEM;
	for (int others = 0; others < 2; others++)
		for (const struct volume *v = first; v < set->volumes + set->count && rc == 0; v++)
			if (is_esp(x, v) != others && on_one_disk(first, v))
				rc = read_places(x, v, format, menu);
	return rc < 0 ? rc : add_menu(x, first, format, NULL, menu);
}

static int read_last_resort(struct explorer *x, const struct volume *v, const struct format *format)
{
	struct entry_list *menu = x->result->menu_count ? NULL : entry_list_new(x->result);
	int rc;

	if (!menu)
		return x->result->menu_count ? 0 : -ENOMEM;
	rc = read_places(x, v, format, menu);
	return rc < 0 ? rc : add_menu(x, v, format, NULL, menu);
}

typedef int read_volume(struct explorer *, const struct volume *, const struct format *);

/* One kind of menu after the other: scripts may read the files of other formats, which are not listed
 * again then, and a last resort has to know that there is nothing else. */
static int read_all(struct explorer *x)
{
	static const struct {
		enum format_menu menu;
		read_volume *read;
	} kinds[] = {
		{FORMAT_FILE_IS_MENU, read_files},
		{FORMAT_DISK_IS_MENU, read_disk},
		{FORMAT_LAST_RESORT, read_last_resort},
	};
	const struct volume_set *set = x->what->volumes;
	int rc = 0;

	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++)
		for (const struct format *f = formats; f->name; f++)
			for (size_t i = 0; i < set->count && rc == 0; i++) {
				x->bytes = 0;
				if (f->menu == kinds[kind].menu)
					rc = kinds[kind].read(x, &set->volumes[i], f);
			}
	return rc;
}

static int compare_menus(const void *a, const void *b)
{
	const struct explored_menu *x = a, *y = b;

	if (x->volume != y->volume)
		return x->volume < y->volume ? -1 : 1;
	if (x->format != y->format)
		return x->format < y->format ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

int explore(void *ctx, const struct explored *what, struct exploration **result)
{
	_cleanup_talloc_ struct exploration *e = talloc_zero(ctx, struct exploration);
	struct explorer x = {.result = e, .what = what};
	int rc = -ENOMEM;

	x.seen = e ? seen_new(e) : NULL;
	x.withheld = e ? talloc_zero_array(e, bool, what->volumes->count) : NULL;
	if (x.seen && x.withheld)
		rc = read_all(&x);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < e->menu_count; i++)
		e->menus[i].order = i;
	if (e->menu_count)
		qsort(e->menus, e->menu_count, sizeof(*e->menus), compare_menus);
	*result = e;
	e = NULL;
	return 0;
}
