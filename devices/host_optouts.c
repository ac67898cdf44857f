// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/host.h"
#include "devices/kernel_words.h"
#include "devices/utf8.h"

#define PREFIX "stillboot."
#define DRIVER "driver:"
#define SENTENCE_MAX 256 /* bytes */

struct parser {
	void *ctx;
	struct host_optouts o;
	int failed; /* memory ran out */
};

/* Remember what is wrong, if it is the first. */
__attribute__((format(printf, 2, 3))) static void bad(struct parser *p, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (p->o.bad)
		return;
	va_start(ap, fmt);
	text = talloc_vasprintf(p->ctx, fmt, ap);
	va_end(ap);
	if (text)
		utf8_clean(text, SENTENCE_MAX);
	p->failed |= !text;
	p->o.bad = text;
}

/* What looks like a slot and is none must not pass for a bus called 0000. */
static int is_name(const char *item)
{
	const char *colon = strchr(item, ':');

	return colon && colon != item && colon[1] && !strpbrk(item, "\"/") &&
	       item[strspn(item, "0123456789abcdefABCDEF:.")];
}

static void read_item(struct parser *p, const char *item)
{
	int is_pci = !strncmp(item, "pci:", 4);
	struct pci_slot slot;
	char *text;

	if (p->o.leave_count == HOST_LEAVE_MAX || strlen(item) > HOST_LEAVE_SIZE) {
		bad(p,
			"stillboot.leave on the kernel's command line: '%.64s' does not count: at "
			"most %d items of %d bytes do",
			item, HOST_LEAVE_MAX, HOST_LEAVE_SIZE);
		return;
	}
	if (pci_parse_slot(is_pci ? item + 4 : item, &slot) == 0) {
		text = talloc_asprintf(p->o.leave, "%04x:%02x:%02x.%x", slot.domain, slot.bus,
			slot.dev, slot.func);
	} else if (!is_pci && is_name(item)) {
		text = talloc_strdup(p->o.leave, item);
	} else {
		bad(p,
			"stillboot.leave on the kernel's command line: '%.64s' is neither a slot "
			"nor "
			"driver:NAME nor bus:name",
			item);
		return;
	}
	p->failed |= !text;
	p->o.leave[p->o.leave_count++] = text;
}

static void read_leave(struct parser *p, char *list)
{
	char *item;

	while ((item = strsep(&list, ",")))
		read_item(p, item);
}

static void read_switch(struct parser *p, const char *name, const char *value, int *off)
{
	static const char *const values[] = {"off", "0", "no", "on", "1", "yes"};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		if (!strcmp(value, values[i])) {
			*off = i < 3;
			return;
		}
	bad(p, "stillboot.%s on the kernel's command line is '%.64s': write off or on", name,
		value);
}

static void read_quiesce(struct parser *p, char *value)
{
	read_switch(p, "quiesce", value, &p->o.quiesce_off);
}

static void read_preinit(struct parser *p, char *value)
{
	read_switch(p, "preinit", value, &p->o.preinit_off);
}

/* Who needs it reads it: boot/settings/, ui/appliance.c. */
static void read_elsewhere(struct parser *p, char *value)
{
	(void)p;
	(void)value;
}

static const struct {
	const char *name;
	void (*read)(struct parser *p, char *value);
} words[] = {
	{PREFIX "leave", read_leave},
	{PREFIX "quiesce", read_quiesce},
	{PREFIX "preinit", read_preinit},
	{PREFIX "console", read_elsewhere},
	{PREFIX "default", read_elsewhere},
	{PREFIX "handoff", read_elsewhere}, /* set by ourselves: boot/handoff_tie.h */
	{PREFIX "shell", read_elsewhere},
	{PREFIX "timeout", read_elsewhere},
};

static int mentions_us(const char *text)
{
	return text && strstr(text, PREFIX);
}

/* A quote that nothing closes takes in all that follows. */
static void check_quotes(struct parser *p, const struct kernel_word *w)
{
	if (w->is_open && (mentions_us(w->name) || mentions_us(w->value)))
		bad(p, "%.64s on the kernel's command line: a double quote is not closed", w->name);
}

static void read_word(struct parser *p, const struct kernel_word *w)
{
	check_quotes(p, w);
	if (strncmp(w->name, PREFIX, sizeof(PREFIX) - 1))
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(w->name, words[i].name))
			continue;
		if (w->value)
			words[i].read(p, w->value);
		else
			bad(p, "%s on the kernel's command line has no value", w->name);
		return;
	}
	bad(p,
		"%.64s on the kernel's command line: stillboot knows leave, quiesce, preinit, "
		"console, default, shell and timeout only",
		w->name);
}

int host_optouts(const struct host *h, void *ctx, struct host_optouts *o)
{
	_cleanup_talloc_ char *cmdline = talloc_strdup(NULL, h->cmdline);
	struct parser p = {.ctx = ctx, .o.leave = talloc_array(ctx, const char *, HOST_LEAVE_MAX)};
	struct kernel_word word;

	p.failed = !cmdline || !p.o.leave;
	for (char *at = cmdline; !p.failed && (at = kernel_words_next(at, &word));)
		read_word(&p, &word);
	if (p.failed) {
		talloc_free(p.o.leave);
		return -ENOMEM;
	}
	*o = p.o;
	return 0;
}

static int is_device(const char *item, const char *bus, const char *name)
{
	size_t len = strlen(bus);

	return !strncmp(item, bus, len) && item[len] == ':' && !strcmp(item + len + 1, name);
}

static const char *driver_in(const char *item)
{
	return strncmp(item, DRIVER, sizeof(DRIVER) - 1) ? NULL : item + sizeof(DRIVER) - 1;
}

const char *host_leaves_function(const struct host_optouts *o, const struct pci_function *f)
{
	for (size_t i = 0; i < o->leave_count; i++) {
		const char *item = o->leave[i], *driver = driver_in(item);

		if (driver ? f->driver && !strcmp(driver, f->driver) : !strcmp(item, f->slot))
			return item;
	}
	return NULL;
}

const char *host_leaves_device(const struct host_optouts *o, const struct bus_device *d)
{
	for (size_t i = 0; i < o->leave_count; i++) {
		const char *item = o->leave[i], *driver = driver_in(item);

		if (driver ? !strcmp(driver, d->driver) : is_device(item, d->bus, d->name))
			return item;
	}
	return NULL;
}
