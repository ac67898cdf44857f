// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/usage_files.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/log.h"
#include "devices/usage_open.h"
#include "devices/usage_vfio.h"
#include "devices/utf8.h"

#define FILES_MAX (1 << 20)
#define NAME_BYTES 64

struct walk {
	struct machine *m;
	struct pci_snapshot *s;
	struct open_nodes *nodes; /* NULL: there are none */
	int has_vfio;
	int files; /* looked at */
};

char *usage_process_name(struct machine *m, void *ctx, const char *pid)
{
	char path[64], *name;

	snprintf(path, sizeof(path), "proc/%.20s/comm", pid);
	if (machine_read_file(m, ctx, path, 256, &name, NULL) < 0)
		return NULL;
	utf8_clean(name, NAME_BYTES);
	return name;
}

/* What stands behind the last "/dev/" of a path, NULL if that is nowhere. */
static const char *node_in(const char *path)
{
	static const char dev[] = "/dev/";
	const char *node = NULL;

	while ((path = strstr(path, dev))) {
		path += sizeof(dev) - 1;
		node = path;
	}
	return node;
}

static void read_file(struct walk *w, const char *link, const char *pid)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(w->m->root_fd, link, target, sizeof(target) - 1);
	const char *node;

	if (len < 0)
		return;
	target[len] = '\0';
	node = node_in(target);
	if (node && w->has_vfio)
		usage_mark_vfio(w->m, w->s, node, pid);
	if (node && w->nodes)
		usage_mark_open(w->m, w->s, w->nodes, node, pid);
}

static void read_process(struct walk *w, const char *pid)
{
	_cleanup_talloc_ char **names = NULL;
	char path[64], link[340];

	snprintf(path, sizeof(path), "proc/%.20s/fd", pid);
	names = machine_list_names(w->m, NULL, path);
	for (char **name = names; name && *name && w->files < FILES_MAX; name++) {
		snprintf(link, sizeof(link), "%s/%.255s", path, *name);
		read_file(w, link, pid);
		w->files++;
	}
}

void usage_read_files(struct machine *m, struct pci_snapshot *s)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct walk w = {
		.m = m,
		.s = s,
		.nodes = usage_open_nodes(m, tmp),
		.has_vfio = usage_has_vfio(m),
	};
	char *self, **names;

	if (!w.nodes && !w.has_vfio)
		return;
	self = machine_link_name(m, tmp, "proc/self");
	names = machine_list_names(m, tmp, "proc");
	for (char **name = names; name && *name; name++)
		if (isdigit((unsigned char)**name) && (!self || strcmp(*name, self)))
			read_process(&w, *name);
	if (w.files == FILES_MAX)
		log_debug("who has device nodes open: only %d files were looked at", FILES_MAX);
}
