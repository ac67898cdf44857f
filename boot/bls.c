// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/bls.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/version.h"
#include "devices/cleanup.h"

#define BLANKS " \t\r"
#define CONF_SUFFIX ".conf"

struct slice {
	const char *text;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\0';
}

static struct slice trim(struct slice s)
{
	while (s.len && is_blank(*s.text)) {
		s.text++;
		s.len--;
	}
	while (s.len && is_blank(s.text[s.len - 1]))
		s.len--;
	return s;
}

/* Take the first word off s. */
static struct slice take_word(struct slice *s)
{
	struct slice word;

	*s = trim(*s);
	word = (struct slice){s->text, 0};
	while (word.len < s->len && !is_blank(s->text[word.len]))
		word.len++;
	s->text += word.len;
	s->len -= word.len;
	return word;
}

/* Take the next line that says something off the rest. */
static bool next_setting(struct slice *rest, struct slice *key, struct slice *value)
{
	while (rest->len) {
		const char *newline = memchr(rest->text, '\n', rest->len);
		size_t len = newline ? (size_t)(newline - rest->text) : rest->len;
		struct slice line = {rest->text, len};

		rest->text += len + !!newline;
		rest->len -= len + !!newline;
		*key = take_word(&line);
		*value = trim(line);
		if (key->len && *key->text != '#' && value->len)
			return true;
	}
	return false;
}

/* A file on its way to becoming an entry; strings go to ctx. */
struct draft {
	void *ctx;
	struct entry entry;
	char *options;
	bool failed; /* out of memory */
};

static char *keep(struct draft *d, struct slice value)
{
	char *text = talloc_strndup(d->ctx, value.text, value.len);

	if (!text)
		d->failed = true;
	return text;
}

/* "Paths may be prefixed with a /, but this is optional". */
static const char *keep_path(struct draft *d, struct slice value)
{
	char *path = talloc_asprintf(d->ctx, "%s%.*s", *value.text == '/' ? "" : "/",
		(int)(value.len < INT_MAX ? value.len : INT_MAX), value.text);

	if (!path)
		d->failed = true;
	return path;
}

struct key {
	const char *name;
	void (*set)(struct draft *d, const struct key *key, struct slice value);
	size_t offset;      /* of the member of struct entry */
	const char *reason; /* why this is nothing to boot */
};

static void set_text(struct draft *d, const struct key *key, struct slice value)
{
	*(const char **)((char *)&d->entry + key->offset) = keep(d, value);
}

static void set_file(struct draft *d, const struct key *key, struct slice value)
{
	((struct entry_file *)((char *)&d->entry + key->offset))->path = keep_path(d, value);
}

/* One path by the specification; Fedora writes several, and "$tuned_initrd", a variable of GRUB's
 * that is empty unless tuned set it. */
static void add_initrds(struct draft *d, const struct key *key, struct slice value)
{
	struct slice word;

	(void)key;
	for (word = take_word(&value); word.len; word = take_word(&value)) {
		if (*word.text == '$')
			continue;
		if (d->entry.initrd_count == ENTRY_INITRDS_MAX) {
			d->entry.reason = "it has more initrds than stillboot takes";
			return;
		}
		d->entry.initrds[d->entry.initrd_count++].path = keep_path(d, word);
	}
}

static void add_options(struct draft *d, const struct key *key, struct slice value)
{
	(void)key;
	if (!d->options)
		d->options = talloc_strdup(d->ctx, "");
	else
		d->options = talloc_strdup_append_buffer(d->options, " ");
	d->options = talloc_strndup_append_buffer(d->options, value.text, value.len);
	if (!d->options)
		d->failed = true;
}

static void set_reason(struct draft *d, const struct key *key, struct slice value)
{
	(void)value;
	if (!d->entry.reason)
		d->entry.reason = key->reason;
}

static const struct key keys[] = {
	{"title", set_text, offsetof(struct entry, title), NULL},
	{"version", set_text, offsetof(struct entry, version), NULL},
	{"machine-id", set_text, offsetof(struct entry, machine_id), NULL},
	{"sort-key", set_text, offsetof(struct entry, sort_key), NULL},
	{"architecture", set_text, offsetof(struct entry, architecture), NULL},
	{"linux", set_file, offsetof(struct entry, kernel), NULL},
	{"devicetree", set_file, offsetof(struct entry, devicetree), NULL},
	{"initrd", add_initrds, 0, NULL},
	{"options", add_options, 0, NULL},
	{"devicetree-overlay", set_reason, 0, "it needs device tree overlays"},
	{"efi", set_reason, 0, "it is an EFI program, not a Linux kernel"},
	{"uki", set_reason, 0, "it is a unified kernel image"},
};

static bool slice_is(struct slice s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.text, text, s.len);
}

static void read_keys(struct draft *d, struct slice rest)
{
	struct slice name, value;

	while (next_setting(&rest, &name, &value))
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (slice_is(name, keys[i].name))
				keys[i].set(d, &keys[i], value);
}

/* Digits of a counter; false if there are none. */
static bool take_counter(const char **s, int *counter)
{
	char *end;
	unsigned long n = strtoul(*s, &end, 10);

	if (**s < '0' || **s > '9')
		return false;
	*counter = n < INT_MAX ? (int)n : INT_MAX;
	*s = end;
	return true;
}

/* The file name without its suffix and counter ("Boot counting": "+LEFT" or "+LEFT-DONE"). */
static void read_name(struct draft *d, const char *file)
{
	const char *slash = strrchr(file, '/');
	char *id = keep(d, (struct slice){slash ? slash + 1 : file, PATH_MAX});
	const char *at;
	char *plus;
	int left, done = 0;

	if (!id)
		return;
	d->entry.id = id;
	if (strlen(id) > strlen(CONF_SUFFIX) &&
		!strcmp(id + strlen(id) - strlen(CONF_SUFFIX), CONF_SUFFIX))
		id[strlen(id) - strlen(CONF_SUFFIX)] = '\0';
	plus = strrchr(id, '+');
	if (!plus || plus == id)
		return;
	at = plus + 1;
	if (!take_counter(&at, &left) || (*at == '-' && !(at++, take_counter(&at, &done))) || *at)
		return;
	*plus = '\0';
	d->entry.tries_left = left;
	d->entry.tries_done = done;
}

static void finish(struct draft *d)
{
	struct entry *e = &d->entry;

	e->format = "bls1";
	e->source.line = 1;
	e->options = d->options ? d->options : "";
	if (!e->title)
		e->title = e->id;
	if (!e->kernel.path && !e->reason)
		e->reason = "it names no Linux kernel";
	/* Only GRUB can know it, and without it there is no root= (RHEL 8). */
	if (strstr(e->options, "$kernelopts") && !e->reason)
		e->reason = "its options are in GRUB's variable $kernelopts";
}

int bls_parse(
	const char *bytes, size_t len, const char *file, struct entry_list *list, struct err *err)
{
	_cleanup_talloc_ void *ctx = talloc_new(list);
	struct draft d = {.ctx = ctx, .entry = {.tries_left = -1, .tries_done = -1}};
	struct entry *entry;

	if (!ctx)
		return err_errno(err, -ENOMEM, "%s", file);
	read_name(&d, file);
	read_keys(&d, (struct slice){bytes, len});
	d.entry.source.file = keep(&d, (struct slice){file, PATH_MAX});
	if (!d.failed)
		finish(&d);
	entry = d.failed ? NULL : entry_list_add(list);
	if (!entry)
		return err_errno(err, d.failed ? -ENOMEM : -E2BIG, "%s", file);
	*entry = d.entry;
	ctx = NULL;
	return 0;
}

int bls_parse_settings(
	const char *bytes, size_t len, const char *file, struct entry_list *list, struct err *err)
{
	struct slice rest = {bytes, len}, name, value;

	while (next_setting(&rest, &name, &value)) {
		if (!slice_is(name, "default") || *value.text == '@')
			continue;
		list->default_pattern = talloc_strndup(list, value.text, value.len);
		if (!list->default_pattern)
			return err_errno(err, -ENOMEM, "%s", file);
	}
	return 0;
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static bool is_set(const char *s)
{
	return s && *s;
}

/* "Sorting", step by step; the counters at the end make the order complete. */
static int compare_entries(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	int order = (a->tries_left == 0) - (b->tries_left == 0);

	if (!order)
		order = is_set(b->sort_key) - is_set(a->sort_key);
	if (!order && is_set(a->sort_key)) {
		order = compare_text(a->sort_key, b->sort_key);
		if (!order)
			order = compare_text(a->machine_id, b->machine_id);
		if (!order)
			order = version_compare(b->version, a->version);
	}
	if (!order)
		order = version_compare(b->id, a->id);
	if (!order)
		order = strcmp(a->id, b->id);
	if (!order)
		order = (a->tries_done > b->tries_done) - (a->tries_done < b->tries_done);
	return order;
}

void bls_sort(struct entry_list *list)
{
	if (list->count)
		qsort(list->entries, list->count, sizeof(*list->entries), compare_entries);
	for (size_t i = 0; i < list->count; i++)
		list->entries[i].position = (unsigned int)i;
}
