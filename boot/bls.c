// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/bls.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/bls_line.h"
#include "boot/format.h"
#include "devices/cleanup.h"

#define CONF_SUFFIX ".conf"

/* A file on its way to becoming an entry; strings go to ctx. */
struct draft {
	void *ctx;
	struct entry entry;
	char *options;
	bool failed; /* out of memory */
};

static char *keep(struct draft *d, struct bls_slice value)
{
	char *text = talloc_strndup(d->ctx, value.text, value.len);

	if (!text)
		d->failed = true;
	return text;
}

/* "Paths may be prefixed with a /, but this is optional". */
static const char *keep_path(struct draft *d, struct bls_slice value)
{
	char *path = talloc_asprintf(d->ctx, "%s%.*s", *value.text == '/' ? "" : "/",
		(int)(value.len < INT_MAX ? value.len : INT_MAX), value.text);

	if (!path)
		d->failed = true;
	return path;
}

struct key {
	const char *name;
	void (*set)(struct draft *d, const struct key *key, struct bls_slice value);
	size_t offset;      /* of the member of struct entry */
	const char *reason; /* why this is nothing to boot */
};

static void set_text(struct draft *d, const struct key *key, struct bls_slice value)
{
	*(const char **)((char *)&d->entry + key->offset) = keep(d, value);
}

static void set_file(struct draft *d, const struct key *key, struct bls_slice value)
{
	((struct entry_file *)((char *)&d->entry + key->offset))->path = keep_path(d, value);
}

/* One path by the specification; Fedora writes several, and "$tuned_initrd", a variable of GRUB's
 * that is empty unless tuned set it. */
static void add_initrds(struct draft *d, const struct key *key, struct bls_slice value)
{
	struct bls_slice word;

	(void)key;
	for (word = bls_take_word(&value); word.len; word = bls_take_word(&value)) {
		if (*word.text == '$')
			continue;
		if (d->entry.initrd_count == ENTRY_INITRDS_MAX) {
			d->entry.reason = "it has more initrds than stillboot takes";
			return;
		}
		d->entry.initrds[d->entry.initrd_count++].path = keep_path(d, word);
	}
}

static void add_options(struct draft *d, const struct key *key, struct bls_slice value)
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

/* Fedora's "$tuned_params" is a variable of GRUB's that is empty unless tuned set it; no kernel
 * wants to see it. */
static void drop_tuned(char *options)
{
	static const char word[] = "$tuned_params";
	char *at = strstr(options, word);
	size_t len = strlen(word);

	if (!at || (at[len] && at[len] != ' '))
		return;
	while (at > options && at[-1] == ' ') {
		at--;
		len++;
	}
	memmove(at, at + len, strlen(at + len) + 1);
}

static void set_reason(struct draft *d, const struct key *key, struct bls_slice value)
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

static void read_keys(struct draft *d, struct bls_slice rest)
{
	struct bls_slice name, value;

	while (bls_next(&rest, &name, &value))
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (bls_slice_is(name, keys[i].name))
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
	char *id = keep(d, (struct bls_slice){slash ? slash + 1 : file, PATH_MAX});
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
	drop_tuned((char *)e->options);
	if (strstr(e->options, "$kernelopts") && !e->reason)
		e->reason = "its options are in GRUB's variable $kernelopts";
}

int bls_parse(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	_cleanup_talloc_ void *ctx = talloc_new(r->list);
	struct draft d = {.ctx = ctx, .entry = {.tries_left = -1, .tries_done = -1}};
	struct entry *entry;

	if (!ctx)
		return err_errno(err, -ENOMEM, "%s", r->file);
	read_name(&d, r->file);
	read_keys(&d, (struct bls_slice){bytes, len});
	d.entry.source.file = keep(&d, (struct bls_slice){r->file, PATH_MAX});
	if (!d.failed)
		finish(&d);
	entry = d.failed ? NULL : entry_list_add(r->list);
	if (!entry)
		return err_errno(err, d.failed ? -ENOMEM : -E2BIG, "%s", r->file);
	*entry = d.entry;
	ctx = NULL;
	return 0;
}
