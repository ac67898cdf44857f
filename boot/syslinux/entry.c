// SPDX-License-Identifier: GPL-2.0-or-later
/* An entry of what a label says. */
#include "boot/syslinux/syslinux.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

void syslinux_give_reason(struct syslinux_draft *d, const char *reason)
{
	if (!d->entry.reason)
		d->entry.reason = reason;
}

/* False, and a reason, if it is not on a disk. */
static bool set_file(struct syslinux *p, struct syslinux_draft *d, struct entry_file *to,
	struct syslinux_text name)
{
	if (!name.len)
		return false;
	if (syslinux_is_remote(name)) {
		syslinux_give_reason(d, syslinux_keep_joined(p, syslinux_keep(p, name),
						"lies on the network", " "));
		return false;
	}
	to->path = syslinux_path(p, name);
	return true;
}

static void add_initrd(struct syslinux *p, struct syslinux_draft *d, struct syslinux_text name)
{
	struct entry *e = &d->entry;
	struct entry_file file = {0};
	int rc;

	if (!set_file(p, d, &file, name))
		return;
	for (size_t i = 0; i < e->initrd_count; i++)
		if (!strcmp(e->initrds[i].path, file.path))
			return;
	rc = entry_add_initrd(p->reading->list, e, file);
	if (rc == -E2BIG)
		syslinux_give_reason(d, "it has more initrds than stillboot takes");
	else if (rc < 0)
		p->rc = rc;
}

static void add_initrds(struct syslinux *p, struct syslinux_draft *d, struct syslinux_text names)
{
	struct syslinux_text name;

	while (syslinux_take_part(&names, ',', &name) && !d->entry.reason)
		add_initrd(p, d, syslinux_take_word(&name));
}

static void add_initrds_of_options(
	struct syslinux *p, struct syslinux_draft *d, struct syslinux_text options)
{
	static const char key[] = "initrd=";
	size_t len = strlen(key);
	struct syslinux_text word;

	while ((word = syslinux_take_word(&options)).len)
		if (word.len > len && !strncasecmp(word.text, key, len))
			add_initrds(p, d, (struct syslinux_text){word.text + len, word.len - len});
}

/* "APPEND -" is nothing; a label's own APPEND stands for the general one, not behind it. */
static struct syslinux_text append_of(const struct syslinux *p, const struct syslinux_label *label)
{
	struct syslinux_text append = label->append.text ? label->append : p->config->append;

	return syslinux_is(append, "-") ? (struct syslinux_text){"", 0} : append;
}

/* The general one is kept once for all labels. */
static const char *appended(struct syslinux *p, const struct syslinux_label *label)
{
	struct syslinux_config *c = p->config;
	struct syslinux_text append = append_of(p, label);

	if (label->append.text)
		return syslinux_keep(p, append);
	if (!c->append_kept)
		c->append_kept = syslinux_keep(p, append);
	return c->append_kept;
}

static const char *join(struct syslinux *p, const char *a, const char *b)
{
	if (!*a || !*b)
		return *a ? a : b;
	return syslinux_keep_joined(p, a, b, " ");
}

static void set_options(struct syslinux *p, struct syslinux_draft *d)
{
	struct entry *e = &d->entry;
	const char *uuid = p->reading->volume->uuid;

	if (append_of(p, d->label).len + d->arguments.len + d->label->more.len >
		SYSLINUX_OPTIONS_MAX) {
		syslinux_give_reason(d, "its command line is longer than a kernel takes");
		return;
	}
	e->options = appended(p, d->label);
	if (d->arguments.len)
		e->options = join(p, syslinux_keep(p, d->arguments), e->options);
	if (d->label->more.len)
		e->options = join(p, e->options, syslinux_keep(p, d->label->more));
	if (uuid && d->label->sysappend & SYSLINUX_FILE_SYSTEM_UUID)
		e->options = join(p, e->options, syslinux_keep_joined(p, "FSUUID", uuid, "="));
	add_initrds_of_options(p, d, (struct syslinux_text){e->options, strlen(e->options)});
	for (size_t i = 0; i < d->label->initrd_count; i++)
		add_initrds(p, d, d->label->initrds[i]);
}

/* Overlays change the tree that FDT names; without one, the running kernel's tree has them. */
static void set_devicetree(struct syslinux *p, struct syslinux_draft *d)
{
	const struct syslinux_label *label = d->label;

	if (label->overlays.len)
		d->entry.devicetree_overlays = syslinux_keep(p, label->overlays);
	if (label->devicetree.len && !syslinux_is(label->devicetree, "-") &&
		set_file(p, d, &d->entry.devicetree, label->devicetree) && label->overlays.len)
		syslinux_give_reason(d, "it needs device tree overlays");
}

/* U-Boot: "FILE#CONFIGURATION" is a part of a FIT image. */
static void cut_configuration(struct syslinux *p, struct syslinux_draft *d)
{
	const char *mark = d->file.len ? memchr(d->file.text, '#', d->file.len) : NULL;

	if (!p->is_uboot || !mark)
		return;
	d->file.len = (size_t)(mark - d->file.text);
	syslinux_give_reason(d, "it is a part of a FIT image");
}

static void set_linux(struct syslinux *p, struct syslinux_draft *d)
{
	cut_configuration(p, d);
	if (!set_file(p, d, &d->entry.kernel, d->file))
		syslinux_give_reason(d, "it names no Linux kernel");
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

size_t syslinux_record_entry(
	struct syslinux *p, struct syslinux_draft *d, const struct syslinux_kind *kind)
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
		syslinux_give_reason(d, kind->reason);
	if (label->is_disabled)
		syslinux_give_reason(d, "it cannot be chosen in its own menu (MENU DISABLE)");
	return add_entry(p, e, label->name);
}

size_t syslinux_record_variant(
	struct syslinux *p, size_t item, struct syslinux_text title, struct syslinux_text more)
{
	struct syslinux_draft d = {.entry = p->reading->list->entries[p->items[item].entry]};
	struct syslinux_text name = p->items[item].label;

	if (!d.entry.kernel.path)
		return item;
	if (d.entry.initrd_count)
		d.entry.initrds = talloc_memdup(p->reading->list, d.entry.initrds,
			d.entry.initrd_count * sizeof(*d.entry.initrds));
	if (d.entry.initrd_count && !d.entry.initrds) {
		p->rc = -ENOMEM;
		return SYSLINUX_NOWHERE;
	}
	d.entry.title = syslinux_keep(p, title);
	d.entry.options = join(p, d.entry.options, syslinux_keep(p, more));
	add_initrds_of_options(p, &d, more);
	return add_entry(p, &d.entry, name);
}
