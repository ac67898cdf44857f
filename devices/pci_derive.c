// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/pci_derive.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>
#include <talloc.h>

#include "devices/pci_build.h"

#define VENDOR_INTEL 0x8086

/* drivers/pci/controller/vmd.c, vmd_ids */
static const uint16_t vmd_devices[] = {
	0x201d, 0x28c0, 0x467f, 0x4c3d, 0xa77f, 0x7d0b, 0xad0b, 0x9a0b, 0xb60b, 0xb06f};

static unsigned int routing_id(const struct pci_function *f)
{
	return (unsigned int)f->bus << 8 | (unsigned int)f->dev << 3 | f->func;
}

/* SR-IOV 2.1.2 "VF Discovery": VF n has the routing id of its PF plus First VF Offset plus
 * (n - 1) times VF Stride. */
static int is_virtual_of(const struct pci_function *f, const struct pci_function *physical)
{
	const struct pci_caps *caps = &physical->caps;
	unsigned int first = routing_id(physical) + caps->vf_offset, n;

	if (f->domain != physical->domain || !caps->vf_offset || routing_id(f) < first)
		return 0;
	n = routing_id(f) - first;
	if (!caps->vf_stride)
		return n == 0 && caps->vf_enabled;
	return n % caps->vf_stride == 0 && n / caps->vf_stride < caps->vf_enabled;
}

static void link_virtual(struct pci_function *f, struct pci_function **physical, size_t count)
{
	if (f->header != PCI_HEADER_TYPE_NORMAL || f->caps.has & PCI_HAS_SRIOV)
		return;
	while (count--)
		if (is_virtual_of(f, physical[count]))
			f->physical = physical[count];
	if (f->physical && f->vendor == 0xffff) {
		f->vendor = f->physical->vendor;
		f->device = f->physical->caps.vf_device;
	}
}

static int derive_virtual(struct pci_snapshot *s)
{
	struct pci_function **physical = talloc_array(s, struct pci_function *, s->count);
	size_t count = 0;

	if (!physical)
		return -ENOMEM;
	for (size_t i = 0; i < s->count; i++) {
		struct pci_function *f = &s->functions[i];

		if (count && physical[0]->domain != f->domain)
			count = 0;
		link_virtual(f, physical, count);
		f->vf_count = f->caps.vf_enabled;
		if (f->caps.vf_enabled)
			physical[count++] = f;
	}
	talloc_free(physical);
	return 0;
}

static int is_vmd(const struct pci_function *f)
{
	if (f->domain >= PCI_VMD_DOMAIN || f->vendor != VENDOR_INTEL)
		return 0;
	for (size_t i = 0; i < sizeof(vmd_devices) / sizeof(*vmd_devices); i++)
		if (f->device == vmd_devices[i])
			return !f->driver || !strcmp(f->driver, "vmd");
	return 0;
}

/* The next of VMD's controllers from this index on, NULL if there is none. */
static struct pci_function *next_vmd(struct pci_snapshot *s, size_t *from)
{
	while (*from < s->count) {
		struct pci_function *f = &s->functions[(*from)++];

		if (is_vmd(f))
			return f;
	}
	return NULL;
}

static int begins_vmd_domain(const struct pci_snapshot *s, size_t i)
{
	return s->functions[i].domain >= PCI_VMD_DOMAIN &&
	       (i == 0 || s->functions[i - 1].domain != s->functions[i].domain);
}

static void derive_domains(struct pci_snapshot *s)
{
	struct pci_function *vmd = NULL;
	size_t from = 0, controllers = 0, domains = 0;

	while (next_vmd(s, &from))
		controllers++;
	for (size_t i = 0; i < s->count; i++)
		domains += (size_t)begins_vmd_domain(s, i);
	if (controllers != domains)
		return;
	from = 0;
	for (size_t i = 0; i < s->count; i++) {
		if (begins_vmd_domain(s, i))
			vmd = next_vmd(s, &from);
		if (s->functions[i].domain >= PCI_VMD_DOMAIN && !s->functions[i].parent)
			s->functions[i].parent = vmd;
	}
}

static int on_same_bus(const struct pci_function *a, const struct pci_function *b)
{
	return a->domain == b->domain && a->bus == b->bus;
}

/* drivers/pci/pci.c, pci_parent_bus_reset: below a bridge, none itself, and alone on its bus; but
 * the kernel's list is made as each function is found, when those after it are not there yet.
 * Virtual functions share a bus, or are on one that has no bridge of its own. */
static int has_bus_reset(const struct pci_snapshot *s, size_t i)
{
	const struct pci_function *f = &s->functions[i];

	return f->parent && f->parent->domain == f->domain && f->header == PCI_HEADER_TYPE_NORMAL &&
	       !f->physical && (i == 0 || !on_same_bus(&s->functions[i - 1], f));
}

static unsigned int resets_of(const struct pci_snapshot *s, size_t i)
{
	unsigned int has = s->functions[i].caps.has, resets = 0;

	resets |= has & PCI_HAS_FLR ? PCI_RESET_FLR : 0;
	resets |= has & PCI_HAS_AF_FLR ? PCI_RESET_AF_FLR : 0;
	resets |= has & PCI_HAS_PM && !(has & PCI_HAS_NO_SOFT_RESET) ? PCI_RESET_PM : 0;
	resets |= has_bus_reset(s, i) ? PCI_RESET_BUS : 0;
	return resets;
}

static int derive_resets(struct pci_snapshot *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct pci_function *f = &s->functions[i];
		char *text = NULL;

		f->resets = resets_of(s, i);
		for (unsigned int bit = 0; pci_reset_name(bit); bit++) {
			if (!(f->resets & 1U << bit))
				continue;
			text = text ? talloc_asprintf_append(text, " %s", pci_reset_name(bit))
				    : talloc_strdup(s, pci_reset_name(bit));
			if (!text)
				return -ENOMEM;
		}
		f->reset_method = text;
		/* A dump does not say; all kernels in use have it (Linux 5.4.287, 6.1.120, 6.13). */
		f->has_subordinate_reset = f->header == PCI_HEADER_TYPE_BRIDGE;
	}
	return 0;
}

int pci_derive(struct pci_snapshot *s)
{
	int rc = derive_virtual(s);

	if (rc < 0)
		return rc;
	derive_domains(s);
	pci_link_children(s);
	return derive_resets(s);
}
