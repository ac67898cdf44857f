// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/devices.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "ui/print.h"

#define COLUMNS 96

/* The functions as a tree: of each its first child and its next sibling, as indices; the roots are
 * the children of one more behind the last. count means none. */
struct tree {
	const struct pci_snapshot *s;
	size_t *first, *next;
	FILE *out;
	enum devices_detail detail;
};

/* What stands left of a line: the branches. Deeper than this they are not drawn. */
struct margin {
	char text[256];
	size_t len;
};

/* A line of details being filled; goes on in the next one when it is full. */
struct details {
	FILE *out;
	const struct margin *margin;
	int columns; /* of a line */
	int column;  /* 0: nothing printed yet */
};

static void deepen(struct margin *margin, const char *branch)
{
	size_t len = strlen(branch);

	if (margin->len + len >= sizeof(margin->text))
		return;
	memcpy(margin->text + margin->len, branch, len + 1);
	margin->len += len;
}

__attribute__((format(printf, 3, 4))) static void put(
	struct details *d, enum style style, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int width;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	width = print_width(text) + 2;
	if (d->column && d->column + width <= d->columns) {
		fputs(", ", d->out);
	} else {
		fputs(d->column ? ",\n" : "", d->out);
		fputs(d->margin->text, d->out);
		d->column = (int)d->margin->len;
	}
	print_styled(d->out, style, text, 0);
	d->column += width;
}

static void put_end(struct details *d)
{
	if (d->column)
		fputc('\n', d->out);
	d->column = 0;
}

static void put_driver(struct details *d, const struct pci_function *f)
{
	if (!f->driver) {
		put(d, STYLE_DIM, "no driver");
		return;
	}
	put(d, STYLE_GOOD, "%s", f->driver);
	/* What plain kexec leaves running. */
	if (f->has_shutdown == PCI_NO)
		put(d, STYLE_BOLD, "no shutdown()%s",
			f->has_remove == PCI_NO ? " and no remove()" : "");
	if (!f->can_unbind)
		put(d, STYLE_PLAIN, "which cannot be unbound");
}

/* An interrupt by message without a driver: nobody is there to take it. */
static void put_interrupts(struct details *d, const struct pci_function *f)
{
	if (f->driver)
		return;
	if (f->caps.has & PCI_HAS_MSI_ON)
		put(d, STYLE_BOLD, "MSI is on");
	if (f->caps.has & PCI_HAS_MSIX_ON)
		put(d, STYLE_BOLD, "MSI-X is on");
}

static void put_port(struct details *d, const struct pci_function *f)
{
	const char *type = devices_port_type(f->express);

	if (type && pci_is_bridge(f))
		put(d, STYLE_PLAIN, "%s", type);
	if (f->caps.has & PCI_HAS_HOTPLUG)
		put(d, STYLE_PLAIN, "%s",
			f->caps.has & PCI_HAS_SURPRISE ? "surprise hotplug" : "hotplug");
	if (f->has_subordinate_reset)
		put(d, STYLE_PLAIN, "resets what is below it");
}

static void put_virtual(struct details *d, const struct pci_function *f)
{
	if (f->physical)
		put(d, STYLE_PLAIN, "virtual function of %s", f->physical->slot);
	if (f->vf_count)
		put(d, STYLE_PLAIN, "%u of %u virtual functions on", f->vf_count, f->caps.vf_total);
}

static void put_details(struct details *d, const struct pci_function *f)
{
	put_driver(d, f);
	put_port(d, f);
	if (f->reset_method)
		put(d, STYLE_PLAIN, "resets: %s", f->reset_method);
	put_interrupts(d, f);
	if (f->power_state > 0)
		put(d, STYLE_BOLD, "%s", devices_power_state(f->power_state));
	put_virtual(d, f);
	if (f->hotplug_slot)
		put(d, STYLE_PLAIN, "slot %s", f->hotplug_slot);
	if (f->iommu_group >= 0)
		put(d, STYLE_PLAIN, "IOMMU group %d", f->iommu_group);
	for (size_t i = 0; i < f->consumer_count; i++)
		put(d, STYLE_PLAIN, "needed by %s", f->consumers[i]->slot);
	put_end(d);
	if (f->use)
		put(d, STYLE_BAD, "in use: %s", f->use);
	put_end(d);
}

/* The numbers: for somebody who writes a rule or reads a report. */
static void put_all(struct details *d, const struct pci_function *f)
{
	put(d, STYLE_DIM, "%04x:%04x", f->vendor, f->device);
	if (f->subsystem_vendor)
		put(d, STYLE_DIM, "subsystem %04x:%04x", f->subsystem_vendor, f->subsystem_device);
	if (f->vendor_name)
		put(d, STYLE_DIM, "%s", f->vendor_name);
	put(d, STYLE_DIM, "class %06x", f->class);
	if (f->secondary)
		put(d, STYLE_DIM, "buses %02x to %02x", f->secondary, f->subordinate);
	if (!pci_is_bridge(f) && devices_port_type(f->express))
		put(d, STYLE_DIM, "%s", devices_port_type(f->express));
	if (f->power_state == 0)
		put(d, STYLE_DIM, "D0");
	if (f->numa_node >= 0)
		put(d, STYLE_DIM, "NUMA node %d", f->numa_node);
	if (f->caps.vf_total && !f->vf_count)
		put(d, STYLE_DIM, "0 of %u virtual functions on", f->caps.vf_total);
	put(d, STYLE_DIM, "%zu bytes", f->config_len);
	for (unsigned int bit = 0; pci_cap_name(bit); bit++)
		if (f->caps.has & 1U << bit)
			put(d, STYLE_DIM, "%s", pci_cap_name(bit));
	put_end(d);
}

static void print_title(struct tree *t, const struct pci_function *f)
{
	char number[32];

	print_styled(t->out, STYLE_BOLD, f->slot, 0);
	fputs("  ", t->out);
	snprintf(number, sizeof(number), "class %06x", f->class);
	print_text(t->out, f->class_name ? f->class_name : number, 0);
	fputs(": ", t->out);
	snprintf(number, sizeof(number), "%04x:%04x", f->vendor, f->device);
	print_text(t->out, f->device_name ? f->device_name : number, 0);
	fputc('\n', t->out);
}

void devices_print_details(FILE *out, const struct pci_function *f, enum devices_detail detail)
{
	const struct margin none = {.len = 0};
	struct details d = {.out = out, .margin = &none, .columns = INT_MAX};

	put_details(&d, f);
	if (detail == DEVICES_ALL)
		put_all(&d, f);
}

static void print_level(struct tree *t, size_t parent, const struct margin *above);

static void print_function(struct tree *t, size_t i, struct margin margin)
{
	const struct pci_function *f = &t->s->functions[i];
	struct margin inner = margin;
	struct details d = {.out = t->out, .margin = &inner, .columns = COLUMNS};

	print_title(t, f);
	deepen(&inner, t->first[i] == t->s->count ? "   " : "|  ");
	deepen(&inner, "           ");
	put_details(&d, f);
	if (t->detail == DEVICES_ALL)
		put_all(&d, f);
	print_level(t, i, &margin);
}

/* All that stands directly below one function, or on the root buses. */
static void print_level(struct tree *t, size_t parent, const struct margin *above)
{
	for (size_t i = t->first[parent]; i != t->s->count; i = t->next[i]) {
		struct margin margin = *above;
		int is_last = t->next[i] == t->s->count;

		fputs(above->text, t->out);
		if (t->s->functions[i].parent) {
			fputs(is_last ? "`- " : "+- ", t->out);
			deepen(&margin, is_last ? "   " : "|  ");
		}
		print_function(t, i, margin);
	}
}

int devices_print(FILE *out, const struct pci_snapshot *s, enum devices_detail detail)
{
	_cleanup_talloc_ size_t *first = talloc_array(NULL, size_t, s->count + 1);
	_cleanup_talloc_ size_t *next = talloc_array(NULL, size_t, s->count + 1);
	struct tree t = {.s = s, .first = first, .next = next, .out = out, .detail = detail};
	const struct margin none = {.len = 0};

	if (!first || !next)
		return -ENOMEM;
	for (size_t i = 0; i <= s->count; i++)
		first[i] = s->count;
	for (size_t i = s->count; i--;) {
		const struct pci_function *parent = s->functions[i].parent;
		size_t above = parent ? (size_t)(parent - s->functions) : s->count;

		next[i] = first[above];
		first[above] = i;
	}
	print_level(&t, s->count, &none);
	if (s->lockdown != PCI_LOCKDOWN_NONE)
		fprintf(out, "The kernel is locked down (%s).\n", devices_lockdown(s->lockdown));
	return 0;
}
