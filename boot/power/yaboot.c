// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * yaboot.conf: yaboot.conf(5), yaboot's second/cfg.c and make_params() in second/yaboot.c, and
 * Petitboot's discover/yaboot-parser.c. Options before the first image= are the defaults of all
 * images. An option that is given twice counts as given last.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include "boot/format.h"
#include "boot/power/labels.h"
#include "boot/power/yaboot_item.h"
#include "boot/power/yaboot_path.h"
#include "devices/cleanup.h"

/* All images may have what the global section says; these keep a hostile one from filling
 * memory. */
#define VALUE_MAX 2048
#define INITRDS_MAX 4 /* parts, each on a floppy disk of its own */

enum option {
	LABEL,
	ALIAS,
	DEVICE,
	PARTITION,
	ROOT,
	READ_ONLY,
	READ_WRITE,
	RAMDISK,
	INITRD_SIZE,
	NOVIDEO,
	APPEND,
	ADDAPPEND,
	LITERAL,
	INITRD,
	DEFAULT,
	TIMEOUT,
	OPTIONS, /* from here on not kept */
	IMAGE,
	OTHER,
	SYSTEM, /* one that the firmware starts */
	NOTHING_TO_US,
};

enum place { ANYWHERE, GLOBAL, OF_IMAGE };

static const struct option_name {
	const char *name;
	enum option option;
	enum place place;
	const char *title; /* of a system */
} option_names[] = {
	{"label", LABEL, OF_IMAGE, NULL},
	{"alias", ALIAS, OF_IMAGE, NULL},
	{"device", DEVICE, ANYWHERE, NULL},
	{"partition", PARTITION, ANYWHERE, NULL},
	{"root", ROOT, ANYWHERE, NULL},
	{"read-only", READ_ONLY, ANYWHERE, NULL},
	{"read-write", READ_WRITE, ANYWHERE, NULL},
	{"ramdisk", RAMDISK, ANYWHERE, NULL},
	{"initrd-size", INITRD_SIZE, ANYWHERE, NULL},
	{"initrd_size", INITRD_SIZE, ANYWHERE, NULL}, /* Petitboot's */
	{"novideo", NOVIDEO, OF_IMAGE, NULL},
	{"append", APPEND, ANYWHERE, NULL},
	{"addappend", ADDAPPEND, OF_IMAGE, NULL}, /* LILO's, as are "other" and "prompt" */
	{"literal", LITERAL, OF_IMAGE, NULL},
	{"initrd", INITRD, ANYWHERE, NULL},
	{"default", DEFAULT, GLOBAL, NULL},
	{"timeout", TIMEOUT, GLOBAL, NULL},
	{"other", OTHER, ANYWHERE, NULL},
	{"bsd", SYSTEM, ANYWHERE, "BSD"},
	{"macos", SYSTEM, ANYWHERE, "Mac OS"},
	{"macosx", SYSTEM, ANYWHERE, "Mac OS X"},
	{"darwin", SYSTEM, ANYWHERE, "Darwin"},
	/* Flags, known so that they end a value that they follow. */
	{"restricted", NOTHING_TO_US, ANYWHERE, NULL},
	{"single-key", NOTHING_TO_US, ANYWHERE, NULL},
	{"initrd-prompt", NOTHING_TO_US, ANYWHERE, NULL},
	{"pause-after", NOTHING_TO_US, ANYWHERE, NULL},
	{"prompt", NOTHING_TO_US, ANYWHERE, NULL},
};
#define OPTION_NAMES (sizeof(option_names) / sizeof(*option_names))

/* "image[64bit]=inst64" of SUSE's installation media; of these two the kernel that kexec can take
 * is known (Petitboot, yaboot_process_pair()), since what is named is a zImage. */
static const struct suse {
	const char *name, *image, *initrd;
} suse_images[] = {
	{"image[32bit]", "/suseboot/vmlinux32", "/suseboot/initrd32"},
	{"image[64bit]", "/suseboot/vmlinux64", "/suseboot/initrd64"},
};

struct section {
	const char *image; /* NULL for the global one */
	enum option kind;  /* IMAGE or OTHER */
	const char *values[OPTIONS];
	const struct suse *suse;
	unsigned int line;
};

struct yaboot {
	struct reading *r;
	struct section global, image;
	size_t chosen; /* the default's entry */
	struct {
		const char *where;
		unsigned int line;
	} systems[OPTION_NAMES];
	bool failed, full;
};

static const struct option_name *option_named(struct line_text name)
{
	for (size_t i = 0; i < OPTION_NAMES; i++)
		if (line_is(name, option_names[i].name))
			return &option_names[i];
	return NULL;
}

static bool is_image(struct line_text name)
{
	return line_is(name, "image") || (name.len > 6 && !strncasecmp(name.at, "image[", 6));
}

static bool is_flag(enum option option)
{
	return option == READ_ONLY || option == READ_WRITE || option == NOVIDEO ||
	       option == NOTHING_TO_US;
}

static bool is_item(struct line_text name, enum yaboot_kind kind)
{
	const struct option_name *known = option_named(name);

	if (is_image(name))
		return kind == YABOOT_VARIABLE;
	return known && is_flag(known->option) == (kind == YABOOT_FLAG);
}

static const char *get(const struct yaboot *y, enum option option)
{
	const char *value = y->image.values[option];

	value = value ? value : y->global.values[option];
	return value && *value ? value : NULL;
}

static bool is_set(const struct yaboot *y, enum option option)
{
	return y->image.values[option] || y->global.values[option];
}

/* An empty value is like none. */
static const struct {
	enum option option;
	const char *lead;
} arguments[] = {
	{ROOT, "root="},
	{READ_WRITE, "rw"},
	{READ_ONLY, "ro"},
	{RAMDISK, "ramdisk="},
	{INITRD_SIZE, "ramdisk_size="},
	{NOVIDEO, "video=ofonly"},
	{APPEND, ""},
	{ADDAPPEND, ""},
};

/* A flag is its own argument. With both yaboot says "ro rw", of which the kernel takes the last. */
static const char *argument(const struct yaboot *y, enum option option)
{
	if (option == READ_ONLY && is_set(y, READ_WRITE))
		return NULL;
	if (is_flag(option))
		return is_set(y, option) ? "" : NULL;
	return get(y, option);
}

static char *options_of(const struct yaboot *y)
{
	char *options = talloc_strdup(NULL, get(y, LITERAL) ? get(y, LITERAL) : "");

	if (get(y, LITERAL))
		return options;
	for (size_t i = 0; options && i < sizeof(arguments) / sizeof(*arguments); i++) {
		const char *value = argument(y, arguments[i].option);

		if (value)
			options = talloc_asprintf_append_buffer(
				options, "%s%s%s", *options ? " " : "", arguments[i].lead, value);
	}
	return options;
}

static bool read_initrds(struct yaboot *y, struct entry *e, const struct yaboot_place *place)
{
	_cleanup_talloc_ char *names = talloc_strdup(NULL, get(y, INITRD) ? get(y, INITRD) : "");
	char *rest = NULL;
	bool ok = names;

	for (char *n = ok ? strtok_r(names, "|", &rest) : NULL; n && ok;
		n = strtok_r(NULL, "|", &rest)) {
		struct entry_file file = {.path = NULL};

		if (e->initrd_count == INITRDS_MAX) {
			e->reason = "it has more initrds than stillboot takes";
			return true;
		}
		ok = yaboot_path_read(y->r, place, n, &file, &e->reason);
		if (ok && file.path)
			ok = entry_add_initrd(y->r->list, e, file) == 0;
	}
	return ok;
}

static bool read_image(struct yaboot *y, struct entry *e)
{
	const struct yaboot_place place = {get(y, DEVICE), get(y, PARTITION)};
	_cleanup_talloc_ char *options = options_of(y);

	if (!options || !labels_set_options(y->r->list, e, options))
		return false;
	if (y->image.kind == OTHER) {
		e->reason = "it is another system, which its own loader starts";
		return true;
	}
	return (!*y->image.image ||
		       yaboot_path_read(y->r, &place, y->image.image, &e->kernel, &e->reason)) &&
	       read_initrds(y, e, &place);
}

static struct entry *add(struct yaboot *y, const char *label, unsigned int line)
{
	struct entry *e;

	y->full = y->r->list->count >= ENTRY_LIST_MAX;
	if (y->full)
		labels_full(y->r, line);
	e = y->full ? NULL : labels_add(y->r, label, line);
	y->failed |= !e && !y->full;
	return e;
}

/* Of two with the same label the last counts, but those for other machines are none. */
static void choose(struct yaboot *y, size_t index, const char *label)
{
	const char *wanted = y->global.values[DEFAULT], *alias = y->image.values[ALIAS];

	if (!wanted || (strcasecmp(wanted, label) && (!alias || strcasecmp(wanted, alias))))
		return;
	if (y->image.suse != &suse_images[0] || y->chosen == SIZE_MAX)
		y->chosen = index;
}

/* The image's section is complete. */
static void finish_image(struct yaboot *y)
{
	const struct section *s = &y->image;
	const char *slash = s->image ? strrchr(s->image, '/') : NULL;
	const char *label = s->values[LABEL];
	struct entry *e;

	if (!s->image || y->failed || y->full)
		return;
	if (!label || !*label)
		label = slash && slash[1] ? slash + 1 : s->image;
	if (!*label)
		label = "image";
	e = add(y, label, s->line);
	if (!e)
		return;
	y->failed = !read_image(y, e);
	choose(y, y->r->list->count - 1, label);
}

/* The item's value. One that is too long is left out: yaboot itself takes 511 bytes (second/cfg.c,
 * MAX_TOKEN). */
static const char *keep(struct yaboot *y, const struct yaboot_item *item)
{
	const char *value = item->value ? item->value : "";
	struct line_text text = line_trim((struct line_text){value, strlen(value)});
	char *copy;

	if (text.len > VALUE_MAX) {
		reading_problem(y->r, NULL, item->line, "a value of more than %d bytes is left out",
			VALUE_MAX);
		text.len = 0;
	}
	copy = line_copy(y->r->list, text);
	y->failed |= !copy;
	return copy;
}

static const struct suse *suse_named(struct line_text name)
{
	for (size_t i = 0; i < sizeof(suse_images) / sizeof(*suse_images); i++)
		if (line_is(name, suse_images[i].name))
			return &suse_images[i];
	return NULL;
}

static void begin_image(struct yaboot *y, const struct yaboot_item *item, enum option kind)
{
	const struct suse *suse = suse_named(item->name);
	const char *value = item->value ? item->value : "";

	finish_image(y);
	y->image = (struct section){.kind = kind, .suse = suse, .line = item->line};
	y->image.image = suse && *value != '/' ? suse->image : keep(y, item);
	if (suse && *value != '/')
		y->image.values[INITRD] = suse->initrd;
}

static void set(struct yaboot *y, const struct yaboot_item *item, const struct option_name *name)
{
	struct section *section = y->image.image ? &y->image : &y->global;
	enum place place = y->image.image ? OF_IMAGE : GLOBAL;

	if (name->place != ANYWHERE && name->place != place)
		reading_problem(y->r, NULL, item->line, "\"%s\" has no meaning %s an image",
			name->name, place == GLOBAL ? "outside of" : "within");
	else
		section->values[name->option] = keep(y, item);
}

static void read_item(struct yaboot *y, const struct yaboot_item *item)
{
	const struct option_name *name = option_named(item->name);
	enum option option = name ? name->option : NOTHING_TO_US;

	if (!item->name.len)
		reading_problem(y->r, NULL, item->line, "this is no option");
	if (is_image(item->name))
		option = IMAGE;
	if (option == IMAGE || option == OTHER) {
		begin_image(y, item, option);
	} else if (option == SYSTEM) {
		y->systems[name - option_names].where = keep(y, item);
		y->systems[name - option_names].line = item->line;
	} else if (option < OPTIONS) {
		set(y, item, name);
	}
}

/* What yaboot's first stage offers beside yaboot. */
static void add_systems(struct yaboot *y)
{
	for (size_t i = 0; i < OPTION_NAMES && !y->failed && !y->full; i++) {
		struct entry *e;

		if (!y->systems[i].where)
			continue;
		e = add(y, option_names[i].title, y->systems[i].line);
		if (!e)
			return;
		e->id = option_names[i].name;
		e->reason = talloc_asprintf(y->r->list,
			"it is another system (%s), which the firmware starts",
			*y->systems[i].where ? y->systems[i].where : option_names[i].name);
		y->failed = !e->reason;
	}
}

static void finish(struct yaboot *y, size_t first)
{
	struct entry_list *list = y->r->list;
	const char *wanted = y->global.values[DEFAULT], *timeout = y->global.values[TIMEOUT];
	int tenths = timeout ? line_number((struct line_text){timeout, strlen(timeout)}) : -1;

	finish_image(y);
	add_systems(y);
	labels_finish(list, first);
	list->timeout = tenths < 0 ? -1 : tenths / 10 + (tenths % 10 > 0);
	if (wanted && *wanted && !y->failed)
		y->failed = labels_set_default(list, y->chosen, wanted) < 0;
}

int yaboot_parse(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	_cleanup_talloc_ void *ctx = talloc_new(r->list);
	struct yaboot_lexer lexer = yaboot_lexer_of(ctx, (struct line_text){bytes, len}, is_item);
	struct yaboot y = {.r = r, .chosen = SIZE_MAX};
	size_t first = r->list->count;
	struct yaboot_item item;
	int rc = 0;

	while (!y.failed && !y.full && (rc = yaboot_item_next(&lexer, &item)) > 0)
		read_item(&y, &item);
	if (rc >= 0)
		finish(&y, first);
	if (rc >= 0 && !y.failed)
		return 0;
	r->list->count = first;
	return err_errno(err, -ENOMEM, "%s", r->file);
}
