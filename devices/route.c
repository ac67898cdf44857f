// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/route.h"

#include <arpa/inet.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>

#include "devices/cleanup.h"

#define IPV4_BITS 96 /* of ::ffff:0:0/96, RFC 4291 section 2.5.5.2 */

static void map_ipv4(uint8_t to[16], const void *address)
{
	memset(to, 0, 10);
	memset(to + 10, 0xff, 2);
	memcpy(to + 12, address, 4);
}

/* net/ipv4/fib_trie.c, fib_route_seq_show(): addresses as the bytes of the network, read as one
 * number of the machine; "eth0	000200C0	00000000	0001	0	0	0	00FFFFFF ..." */
static int parse_ipv4(const char *line, struct route *route)
{
	unsigned int to, flags, mask;

	if (sscanf(line, "%15s %x %*x %x %*d %*u %u %x", route->interface, &to, &flags,
		    &route->metric, &mask) != 5)
		return 0;
	map_ipv4(route->prefix, &to);
	route->bits = IPV4_BITS + (unsigned int)__builtin_popcount(mask);
	return !(flags & RTF_REJECT);
}

/* net/ipv6/route.c, rt6_info_route() and net/ipv6/ip6_fib.c, ipv6_route_native_seq_show(): "address
 * bits source bits next-hop metric references use flags interface" */
static int parse_ipv6(const char *line, struct route *route)
{
	unsigned int flags;
	char to[33];

	if (sscanf(line, "%32s %x %*32s %*x %*32s %x %*x %*x %x %15s", to, &route->bits,
		    &route->metric, &flags, route->interface) != 5 ||
		strlen(to) != 32 || route->bits > 128)
		return 0;
	for (int i = 0; i < 16; i++)
		if (sscanf(to + 2 * i, "%2hhx", &route->prefix[i]) != 1)
			return 0;
	return !(flags & RTF_REJECT);
}

static int read_table(struct machine *m, struct route_list *list, const char *path,
	int (*parse)(const char *line, struct route *route))
{
	_cleanup_talloc_ char *text = NULL;
	char *line, *rest;

	if (machine_read_file(m, NULL, path, ROUTES_MAX, &text, NULL) < 0)
		return 0;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		struct route route = {0};

		if (!parse(line, &route))
			continue;
		if (list->count == talloc_array_length(list->routes)) {
			list->routes = talloc_realloc(
				list, list->routes, struct route, list->count * 2 + 16);
			if (!list->routes)
				return -1;
		}
		list->routes[list->count++] = route;
	}
	return 0;
}

struct route_list *routes_read(struct machine *m, void *ctx)
{
	struct route_list *list = talloc_zero(ctx, struct route_list);

	if (!list || read_table(m, list, "proc/net/route", parse_ipv4) < 0 ||
		read_table(m, list, "proc/net/ipv6_route", parse_ipv6) < 0) {
		talloc_free(list);
		return NULL;
	}
	return list;
}

static int parse_address(const char *text, uint8_t address[16])
{
	char plain[INET6_ADDRSTRLEN];
	uint8_t ipv4[4];

	if (!text)
		return 0;
	snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(text, "%"), text);
	if (inet_pton(AF_INET, plain, ipv4) == 1)
		map_ipv4(address, ipv4);
	else if (inet_pton(AF_INET6, plain, address) != 1)
		return 0;
	return 1;
}

static int is_loopback(const uint8_t address[16])
{
	static const uint8_t ipv6[16] = {[15] = 1}, ipv4[13] = {[10] = 0xff, 0xff, 127};

	return !memcmp(address, ipv6, sizeof(ipv6)) || !memcmp(address, ipv4, sizeof(ipv4));
}

static int contains(const struct route *route, const uint8_t address[16])
{
	unsigned int bytes = route->bits / 8, mask = 0xff00u >> route->bits % 8 & 0xff;

	return !memcmp(route->prefix, address, bytes) &&
	       (!mask || !((route->prefix[bytes] ^ address[bytes]) & mask));
}

static const struct route *best_route(const struct route_list *list, const uint8_t address[16])
{
	const struct route *best = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct route *r = &list->routes[i];

		if (contains(r, address) &&
			(!best || r->bits > best->bits ||
				(r->bits == best->bits && r->metric < best->metric)))
			best = r;
	}
	return best;
}

/* Not to the machine itself, a link-local address (fe80::/10) or a multicast one (ff00::/8), which
 * every interface has. */
static int leads_out(const struct route *r)
{
	return strcmp(r->interface, "lo") && r->prefix[0] != 0xff &&
	       !(r->prefix[0] == 0xfe && (r->prefix[1] & 0xc0) == 0x80);
}

static char **add_name(char **names, void *ctx, const char *name)
{
	size_t count = 0;

	for (; names[count]; count++)
		if (!strcmp(names[count], name))
			return names;
	names = talloc_realloc(ctx, names, char *, count + 2);
	if (!names)
		return NULL;
	names[count] = talloc_strdup(names, name);
	names[count + 1] = NULL;
	return names;
}

char **routes_to(const struct route_list *list, void *ctx, const char *address)
{
	char **names = talloc_zero_array(ctx, char *, 1);
	const struct route *best = NULL;
	uint8_t bytes[16];

	if (parse_address(address, bytes)) {
		if (is_loopback(bytes))
			return names;
		best = best_route(list, bytes);
	}
	for (size_t i = 0; names && i < list->count; i++) {
		const struct route *r = &list->routes[i];

		if (best ? r->bits == best->bits && r->metric == best->metric && contains(r, bytes)
			 : leads_out(r))
			names = add_name(names, ctx, r->interface);
	}
	return names;
}
