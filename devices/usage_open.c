// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/usage_open.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/usage.h"
#include "devices/usage_vfio.h"

/* Nodes by their paths, and the classes of sysfs whose members they are. The prefix is what is left out
 * of a member's name. */
static const struct kind {
	const char *nodes, *class, *prefix;
} kinds[] = {
	{"/dev/vfio/", NULL, NULL},
	{"/dev/i2c-", "i2c-dev", "i2c-"},
	{"/dev/snd/", "sound", ""},
};

/* "pid 812 sensord" */
static char *holder_in_words(struct machine *m, void *ctx, const char *pid)
{
	_cleanup_talloc_ char *name = NULL;
	char path[64];

	snprintf(path, sizeof(path), "proc/%.20s/comm", pid);
	if (machine_read_file(m, NULL, path, 256, &name, NULL) < 0)
		name = NULL;
	return talloc_asprintf(ctx, "pid %s%s%s", pid, name ? " " : "", name ? name : "");
}

static void mark(struct machine *m, struct pci_snapshot *s, const struct kind *kind,
	const char *node, const char *holder)
{
	char path[320];

	if (!holder)
		return;
	if (!kind->class) {
		usage_vfio_node(m, s, node, holder);
		return;
	}
	snprintf(path, sizeof(path), "sys/class/%s/%s%.255s", kind->class, kind->prefix, node);
	usage_mark_link(m, s, path, PCI_USE_OPEN,
		talloc_asprintf(s, "%s%s is held open by %s", kind->prefix, node, holder));
}

/* The node may have another path before it: some processes have a /dev of their own. */
static void read_file(
	struct machine *m, struct pci_snapshot *s, const char *pid, const char *target)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const char *node = strstr(target, kinds[i].nodes);
		_cleanup_talloc_ char *holder = node ? holder_in_words(m, NULL, pid) : NULL;

		if (node)
			mark(m, s, &kinds[i], node + strlen(kinds[i].nodes), holder);
	}
}

static void read_process(struct machine *m, struct pci_snapshot *s, const char *pid)
{
	_cleanup_talloc_ char **names = NULL;
	char path[320], link[600], target[4096];

	snprintf(path, sizeof(path), "proc/%.20s/fd", pid);
	names = machine_list_names(m, NULL, path);
	for (char **name = names; name && *name; name++) {
		ssize_t len;

		snprintf(link, sizeof(link), "%s/%.255s", path, *name);
		len = readlinkat(m->root_fd, link, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		read_file(m, s, pid, target);
	}
}

static int is_worth_it(struct machine *m)
{
	static const char *const classes[] = {
		"sys/class/vfio", "sys/class/vfio-dev", "sys/class/i2c-dev", "sys/class/sound"};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		_cleanup_talloc_ char **names = machine_list_names(m, NULL, classes[i]);

		if (names && names[0])
			return 1;
	}
	return 0;
}

void usage_read_open(struct machine *m, struct pci_snapshot *s)
{
	_cleanup_talloc_ char **names = is_worth_it(m) ? machine_list_names(m, NULL, "proc") : NULL;

	for (char **name = names; name && *name; name++)
		if (isdigit((unsigned char)**name))
			read_process(m, s, *name);
}
