// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/usage_network.h"

#include <stdio.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/route.h"
#include "devices/usage.h"
#include "devices/usage_disk.h"
#include "devices/usage_interface.h"
#include "devices/usage_netconsole.h"

struct network {
	const struct usage_scan *scan;
	void *tmp;
	struct route_list *routes; /* NULL until something needs them */
	char **done;               /* addresses marked; "" is the unknown one */
};

static const struct route_list *routes(struct network *n)
{
	if (!n->routes)
		n->routes = routes_read(n->scan->m, n->tmp);
	return n->routes;
}

/* Hosts of many containers have one mount a thousand times. */
static int is_done(struct network *n, const char *address)
{
	size_t count = talloc_array_length(n->done);

	for (size_t i = 0; i < count; i++)
		if (n->done[i] && !strcmp(n->done[i], address))
			return 1;
	n->done = talloc_realloc(n->tmp, n->done, char *, count + 1);
	if (n->done)
		n->done[count] = talloc_strdup(n->done, address);
	return 0;
}

static void mark_address(struct network *n, const char *address, const char *what)
{
	if (!is_done(n, address ? address : "") && routes(n))
		usage_mark_address(n->scan->m, n->scan->s, n->routes, address, what);
}

static void mark_interface(struct network *n, const char *interface, const char *what)
{
	if (routes(n))
		usage_mark_interface(n->scan->m, n->scan->s, n->routes, interface, what);
}

/* The value of a name in "rw,vers=4.2,addr=192.0.2.1", NULL if it is not there. */
static char *option(void *ctx, const char *options, const char *name)
{
	size_t len = strlen(name);

	for (const char *o = options; *o; o += *o == ',') {
		size_t size = strcspn(o, ",");

		if (size > len && !strncmp(o, name, len) && o[len] == '=')
			return talloc_strndup(ctx, o + len + 1, size - len - 1);
		o += size;
	}
	return NULL;
}

/* A small file, NULL if it is not there. */
static char *attribute(struct network *n, const char *directory, const char *name)
{
	char path[600], *text;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return machine_read_file(n->scan->m, n->tmp, path, 4096, &text, NULL) < 0 ? NULL : text;
}

static char **names_in(struct network *n, const char *directory)
{
	static char *none[] = {NULL};
	char **names = machine_list_names(n->scan->m, n->tmp, directory);

	return names ? names : none;
}

/* Those with the option addr=, which the kernel sets itself, talk to that address. The servers that
 * hold the data of the others are known to their clients alone. */
static void read_mounts(struct network *n)
{
	static const char *const types[] = {"nfs", "nfs4", "cifs", "smb3", "ceph", "afs", "lustre",
		"beegfs", "fuse.glusterfs", "fuse.ceph", "fuse.ceph-fuse", "fuse.sshfs", NULL};

	for (size_t i = 0; i < n->scan->mounts->count; i++) {
		const struct mount *mount = &n->scan->mounts->mounts[i];
		const char *const *type = types;

		while (*type && strcmp(*type, mount->type))
			type++;
		if (*type)
			mark_address(n, option(n->tmp, mount->options, "addr"),
				talloc_asprintf(n->tmp, "%s %s on %s", *type, mount->source,
					mount->target));
	}
}

static void read_iscsi(struct network *n)
{
	for (char **c = names_in(n, "sys/class/iscsi_connection"); *c; c++) {
		char path[320], *address, *target = NULL;
		unsigned int session;

		snprintf(path, sizeof(path), "sys/class/iscsi_connection/%.255s", *c);
		address = attribute(n, path, "address");
		if (!address)
			address = attribute(n, path, "persistent_address");
		if (sscanf(*c, "connection%u:", &session) == 1) {
			snprintf(path, sizeof(path), "sys/class/iscsi_session/session%u", session);
			target = attribute(n, path, "targetname");
		}
		mark_address(n, address,
			talloc_asprintf(n->tmp, "the iSCSI target %s", target ? target : *c));
	}
}

/* The port is named by its number: "host_traddr=nn-0x20000090fae0b5f5:pn-0x10000090fae0b5f5". */
static void mark_fibre_channel(struct network *n, const char *address, const char *controller)
{
	struct pci_snapshot *s = n->scan->s;

	for (char **host = names_in(n, "sys/class/fc_host"); *host; host++) {
		char path[320], *port;

		snprintf(path, sizeof(path), "sys/class/fc_host/%.255s", *host);
		port = attribute(n, path, "port_name");
		if (port && *port && strstr(address, port))
			usage_mark_link(n->scan->m, s, path, PCI_USE_NETWORK,
				talloc_asprintf(s, "%s carries %s", *host, controller));
	}
}

static int is_remote(const char *transport)
{
	return !strcmp(transport, "tcp") || !strcmp(transport, "rdma") || !strcmp(transport, "fc");
}

static void read_nvme(struct network *n)
{
	for (char **controller = names_in(n, "sys/class/nvme"); *controller; controller++) {
		char path[320], *transport, *address;

		snprintf(path, sizeof(path), "sys/class/nvme/%.255s", *controller);
		transport = attribute(n, path, "transport");
		if (!transport || !is_remote(transport))
			continue;
		address = attribute(n, path, "address");
		if (!strcmp(transport, "fc"))
			mark_fibre_channel(n, address ? address : "", *controller);
		else
			mark_address(n, address ? option(n->tmp, address, "traddr") : NULL,
				talloc_asprintf(n->tmp, "%s over %s", *controller, transport));
	}
}

/* The interfaces that ATA over Ethernet uses for a disk, "eth0,eth1" (drivers/block/aoe/aoeblk.c,
 * aoedisk_show_netif); a partition asks its disk. NULL for other disks. */
static char *aoe_interfaces(struct network *n, const char *name)
{
	char path[320], *list;

	snprintf(path, sizeof(path), "sys/class/block/%.255s", name);
	list = attribute(n, path, "netif");
	return list ? list : attribute(n, path, "../netif");
}

static void read_disks(struct network *n)
{
	static const char *const prefixes[] = {"nbd", "rbd", "drbd", "etherd!", NULL};

	for (char **name = names_in(n, "sys/class/block"); *name; name++) {
		const char *const *prefix = prefixes;
		char *use, *what, *list, *interface;

		while (*prefix && strncmp(*prefix, *name, strlen(*prefix)))
			prefix++;
		use = *prefix ? usage_of_disk(n->scan, *name) : NULL;
		if (!use)
			continue;
		what = talloc_asprintf(n->tmp, "a network disk: %s", use);
		list = aoe_interfaces(n, *name);
		if (!list)
			mark_address(n, NULL, what);
		while ((interface = strsep(&list, ",\n")))
			mark_interface(n, interface, what);
	}
}

void usage_read_network(const struct usage_scan *scan)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct network n = {.scan = scan, .tmp = tmp};

	read_mounts(&n);
	read_iscsi(&n);
	read_nvme(&n);
	read_disks(&n);
	usage_read_netconsole(scan->m, scan->s);
}
