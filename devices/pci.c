// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/pci.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "devices/cleanup.h"
#include "devices/pci_build.h"

/* In the order of enum pci_reset. */
static const char *const reset_names[] = {
	"device_specific", "acpi", "flr", "af_flr", "pm", "bus", "cxl_bus"};

const char *pci_reset_name(unsigned int bit)
{
	return bit < sizeof(reset_names) / sizeof(*reset_names) ? reset_names[bit] : NULL;
}

int pci_is_bridge(const struct pci_function *f)
{
	return f->class >> 16 == 0x06 || f->header != PCI_HEADER_TYPE_NORMAL;
}

int pci_is_display(const struct pci_function *f)
{
	if (f->class >> 16 != 0x03)
		return 0;
	return f->class >> 8 != 0x0302 || (f->uses & PCI_USE_FRAMEBUFFER);
}

int pci_is_port(const struct pci_function *f)
{
	return f->header == PCI_HEADER_TYPE_BRIDGE &&
	       (f->express == PCI_EXP_TYPE_ROOT_PORT || f->express == PCI_EXP_TYPE_DOWNSTREAM);
}

int pci_is_below(const struct pci_function *f, const struct pci_function *bridge)
{
	for (f = f->parent; f; f = f->parent)
		if (f == bridge)
			return 1;
	return 0;
}

int pci_parse_slot(const char *text, struct pci_slot *slot)
{
	struct pci_slot s = {0};
	int end = 0;

	/* sscanf() would take blanks and signs. */
	if (text[strspn(text, "0123456789abcdefABCDEF:.")])
		return -EINVAL;
	if (sscanf(text, "%8x:%2x:%2x.%1x%n", &s.domain, &s.bus, &s.dev, &s.func, &end) != 4) {
		s.domain = 0;
		end = 0;
		if (sscanf(text, "%2x:%2x.%1x%n", &s.bus, &s.dev, &s.func, &end) != 3)
			return -EINVAL;
	}
	if (text[end] || s.domain > PCI_DOMAIN_MAX || s.dev > 31 || s.func > 7)
		return -EINVAL;
	*slot = s;
	return 0;
}

struct pci_function *pci_find(const struct pci_snapshot *s, const char *text)
{
	struct pci_slot slot;
	struct pci_function *f;
	size_t at;

	if (pci_parse_slot(text, &slot) < 0)
		return NULL;
	at = pci_lower_bound(s, &slot);
	if (at == s->count)
		return NULL;
	f = &s->functions[at];
	return f->domain == slot.domain && f->bus == slot.bus && f->dev == slot.dev &&
			       f->func == slot.func
		       ? f
		       : NULL;
}

struct pci_function *pci_on_path(const struct pci_snapshot *s, char *path)
{
	struct pci_function *last = NULL;
	char *part, *rest;

	for (part = strtok_r(path, "/", &rest); part; part = strtok_r(NULL, "/", &rest)) {
		/* Written out in full: PNP's "00:00:0.0" is no slot. */
		struct pci_function *f = strchr(part, '.') ? pci_find(s, part) : NULL;

		if (f && !strcmp(f->slot, part))
			last = f;
	}
	return last;
}

/* Links of sysfs are relative: up to where both ways meet, which is above sys/devices or in it. */
char *pci_device_path(struct machine *m, void *ctx, const char *link)
{
	char target[4096], *path = target;
	ssize_t len = readlinkat(m->root_fd, link, target, sizeof(target) - 1);

	if (len < 0)
		return NULL;
	target[len] = '\0';
	while (!strncmp(path, "../", 3))
		path += 3;
	if (!strncmp(path, "devices/", 8))
		path += 8;
	return talloc_strdup(ctx, path);
}

struct pci_function *pci_behind(struct machine *m, const struct pci_snapshot *s, const char *link)
{
	_cleanup_talloc_ char *path = pci_device_path(m, NULL, link);

	return path ? pci_on_path(s, path) : NULL;
}

static int by_slot(const void *a, const void *b)
{
	const struct pci_function *x = a, *y = b;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	return ((x->bus << 8) | (x->dev << 3) | x->func) -
	       ((y->bus << 8) | (y->dev << 3) | y->func);
}

/*
 * The bridge above a bus is the one with the narrowest range of buses around it. A range and not
 * just the secondary bus: virtual functions may have bus numbers that no bridge names. Numbers that
 * lie would make a cycle: a bridge only counts when the buses below it come after its own.
 */
static void note_bridge(struct pci_function *above[256], struct pci_function *bridge)
{
	if (bridge->secondary <= bridge->bus)
		return;
	for (unsigned int bus = bridge->secondary; bus <= bridge->subordinate; bus++)
		if (!above[bus] || above[bus]->secondary < bridge->secondary)
			above[bus] = bridge;
}

static enum pci_place place_below(const struct pci_function *bridge)
{
	if (!bridge)
		return PCI_PLACE_ROOT;
	if (pci_is_port(bridge))
		return PCI_PLACE_PORT;
	return bridge->express == PCI_EXP_TYPE_UPSTREAM ? PCI_PLACE_SWITCH : PCI_PLACE_LEGACY;
}

/* The functions of one domain, from the first on; returns how many they are. */
static size_t link_domain(struct pci_function *first, size_t count)
{
	struct pci_function *above[256] = {NULL};
	size_t n;

	for (n = 0; n < count && first[n].domain == first->domain; n++)
		note_bridge(above, &first[n]);
	for (size_t i = 0; i < n; i++) {
		first[i].parent = above[first[i].bus];
		first[i].place = place_below(first[i].parent);
	}
	return n;
}

void pci_link_tree(struct pci_snapshot *s)
{
	if (s->count)
		qsort(s->functions, s->count, sizeof(*s->functions), by_slot);
	for (size_t i = 0; i < s->count;)
		i += link_domain(&s->functions[i], s->count - i);
	pci_link_children(s);
}

void pci_link_children(struct pci_snapshot *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->functions[i].child = s->functions[i].sibling = NULL;
	for (size_t i = s->count; i-- > 0;) {
		struct pci_function *f = &s->functions[i];

		if (!f->parent)
			continue;
		f->sibling = f->parent->child;
		f->parent->child = f;
	}
}
