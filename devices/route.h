/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_ROUTE_H
#define DEVICES_ROUTE_H

/*
 * Which network interface leads to an address, from procfs: proc/net/route (the main table alone)
 * and proc/net/ipv6_route (all tables). Both are those of the network namespace that reads. Rules
 * of policy routing and VRFs are not looked at.
 */

#include <net/if.h>
#include <stdint.h>

#include "devices/machine.h"

struct route {
	char interface[IFNAMSIZ];
	uint8_t prefix[16]; /* IPv4 as ::ffff:a.b.c.d */
	unsigned int bits;  /* of the prefix; 96 and more for IPv4 */
	unsigned int metric;
};

struct route_list {
	struct route *routes;
	size_t count;
};

/* Read both tables; one that is not there, or that is larger than ROUTES_MAX bytes, is empty. Routes
 * that reject are left out. The new list belongs to ctx; NULL when memory ran out. */
#define ROUTES_MAX (16 << 20)
struct route_list *routes_read(struct machine *m, void *ctx);

/*
 * The names of the interfaces that lead to an address ("192.0.2.1", "fe80::1%eth0", whose scope is
 * not looked at): those of the longest prefix, and of its routes those of the best metric. An
 * address that no route leads to, that is none (a host name), or that is NULL for unknown: every
 * interface with a route to more than its own link. Loopback addresses: none. NULL-terminated, one
 * talloc context below ctx; NULL when memory ran out.
 */
char **routes_to(const struct route_list *list, void *ctx, const char *address);

#endif
