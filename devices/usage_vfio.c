// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/usage_vfio.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/usage.h"
#include "devices/usage_files.h"

static int has_names(struct machine *m, const char *path)
{
	_cleanup_talloc_ char **names = machine_list_names(m, NULL, path);

	return names && names[0];
}

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

/* What the node is called below dev/vfio/: "12", "noiommu-3", "devices/vfio0", or "vfio", which
 * stands for no device. */
static void mark_node(struct machine *m, struct pci_snapshot *s, const char *node, const char *use)
{
	static const char no_iommu[] = "noiommu-", device[] = "devices/";
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

void usage_mark_vfio(struct machine *m, struct pci_snapshot *s, const char *node, const char *pid)
{
	static const char nodes[] = "vfio/";
	_cleanup_talloc_ char *name = NULL;

	if (strncmp(node, nodes, sizeof(nodes) - 1))
		return;
	name = usage_process_name(m, NULL, pid);
	mark_node(m, s, node + sizeof(nodes) - 1,
		talloc_asprintf(s, "held by a virtual machine or another vfio user (pid %s%s%s)",
			pid, name ? " " : "", name ? name : ""));
}

int usage_has_vfio(struct machine *m)
{
	return has_names(m, "sys/class/vfio") || has_names(m, "sys/class/vfio-dev");
}
