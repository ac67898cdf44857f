// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * petitboot.conf, Petitboot's native file (discover/native/native-lexer.l and native-parser.y):
 * lines of a word, blanks, and a value to the end of the line. "name" begins an entry; image,
 * initrd, dtb and args are the entry's; "default" is a name. What is said twice: the first image,
 * dtb and default counts, initrds add up, args are joined.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

#include "boot/power/device_path.h"
#include "boot/format.h"
#include "boot/power/labels.h"
#include "boot/power/line.h"

struct petitboot {
	struct reading *r;
	size_t first;        /* entry of this file */
	struct entry *entry; /* the last, NULL before the first */
	const char *chosen;  /* the default's name */
	unsigned int line;
	bool failed, full;
};

struct key {
	const char *name;
	void (*set)(struct petitboot *p, const struct key *key, struct line_text value);
	size_t offset; /* of the member of struct entry */
};

static void begin_entry(struct petitboot *p, const struct key *key, struct line_text value)
{
	char *name = line_copy(p->r->list, line_trim(value));

	(void)key;
	p->full = p->r->list->count >= ENTRY_LIST_MAX;
	p->entry = name && !p->full ? labels_add(p->r, name, p->line) : NULL;
	p->failed = !p->entry && !p->full;
}

static void set_default(struct petitboot *p, const struct key *key, struct line_text value)
{
	(void)key;
	if (p->chosen)
		return;
	p->chosen = line_copy(p->r->list, line_trim(value));
	p->failed = !p->chosen;
}

/* What concerns an entry before there is one. */
static bool is_lost(struct petitboot *p, const struct key *key)
{
	if (!p->entry)
		reading_problem(
			p->r, NULL, p->line, "\"%s\" stands before the first \"name\"", key->name);
	return !p->entry;
}

static void set_file(struct petitboot *p, const struct key *key, struct line_text value)
{
	struct entry_file *file;

	if (is_lost(p, key))
		return;
	file = (struct entry_file *)((char *)p->entry + key->offset);
	if (!file->path)
		p->failed = !device_path_read(p->r->list, value, file, &p->entry->reason);
}

static void add_initrd(struct petitboot *p, const struct key *key, struct line_text value)
{
	if (!is_lost(p, key))
		p->failed = !device_path_add_initrd(p->r->list, value, p->entry);
}

/* Blanks at the end stay. Petitboot puts nothing between two lines, and nobody wants that. */
static void add_options(struct petitboot *p, const struct key *key, struct line_text value)
{
	struct entry *e = p->entry;
	char *options;

	if (is_lost(p, key))
		return;
	if (!e->options)
		options = line_copy(p->r->list, value);
	else
		options = talloc_strndup_append_buffer(
			talloc_strdup_append_buffer((char *)e->options, " "), value.at, value.len);
	p->failed = !options;
	if (options)
		e->options = options;
}

static const struct key keys[] = {
	{"name", begin_entry, 0},
	{"default", set_default, 0},
	{"image", set_file, offsetof(struct entry, kernel)},
	{"initrd", add_initrd, 0},
	{"dtb", set_file, offsetof(struct entry, devicetree)},
	{"args", add_options, 0},
};

static void read_line(struct petitboot *p, struct line_text line)
{
	struct line_text name = line_take_word(&line);

	for (size_t i = 0; line.len && i < sizeof(keys) / sizeof(*keys); i++)
		if (line_is(name, keys[i].name))
			keys[i].set(p, &keys[i], line);
}

int petitboot_conf_parse(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	struct petitboot p = {.r = r, .first = r->list->count};
	struct line_reader reader = {.rest = {bytes, len}};
	struct line_text line;

	while (!p.failed && !p.full && line_next(&reader, &line)) {
		p.line = reader.number;
		read_line(&p, line);
	}
	if (p.full)
		labels_full(r, p.line);
	labels_finish(r->list, p.first);
	if (p.chosen && !p.failed)
		p.failed = labels_set_default(
				   r->list, labels_find(r->list, p.first, p.chosen), p.chosen) < 0;
	if (!p.failed)
		return 0;
	r->list->count = p.first;
	return err_errno(err, -ENOMEM, "%s", r->file);
}
