// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/usage_open.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/usage.h"
#include "devices/usage_files.h"

#define UEVENT_MAX 4096 /* bytes: include/linux/kobject.h, UEVENT_BUFFER_SIZE is 2048 */

struct open_node {
	char *name;   /* below dev: "snd/pcmC0D0p" */
	char *number; /* below sys/dev/char: "116:2" */
	int is_held;
};

struct open_nodes {
	struct open_node *nodes;
	size_t count;
};

enum where { ANYWHERE, NOT_ON_USB };

/* Sources: usage_open.h. */
static const struct waiter {
	const char *subsystem; /* "" for a device of none */
	const char *prefix;    /* that its name has */
	enum where where;
} waiters[] = {
	{"i2c-dev", "", ANYWHERE},
	{"sound", "", NOT_ON_USB},
	{"dvb", "", ANYWHERE},
	{"infiniband_verbs", "", ANYWHERE},
	{"firewire", "", ANYWHERE},
	{"tee", "", ANYWHERE},
	{"", "vhost-vdpa-", ANYWHERE},
};

/* A USB bus is a device on the way: ".../0000:00:14.0/usb1/1-2/1-2:1.0/sound/card1/pcmC1D0p". */
static int is_on_usb(const char *way)
{
	static const char bus[] = "/usb";

	while ((way = strstr(way, bus))) {
		way += sizeof(bus) - 1;
		if (isdigit((unsigned char)*way))
			return 1;
	}
	return 0;
}

/* Does this device's remove() wait for those who have its node open? */
static int waits(struct machine *m, const char *device)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	const char *way = pci_device_path(m, tmp, device), *name = way ? strrchr(way, '/') : NULL;
	const char *subsystem;
	char path[340];

	snprintf(path, sizeof(path), "%s/subsystem", device);
	subsystem = machine_link_name(m, tmp, path);
	for (size_t i = 0; name && i < sizeof(waiters) / sizeof(*waiters); i++) {
		const struct waiter *w = &waiters[i];

		if (!strcmp(w->subsystem, subsystem ? subsystem : "") &&
			!strncmp(w->prefix, name + 1, strlen(w->prefix)))
			return w->where == ANYWHERE || !is_on_usb(way);
	}
	return 0;
}

/* "MAJOR=116\nMINOR=2\nDEVNAME=snd/pcmC0D0p" */
static char *node_name(struct machine *m, void *ctx, const char *device)
{
	static const char key[] = "DEVNAME=";
	_cleanup_talloc_ char *text = NULL;
	char path[340], *line, *rest;

	snprintf(path, sizeof(path), "%s/uevent", device);
	if (machine_read_file(m, NULL, path, UEVENT_MAX, &text, NULL) < 0)
		return NULL;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!strncmp(line, key, sizeof(key) - 1))
			return talloc_strdup(ctx, line + sizeof(key) - 1);
	return NULL;
}

struct open_nodes *usage_open_nodes(struct machine *m, void *ctx)
{
	struct open_nodes *list = talloc_zero(ctx, struct open_nodes);
	char **numbers = list ? machine_list_names(m, list, "sys/dev/char") : NULL;
	size_t count = 0;

	while (numbers && numbers[count])
		count++;
	if (list)
		list->nodes = talloc_array(list, struct open_node, count);
	for (size_t i = 0; list && list->nodes && i < count; i++) {
		char device[300], *name;

		snprintf(device, sizeof(device), "sys/dev/char/%.255s", numbers[i]);
		name = waits(m, device) ? node_name(m, list, device) : NULL;
		if (name)
			list->nodes[list->count++] = (struct open_node){name, numbers[i], 0};
	}
	if (list && list->count)
		return list;
	talloc_free(list);
	return NULL;
}

void usage_mark_open(struct machine *m, struct pci_snapshot *s, struct open_nodes *nodes,
	const char *node, const char *pid)
{
	for (size_t i = 0; i < nodes->count; i++) {
		struct open_node *n = &nodes->nodes[i];
		_cleanup_talloc_ char *process = NULL;
		char device[300];

		if (n->is_held || strcmp(n->name, node))
			continue;
		n->is_held = 1;
		process = usage_process_name(m, NULL, pid);
		snprintf(device, sizeof(device), "sys/dev/char/%.255s", n->number);
		usage_mark_link(m, s, device, PCI_USE_OPEN,
			talloc_asprintf(s, "%s is held open by %s (pid %s)", n->name,
				process ? process : "a process", pid));
	}
}
