// SPDX-License-Identifier: GPL-2.0-or-later
/* The keywords: what a line of a configuration does. Keywords that only change what a menu looks
 * like, and those that nobody knows, do nothing. */
#include "boot/syslinux/syslinux.h"

#include <ctype.h>
#include <string.h>

struct keyword {
	const char *name;
	void (*run)(struct syslinux *p, struct syslinux_text value);
};

static bool run_keyword(
	struct syslinux *p, const struct keyword *keywords, struct syslinux_text line)
{
	struct syslinux_text name = syslinux_take_word(&line);

	for (const struct keyword *k = keywords; name.len && k->name; k++)
		if (tolower((unsigned char)*name.text) == *k->name && syslinux_is(name, k->name)) {
			k->run(p, line);
			return true;
		}
	return false;
}

static void set_devicetree(struct syslinux *p, struct syslinux_text value)
{
	p->label.is_uboot = p->in_label;
	p->label.devicetree = syslinux_take_word(&value);
}

static void set_overlays(struct syslinux *p, struct syslinux_text value)
{
	p->label.is_uboot = p->in_label;
	p->label.overlays = value;
}

static void set_devicetree_directory(struct syslinux *p, struct syslinux_text value)
{
	(void)value;
	p->label.is_uboot = p->in_label;
}

static void set_append(struct syslinux *p, struct syslinux_text value)
{
	if (!value.text)
		value.text = "";
	if (p->in_label) {
		p->label.append = value;
	} else {
		p->config->append = value;
		p->config->append_kept = NULL;
	}
}

static void add_initrds(struct syslinux *p, struct syslinux_text value)
{
	struct syslinux_label *label = &p->label;

	if (p->in_label && label->initrd_count <= ENTRY_INITRDS_MAX)
		label->initrds[label->initrd_count++] = value;
}

static void begin_label(struct syslinux *p, struct syslinux_text value)
{
	syslinux_record(p);
	p->in_label = true;
	p->label = (struct syslinux_label){
		.name = value,
		.sysappend = p->config->sysappend,
		.file = p->file,
		.line = p->line,
	};
}

static void set_sysappend(struct syslinux *p, struct syslinux_text value)
{
	*(p->in_label ? &p->label.sysappend : &p->config->sysappend) = syslinux_number(value, 0);
}

/* A submenu may have a timeout of its own, which begins when it is opened. */
static void set_timeout(struct syslinux *p, struct syslinux_text value)
{
	if (p->menu == p->config->top)
		p->config->timeout = syslinux_number(value, 10);
}

static void set_total_timeout(struct syslinux *p, struct syslinux_text value)
{
	p->config->total_timeout = syslinux_number(value, 10);
}

static void set_implicit(struct syslinux *p, struct syslinux_text value)
{
	p->config->is_explicit = !syslinux_number(value, 10);
}

static void set_prompt(struct syslinux *p, struct syslinux_text value)
{
	p->config->has_prompt = syslinux_number(value, 10);
}

/* A menu program may be given other files than this one to read. */
static void set_ui(struct syslinux *p, struct syslinux_text value)
{
	struct syslinux_text program = syslinux_take_word(&value);

	p->config->has_ui = true;
	if (program.len && syslinux_program(program)->does == SYSLINUX_READS_MENU)
		p->config->menu_files = value;
}

static struct syslinux_command command(const struct syslinux *p, struct syslinux_text text)
{
	return (struct syslinux_command){text, p->file, p->line};
}

/* Before UI there was, "DEFAULT menu.c32" did the same. */
static void set_default(struct syslinux *p, struct syslinux_text value)
{
	struct syslinux_text rest = value;

	p->config->default_command = command(p, value);
	if (syslinux_ends_in(syslinux_take_word(&rest), ".c32")) {
		p->config->default_command.text.len = 0;
		set_ui(p, value);
	}
}

static void set_timeout_command(struct syslinux *p, struct syslinux_text value)
{
	p->config->timeout_command = command(p, value);
}

static void begin_text(struct syslinux *p, struct syslinux_text value)
{
	(void)value;
	p->in_text = true;
}

/* INCLUDE FILE [TAG]: with a tag the file is a submenu. */
static void include(struct syslinux *p, struct syslinux_text value)
{
	struct syslinux_text name = syslinux_take_word(&value);
	struct syslinux_menu *menu = p->menu;
	unsigned int unopened = p->unopened;
	struct err err;

	if (value.len)
		syslinux_menu_begin(p, value);
	if (!syslinux_include(p, name, &err) && !p->rc)
		reading_problem(p->reading, p->file, p->line, "%s", err.text);
	if (value.len) {
		syslinux_record(p);
		p->menu = menu;
		p->unopened = unopened;
	}
}

static void set_menu_label(struct syslinux *p, struct syslinux_text value)
{
	if (p->in_label)
		p->label.shown = value;
	else if (p->menu != p->config->top)
		p->menu->label = value;
}

static void set_menu_title(struct syslinux *p, struct syslinux_text value)
{
	p->menu->title = value;
}

static void set_menu_default(struct syslinux *p, struct syslinux_text value)
{
	(void)value;
	if (p->in_label)
		p->label.is_default = true;
	else if (p->menu != p->config->top)
		p->menu->above->default_item = p->menu->item;
}

static void set_menu_start(struct syslinux *p, struct syslinux_text value)
{
	(void)value;
	p->config->start = p->menu;
}

static void disable(struct syslinux *p, struct syslinux_text value)
{
	(void)value;
	p->label.is_disabled = p->in_label;
}

static void separate(struct syslinux *p, struct syslinux_text value)
{
	(void)value;
	syslinux_record(p);
}

static void begin_menu(struct syslinux *p, struct syslinux_text value)
{
	syslinux_menu_begin(p, value);
}

static void end_menu(struct syslinux *p, struct syslinux_text value)
{
	(void)value;
	syslinux_menu_end(p);
}

/* MENU GOTO TAG; MENU EXIT TAG is the same, without a tag it goes to the menu above. */
static void go_to_menu(struct syslinux *p, struct syslinux_text value)
{
	p->label.action = value.len ? SYSLINUX_GOTO : SYSLINUX_LEAVE;
	p->label.image = value;
}

static void leave_menu(struct syslinux *p, struct syslinux_text value)
{
	(void)value;
	p->label.action = SYSLINUX_LEAVE;
}

static const struct keyword menu_keywords[] = {
	{"label", set_menu_label},
	{"title", set_menu_title},
	{"default", set_menu_default},
	{"start", set_menu_start},
	{"disable", disable},
	{"disabled", disable},
	{"separator", separate},
	{"begin", begin_menu},
	{"end", end_menu},
	{"goto", go_to_menu},
	{"exit", go_to_menu},
	{"quit", leave_menu},
	{"help", leave_menu},
	{"include", include},
	{NULL, NULL},
};

static void run_menu(struct syslinux *p, struct syslinux_text value)
{
	run_keyword(p, menu_keywords, value);
}

static const struct keyword keywords[] = {
	{"label", begin_label},
	{"append", set_append},
	{"initrd", add_initrds},
	{"menu", run_menu},
	{"text", begin_text},
	{"include", include},
	{"fdt", set_devicetree},
	{"dtb", set_devicetree}, /* Petitboot */
	{"devicetree", set_devicetree},
	{"fdtdir", set_devicetree_directory},
	{"devicetreedir", set_devicetree_directory},
	{"fdtoverlays", set_overlays},
	{"devicetree-overlay", set_overlays},
	{"sysappend", set_sysappend},
	{"ipappend", set_sysappend},
	{"default", set_default},
	{"ui", set_ui},
	{"ontimeout", set_timeout_command},
	{"timeout", set_timeout},
	{"totaltimeout", set_total_timeout},
	{"implicit", set_implicit},
	{"prompt", set_prompt},
	{NULL, NULL},
};

/* KERNEL, LINUX, LOCALBOOT... */
static void run_kind(struct syslinux *p, struct syslinux_text line)
{
	struct syslinux_text name = syslinux_take_word(&line);

	for (const struct syslinux_kind *k = syslinux_kinds; p->in_label && k->keyword; k++)
		if (syslinux_is(name, k->keyword)) {
			p->label.kind = k;
			p->label.image = line;
		}
}

void syslinux_run_line(struct syslinux *p, struct syslinux_text line)
{
	static const char initrd[] = "initrd=";
	struct syslinux_text rest = line, word = syslinux_take_word(&rest);

	if (p->in_text) {
		p->in_text = !syslinux_is(word, "endtext");
		return;
	}
	/* Some files have it as a line of its own; Petitboot reads it so. */
	if (word.len > strlen(initrd) &&
		syslinux_is((struct syslinux_text){word.text, strlen(initrd)}, initrd))
		add_initrds(p, (struct syslinux_text){
				       line.text + strlen(initrd), line.len - strlen(initrd)});
	else if (!run_keyword(p, keywords, line))
		run_kind(p, line);
}
