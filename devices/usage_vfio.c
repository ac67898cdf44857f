// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/usage_vfio.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/usage.h"

/* vfio-pci, and those for one kind of device: mlx5_vfio_pci, hisi-acc-vfio-pci, ... */
static int has_vfio_driver(const struct pci_function *f)
{
	return f->driver && strstr(f->driver, "vfio");
}

/* A member that is no PCI function is a mediated device, which has a function above it. */
static void mark_group(
	struct machine *m, struct pci_snapshot *s, const char *group, const char *use)
{
	_cleanup_talloc_ char **names = NULL;
	char path[320], link[600];

	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%.64s/devices", group);
	names = machine_list_names(m, NULL, path);
	for (char **name = names; name && *name; name++) {
		struct pci_function *f;

		snprintf(link, sizeof(link), "%s/%.255s", path, *name);
		f = pci_behind(m, s, link);
		if (!f || strcmp(f->slot, *name) || has_vfio_driver(f))
			usage_mark_link(m, s, link, PCI_USE_VFIO, use);
	}
}

void usage_vfio_node(
	struct machine *m, struct pci_snapshot *s, const char *node, const char *holder)
{
	static const char no_iommu[] = "noiommu-", device[] = "devices/";
	const char *use = talloc_asprintf(
		s, "held by a virtual machine or another vfio user (%s)", holder);
	char path[320];

	if (!strncmp(node, device, sizeof(device) - 1)) {
		snprintf(
			path, sizeof(path), "sys/class/vfio-dev/%.255s", node + sizeof(device) - 1);
		usage_mark_link(m, s, path, PCI_USE_VFIO, use);
		return;
	}
	if (!strncmp(node, no_iommu, sizeof(no_iommu) - 1))
		node += sizeof(no_iommu) - 1;
	if (isdigit((unsigned char)node[0]))
		mark_group(m, s, node, use);
}
