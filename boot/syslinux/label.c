// SPDX-License-Identifier: GPL-2.0-or-later
/* What a label gives: an entry, or a way to another place. */
#include "boot/syslinux/syslinux.h"

#include <string.h>

/* What a program is given: in KERNEL itself, or else by APPEND. */
static struct syslinux_text arguments_of(const struct syslinux_draft *d)
{
	return d->arguments.len ? d->arguments : d->label->append;
}

/* linux.c32 [-OPTION] FILE ARGUMENTS */
static size_t record_by_program(
	struct syslinux *p, struct syslinux_draft *d, const struct syslinux_kind *kind)
{
	struct syslinux_label label = *d->label;
	struct syslinux_text rest = arguments_of(d);
	struct syslinux_draft linux_draft = {.label = &label};

	do
		linux_draft.file = syslinux_take_word(&rest);
	while (linux_draft.file.len && *linux_draft.file.text == '-');
	linux_draft.arguments = rest;
	label.append = (struct syslinux_text){"", 0};
	return syslinux_record_entry(p, &linux_draft, kind);
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

static size_t record_config(
	struct syslinux *p, struct syslinux_draft *d, const struct syslinux_kind *kind)
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
	syslinux_give_reason(d, reason);
	return syslinux_record_entry(p, d, &(struct syslinux_kind){.does = SYSLINUX_BOOTS_OTHER});
}

/* What the label starts, and of which file. */
static const struct syslinux_kind *find_kind(const struct syslinux *p, struct syslinux_draft *d)
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
	struct syslinux_draft d = {.label = label};
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
		return syslinux_record_entry(p, &d, kind);
	default:
		return syslinux_record_entry(p, &d, kind);
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
	struct syslinux_text rest = command->text, file = syslinux_take_word(&rest);
	struct syslinux_label label = {
		.name = file,
		.shown = command->text,
		.image = file,
		.more = rest,
		.kind = syslinux_kinds,
		.sysappend = p->config->sysappend,
		.file = command->file,
		.line = command->line,
	};

	return record_boot(p, &label);
}
