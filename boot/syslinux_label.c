// SPDX-License-Identifier: GPL-2.0-or-later
/* From a label to an entry, or to what it leads to. */
#include "boot/syslinux.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* A label on its way to becoming an entry. */
struct draft {
	const struct syslinux_label *label;
	struct entry entry;
	struct syslinux_text file, arguments; /* the kernel and what stands behind its name */
};

static void give_reason(struct draft *d, const char *reason)
{
	if (!d->entry.reason)
		d->entry.reason = reason;
}

/* False, and a reason, if it is not on a disk. */
static bool set_file(
	struct syslinux *p, struct draft *d, struct entry_file *to, struct syslinux_text name)
{
	if (!name.len)
		return false;
	if (syslinux_is_remote(name)) {
		give_reason(d, syslinux_keep_joined(
				       p, syslinux_keep(p, name), "lies on the network", " "));
		return false;
	}
	to->path = syslinux_path(p, name);
	return true;
}

static void add_initrd(struct syslinux *p, struct draft *d, struct syslinux_text name)
{
	struct entry *e = &d->entry;
	struct entry_file file = {0};

	if (!set_file(p, d, &file, name))
		return;
	for (size_t i = 0; i < e->initrd_count; i++)
		if (!strcmp(e->initrds[i].path, file.path))
			return;
	if (e->initrd_count == ENTRY_INITRDS_MAX)
		give_reason(d, "it has more initrds than stillboot takes");
	else
		e->initrds[e->initrd_count++] = file;
}

static void add_initrds(struct syslinux *p, struct draft *d, struct syslinux_text names)
{
	struct syslinux_text name;

	while (syslinux_take_part(&names, ',', &name) && d->entry.initrd_count < ENTRY_INITRDS_MAX)
		add_initrd(p, d, syslinux_take_word(&name));
}

static void add_initrds_of_options(
	struct syslinux *p, struct draft *d, struct syslinux_text options)
{
	static const char key[] = "initrd=";
	size_t len = strlen(key);
	struct syslinux_text word;

	while ((word = syslinux_take_word(&options)).len)
		if (word.len > len && !strncmp(word.text, key, len))
			add_initrds(p, d, (struct syslinux_text){word.text + len, word.len - len});
}

/* "APPEND -" is nothing; a label's own APPEND stands for the general one, not behind it. */
static const char *appended(struct syslinux *p, const struct syslinux_label *label)
{
	struct syslinux_config *c = p->config;

	if (label->append.text)
		return syslinux_is(label->append, "-") ? "" : syslinux_keep(p, label->append);
	if (!c->append_kept)
		c->append_kept = syslinux_is(c->append, "-") ? "" : syslinux_keep(p, c->append);
	return c->append_kept;
}

static const char *join(struct syslinux *p, const char *a, const char *b)
{
	if (!*a || !*b)
		return *a ? a : b;
	return syslinux_keep_joined(p, a, b, " ");
}

static void set_options(struct syslinux *p, struct draft *d)
{
	struct entry *e = &d->entry;
	const char *uuid = p->reading->volume->uuid;

	e->options = appended(p, d->label);
	if (d->arguments.len)
		e->options = join(p, syslinux_keep(p, d->arguments), e->options);
	if (uuid && d->label->sysappend & SYSLINUX_FILE_SYSTEM_UUID)
		e->options = join(p, e->options, syslinux_keep_joined(p, "FSUUID", uuid, "="));
	add_initrds_of_options(p, d, (struct syslinux_text){e->options, strlen(e->options)});
	for (size_t i = 0; i < d->label->initrd_count; i++)
		add_initrds(p, d, d->label->initrds[i]);
}

/* Overlays change the tree that FDT names; without one, the running kernel's tree has them. */
static void set_devicetree(struct syslinux *p, struct draft *d)
{
	const struct syslinux_label *label = d->label;

	if (label->overlays.len)
		d->entry.devicetree_overlays = syslinux_keep(p, label->overlays);
	if (label->devicetree.len && !syslinux_is(label->devicetree, "-") &&
		set_file(p, d, &d->entry.devicetree, label->devicetree) && label->overlays.len)
		give_reason(d, "it needs device tree overlays");
}

/* U-Boot: "FILE#CONFIGURATION" is a part of a FIT image. */
static void cut_configuration(struct syslinux *p, struct draft *d)
{
	const char *mark = d->file.len ? memchr(d->file.text, '#', d->file.len) : NULL;

	if (!p->is_uboot || !mark)
		return;
	d->file.len = (size_t)(mark - d->file.text);
	give_reason(d, "it is a part of a FIT image");
}

static void set_linux(struct syslinux *p, struct draft *d)
{
	cut_configuration(p, d);
	if (!set_file(p, d, &d->entry.kernel, d->file))
		give_reason(d, "it names no Linux kernel");
	set_options(p, d);
	set_devicetree(p, d);
}

static const char *make_id(struct syslinux *p, const struct syslinux_label *label)
{
	char number[16];

	if (label->name.len)
		return syslinux_keep(p, label->name);
	snprintf(number, sizeof(number), "%u", label->line);
	return syslinux_keep_joined(p, label->file, number, ":");
}

/* A configuration that is reached by two ways gives its entries once. */
static bool is_known(const struct syslinux *p, const struct entry *e)
{
	const struct entry_list *list = p->reading->list;

	for (size_t i = 0; p->config->above && i < list->count; i++) {
		const struct entry *other = &list->entries[i];

		if (other->source.line == e->source.line &&
			!strcmp(other->source.file, e->source.file) &&
			!strcmp(other->options, e->options))
			return true;
	}
	return false;
}

/* Put it into the list and the menu. */
static size_t add_entry(struct syslinux *p, const struct entry *draft, struct syslinux_text label)
{
	struct entry_list *list = p->reading->list;
	size_t item = SYSLINUX_NOWHERE;
	struct entry *entry;

	if (p->rc || p->is_full || is_known(p, draft))
		return item;
	item = syslinux_add_item(p, (struct syslinux_item){
					    .menu = p->menu,
					    .label = label,
					    .leads = SYSLINUX_TO_ENTRY,
					    .entry = list->count,
				    });
	if (item == SYSLINUX_NOWHERE)
		return item;
	entry = entry_list_add(list);
	if (!entry) {
		p->is_full = list->count == ENTRY_LIST_MAX;
		p->rc = p->is_full ? 0 : -ENOMEM;
		p->item_count--;
		return SYSLINUX_NOWHERE;
	}
	*entry = *draft;
	entry->menu = p->menu->shown;
	entry->position = p->menu->next_position++;
	return item;
}

static size_t record_entry(struct syslinux *p, struct draft *d, const struct syslinux_kind *kind)
{
	const struct syslinux_label *label = d->label;
	struct entry *e = &d->entry;

	e->tries_left = e->tries_done = -1;
	e->id = make_id(p, label);
	e->title = label->shown.len ? syslinux_keep_title(p, label->shown) : e->id;
	e->options = "";
	e->source.file = label->file;
	e->source.line = label->line;
	if (kind->does == SYSLINUX_BOOTS_LINUX)
		set_linux(p, d);
	else if (kind->reason)
		give_reason(d, kind->reason);
	if (label->is_disabled)
		give_reason(d, "it cannot be chosen in its own menu (MENU DISABLE)");
	return add_entry(p, e, label->name);
}

/* What a program is given: in KERNEL itself, or else by APPEND. */
static struct syslinux_text arguments_of(const struct draft *d)
{
	return d->arguments.len ? d->arguments : d->label->append;
}

/* linux.c32 [-OPTION] FILE ARGUMENTS */
static size_t record_by_program(
	struct syslinux *p, struct draft *d, const struct syslinux_kind *kind)
{
	struct syslinux_label label = *d->label;
	struct syslinux_text rest = arguments_of(d);
	struct draft linux_draft = {.label = &label};

	do
		linux_draft.file = syslinux_take_word(&rest);
	while (linux_draft.file.len && *linux_draft.file.text == '-');
	linux_draft.arguments = rest;
	label.append = (struct syslinux_text){"", 0};
	return record_entry(p, &linux_draft, kind);
}

static size_t record_link(struct syslinux *p, struct syslinux_text name, enum syslinux_leads leads,
	struct syslinux_text to)
{
	return syslinux_add_item(p, (struct syslinux_item){
					    .menu = p->menu,
					    .label = name,
					    .leads = leads,
					    .to_name = to,
				    });
}

static size_t record_config(struct syslinux *p, struct draft *d, const struct syslinux_kind *kind)
{
	const struct syslinux_label *label = d->label;
	struct syslinux_text files = arguments_of(d), directory = {0};
	size_t item = SYSLINUX_NOWHERE;
	const char *reason;

	if (kind->does == SYSLINUX_READS_CONFIG && kind == label->kind) {
		files = d->file;
		directory = label->append;
	} else if (kind->does == SYSLINUX_READS_CONFIG) {
		directory = files;
		files = syslinux_take_word(&directory);
	}
	directory = syslinux_take_word(&directory);
	reason = syslinux_config_read(p, label, files, directory, &item);
	if (!reason)
		return item;
	give_reason(d, reason);
	return record_entry(p, d, &(struct syslinux_kind){.does = SYSLINUX_BOOTS_OTHER});
}

/* What the label starts, and of which file. */
static const struct syslinux_kind *find_kind(const struct syslinux *p, struct draft *d)
{
	const struct syslinux_label *label = d->label;
	const struct syslinux_kind *kind = label->kind ? label->kind : syslinux_kinds;
	struct syslinux_text words = label->image;

	if (!label->kind && !p->is_uboot) {
		words = label->name;
		d->file = syslinux_take_word(&words);
	} else {
		d->file = syslinux_take_word(&words);
		d->arguments = words;
	}
	if (kind->does == SYSLINUX_GOES_BY_NAME && !label->is_uboot && !p->is_uboot)
		return syslinux_kind_of(d->file);
	if (!strcmp(kind->keyword, "com32"))
		return syslinux_program(d->file);
	return kind->does == SYSLINUX_GOES_BY_NAME ? syslinux_linux : kind;
}

static size_t record_boot(struct syslinux *p, const struct syslinux_label *label)
{
	struct draft d = {.label = label};
	const struct syslinux_kind *kind = find_kind(p, &d);
	struct syslinux_text chosen;

	switch (kind->does) {
	case SYSLINUX_READS_CONFIG:
	case SYSLINUX_READS_MENU:
		return record_config(p, &d, kind);
	case SYSLINUX_CHOOSES:
		chosen = syslinux_chosen(p, d.file, arguments_of(&d));
		return record_link(p, label->name, SYSLINUX_TO_LABEL, chosen);
	case SYSLINUX_BOOTS_LINUX:
		if (kind != label->kind && kind != syslinux_linux)
			return record_by_program(p, &d, kind);
		return record_entry(p, &d, kind);
	default:
		return record_entry(p, &d, kind);
	}
}

void syslinux_record(struct syslinux *p)
{
	struct syslinux_label label = p->label; /* reading another configuration has its own */
	size_t item = SYSLINUX_NOWHERE;

	if (!p->in_label)
		return;
	p->in_label = false;
	if (label.is_disabled && !label.kind)
		return; /* a heading */
	if (label.action == SYSLINUX_BOOT)
		item = record_boot(p, &label);
	else if (label.action == SYSLINUX_GOTO)
		item = record_link(p, label.name, SYSLINUX_TO_TAG, label.image);
	if (label.is_default && item != SYSLINUX_NOWHERE)
		p->menu->default_item = item;
}

size_t syslinux_record_command(struct syslinux *p, const struct syslinux_command *command)
{
	struct syslinux_text rest = command->text;
	struct syslinux_label label = {
		.name = syslinux_take_word(&rest),
		.shown = command->text,
		.image = command->text,
		.kind = syslinux_kinds,
		.sysappend = p->config->sysappend,
		.file = command->file,
		.line = command->line,
	};

	return record_boot(p, &label);
}

size_t syslinux_record_variant(
	struct syslinux *p, size_t item, struct syslinux_text title, struct syslinux_text more)
{
	struct draft d = {.entry = p->reading->list->entries[p->items[item].entry]};
	struct syslinux_text name = p->items[item].label;

	if (!d.entry.kernel.path)
		return item;
	d.entry.title = syslinux_keep(p, title);
	d.entry.options = join(p, d.entry.options, syslinux_keep(p, more));
	add_initrds_of_options(p, &d, more);
	return add_entry(p, &d.entry, name);
}
