// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kboot.conf, first of kboot and then of Petitboot (discover/kboot-parser.c): lines "LABEL='KERNEL
 * ARGUMENT...'". Among the arguments initrd=, root= and dtb= are the loader's, where they may also
 * be lines of their own, for all entries that follow; root= then leads the command line. Other
 * lines are default= (a label), timeout= (seconds), and such as concern the screen.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <talloc.h>

#include "boot/power/device_path.h"
#include "boot/format.h"
#include "boot/power/labels.h"
#include "boot/power/line.h"
#include "devices/cleanup.h"

/* What is set for the entries to follow, or for one of them. */
enum setting { INITRD, ROOT, DTB, DEFAULT, TIMEOUT, OF_THE_SCREEN, SETTINGS };

static const struct {
	const char *name;
	enum setting setting;
} settings[] = {
	{"initrd", INITRD},
	{"root", ROOT},
	{"dtb", DTB},
	/* From here on lines only. */
	{"default", DEFAULT},
	{"timeout", TIMEOUT},
	{"delay", OF_THE_SCREEN},
	{"message", OF_THE_SCREEN},
	{"video", OF_THE_SCREEN},
};

struct kboot {
	struct reading *r;
	struct line_text values[SETTINGS];
	unsigned int line;
	bool failed, full;
};

static enum setting setting_named(struct line_text name)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (line_is(name, settings[i].name))
			return settings[i].setting;
	return SETTINGS;
}

/* One argument, off the rest. If it is for the loader, its value. */
static enum setting take_argument(
	struct line_text *rest, struct line_text *word, struct line_text *value)
{
	struct line_text name;
	enum setting setting;

	*word = *value = line_take_word(rest);
	if (!line_take_until(value, '=', &name))
		return SETTINGS;
	setting = setting_named(name);
	*value = line_unquote(*value);
	return setting <= DTB ? setting : SETTINGS;
}

static char *put(char *to, const char *lead, struct line_text text)
{
	to = stpcpy(to, lead);
	memcpy(to, text.at, text.len);
	to[text.len] = '\0';
	return to + text.len;
}

/* Words and single blanks: that is never longer than what they come from. */
static char *options_of(struct line_text arguments, struct line_text root)
{
	size_t size = sizeof("root= ") + root.len + arguments.len;
	char *options = talloc_array(NULL, char, size), *to = options;
	struct line_text word, value;

	if (!options)
		return NULL;
	*to = '\0';
	if (root.len)
		to = put(to, "root=", root);
	while (arguments.len)
		if (take_argument(&arguments, &word, &value) == SETTINGS)
			to = put(to, to > options ? " " : "", word);
	return options;
}

static bool fill_in(struct kboot *k, struct entry *e, struct line_text line)
{
	struct line_text values[] = {k->values[INITRD], k->values[ROOT], k->values[DTB]};
	struct line_text kernel = line_take_word(&line), rest = line, word, value;
	_cleanup_talloc_ char *options = NULL;
	void *ctx = k->r->list;

	while (rest.len) {
		enum setting setting = take_argument(&rest, &word, &value);

		if (setting != SETTINGS)
			values[setting] = value;
	}
	options = options_of(line, values[ROOT]);
	return options && labels_set_options(k->r->list, e, options) &&
	       device_path_read(ctx, kernel, &e->kernel, &e->reason) &&
	       (!values[INITRD].len || device_path_add_initrd(ctx, values[INITRD], e)) &&
	       (!values[DTB].len || device_path_read(ctx, values[DTB], &e->devicetree, &e->reason));
}

static void add_entry(struct kboot *k, struct line_text name, struct line_text line)
{
	char *label = line_copy(k->r->list, name);
	struct entry *e;

	k->full = k->r->list->count >= ENTRY_LIST_MAX;
	if (k->full)
		return;
	e = label ? labels_add(k->r, label, k->line) : NULL;
	k->failed = !e || !fill_in(k, e, line);
}

static void read_line(struct kboot *k, struct line_text line)
{
	struct line_text name;
	enum setting setting;

	if (!line_take_until(&line, '=', &name))
		return;
	name = line_unquote(name);
	line = line_unquote(line);
	if (!name.len || !line.len)
		return;
	setting = setting_named(name);
	if (setting == SETTINGS)
		add_entry(k, name, line);
	else
		k->values[setting] = line;
}

static bool set_default(struct kboot *k, size_t first)
{
	struct entry_list *list = k->r->list;
	char *name;

	list->timeout = line_number(k->values[TIMEOUT]);
	if (!k->values[DEFAULT].len)
		return true;
	name = line_copy(list, k->values[DEFAULT]);
	return name && labels_set_default(list, labels_find(list, first, name), name) == 0;
}

int kboot_parse(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	struct kboot k = {.r = r};
	struct line_reader reader = {.rest = {bytes, len}};
	size_t first = r->list->count;
	struct line_text line;

	while (!k.failed && !k.full && line_next(&reader, &line)) {
		k.line = reader.number;
		read_line(&k, line);
	}
	if (k.full)
		labels_full(r, k.line);
	labels_finish(r->list, first);
	if (!k.failed && set_default(&k, first))
		return 0;
	r->list->count = first;
	return err_errno(err, -ENOMEM, "%s", r->file);
}
