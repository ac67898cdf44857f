// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/bls/bls.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/bls/line.h"
#include "boot/bls/name.h"
#include "boot/format.h"
#include "devices/cleanup.h"

/* What becomes of the variables of GRUB's that Fedora writes into its files. */
enum variables { VARIABLES_EMPTY, VARIABLES_KEPT };

/* A file on its way to becoming an entry. Its text is a copy, which the entry's strings are parts
 * of; what else they need is allocated below it. */
struct draft {
	const struct reading *reading;
	char *text;
	enum variables variables;
	struct entry *entry; /* in the list already */
	char *options;       /* once there are several */
	bool failed;         /* out of memory */
};

/* A string in its place: what ends it there, a blank or the end of the line, is not needed any
 * more. */
static char *keep(struct bls_slice value)
{
	char *text = (char *)value.text;

	text[value.len] = '\0';
	return text;
}

/* In a copy of a whole system a partition is a directory, where its paths begin: "efi/loader/entries"
 * has those of efi. What is not there may begin at the top: boot need not be a partition. */
static char *from_base(struct draft *d, char *path)
{
	const struct reading *r = d->reading;
	const char *base = r->file + strspn(r->file, "/"), *end = strstr(base, "/loader/entries/");
	char *whole;

	if (!end || r->volume->fd < 0)
		return path;
	whole = talloc_asprintf(d->text, "/%.*s%s", (int)(end - base), base, path);
	return whole && volume_has(r->volume, whole, NULL) < 0 ? path : whole;
}

/* "Paths may be prefixed with a /, but this is optional". Some write them as EFI does. A variable
 * stands for whatever it is. */
static char *keep_path(struct draft *d, struct bls_slice value)
{
	char *path = keep(value);

	if (*path != '/' && *path != '\\' && (*path != '$' || d->variables == VARIABLES_EMPTY))
		path = talloc_asprintf(d->text, "/%s", path);
	for (char *c = path; c && *c; c++)
		if (*c == '\\')
			*c = '/';
	if (path && *path == '/')
		path = from_base(d, path);
	d->failed |= !path;
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
	*(const char **)((char *)d->entry + key->offset) = keep(value);
}

static void set_file(struct draft *d, const struct key *key, struct bls_slice value)
{
	((struct entry_file *)((char *)d->entry + key->offset))->path = keep_path(d, value);
}

static void add_initrd(struct draft *d, const char *path)
{
	int rc = entry_add_initrd(d->text, d->entry, (struct entry_file){.path = path});

	if (rc == -E2BIG)
		d->entry->reason = "it has more initrds than stillboot takes";
	d->failed |= rc == -ENOMEM;
}

/* One path by the specification; Fedora writes several, and "$tuned_initrd", a variable of GRUB's
 * that is empty unless tuned set it. */
static void add_initrds(struct draft *d, const struct key *key, struct bls_slice value)
{
	struct bls_slice word;

	(void)key;
	for (word = bls_take_word(&value); word.len; word = bls_take_word(&value))
		if (*word.text != '$' || d->variables == VARIABLES_KEPT)
			add_initrd(d, keep_path(d, word));
}

static void add_options(struct draft *d, const struct key *key, struct bls_slice value)
{
	const char *before = d->entry->options, *text = keep(value);

	(void)key;
	if (!before) {
		d->entry->options = text;
		return;
	}
	if (!d->options)
		d->options = talloc_strdup(d->text, before);
	d->options = talloc_strdup_append_buffer(d->options, " ");
	d->entry->options = d->options = talloc_strdup_append_buffer(d->options, text);
	d->failed |= !d->options;
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
	if (!d->entry->reason)
		d->entry->reason = key->reason;
}

static void set_profile(struct draft *d, const struct key *key, struct bls_slice value)
{
	unsigned int profile = 0;

	(void)key;
	for (size_t i = 0; i < value.len; i++) {
		if (value.text[i] < '0' || value.text[i] > '9' || profile > 9999)
			return;
		profile = profile * 10 + (unsigned int)(value.text[i] - '0');
	}
	d->entry->profile = profile;
}

static void set_overlays(struct draft *d, const struct key *key, struct bls_slice value)
{
	d->entry->devicetree_overlays = keep(value);
	set_reason(d, key, value);
}

/* "extra" is for what only systemd's stub passes on: system extensions, credentials. */
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
	{"devicetree-overlay", set_overlays, 0, "it needs device tree overlays"},
	{"efi", set_file, offsetof(struct entry, efi), NULL},
	{"uki", set_file, offsetof(struct entry, efi), NULL},
	{"uki-url", set_reason, 0, "its kernel image is to be fetched from the network"},
	{"profile", set_profile, 0, NULL},
};

static void read_keys(struct draft *d, struct bls_slice rest)
{
	struct bls_slice name, value;

	while (bls_next(&rest, &name, &value))
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (*keys[i].name == *name.text && bls_slice_is(name, keys[i].name))
				keys[i].set(d, &keys[i], value);
}

/* A kernel's own EFI stub reads its initrds from the command line where the loader gives it none.
 */
static void find_initrds(struct draft *d)
{
	struct bls_slice rest = {d->entry->options, strlen(d->entry->options)}, word;

	if (d->entry->initrd_count || !strstr(d->entry->options, "initrd="))
		return;
	for (word = bls_take_word(&rest); word.len; word = bls_take_word(&rest)) {
		char *copy;

		if (word.len <= 7 || strncmp(word.text, "initrd=", 7))
			continue;
		copy = talloc_strndup(d->text, word.text + 7, word.len - 7);
		d->failed |= !copy;
		if (copy)
			add_initrd(d, keep_path(d, (struct bls_slice){copy, strlen(copy)}));
	}
}

static void give_reasons(struct draft *d)
{
	struct entry *e = d->entry;

	if (!e->kernel.path && !e->efi.path && !e->reason)
		e->reason = "it names no Linux kernel";
	if (d->variables == VARIABLES_KEPT || !strchr(e->options, '$'))
		return;
	/* Only GRUB can know it, and without it there is no root= (RHEL 8). */
	drop_tuned((char *)e->options);
	if (strstr(e->options, "$kernelopts") && !e->reason)
		e->reason = "its options are in GRUB's variable $kernelopts";
}

static bool finish(struct draft *d, const struct reading *r)
{
	struct bls_name name = bls_name_of(d->text, r->file, ".conf");
	struct entry *e = d->entry;

	e->id = name.base;
	e->format = "bls1";
	e->source.line = 1;
	if (!e->options)
		e->options = "";
	if (!e->title)
		e->title = e->id;
	find_initrds(d);
	give_reasons(d);
	return !d->failed && e->id && bls_name_count(r, d->text, &name, e) == 0;
}

/* The file's name is kept behind its text. */
static bool copy_text(struct draft *d, const struct reading *r, const char *bytes, size_t len)
{
	size_t file_size = strlen(r->file) + 1;

	d->text = talloc_size(r->list, len + 1 + file_size);
	if (!d->text)
		return false;
	if (len)
		memcpy(d->text, bytes, len);
	d->entry->source.file = memcpy(d->text + len + 1, r->file, file_size);
	return true;
}

static int parse(
	struct reading *r, const char *bytes, size_t len, enum variables variables, struct err *err)
{
	struct draft d = {.reading = r, .variables = variables, .entry = entry_list_add(r->list)};
	bool done;

	if (!d.entry)
		return err_errno(err, -E2BIG, "%s", r->file);
	done = copy_text(&d, r, bytes, len);
	if (done)
		read_keys(&d, bls_text(d.text, len));
	if (done && !d.failed && finish(&d, r))
		return 0;
	r->list->count--;
	talloc_free(d.text);
	return err_errno(err, -ENOMEM, "%s", r->file);
}

int bls_parse(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	return parse(r, bytes, len, VARIABLES_EMPTY, err);
}

int bls_parse_raw(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	return parse(r, bytes, len, VARIABLES_KEPT, err);
}
