// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/host_bus.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/log.h"

/* Real ways through sysfs have half as many parts; where somebody made longer ones, what is deeper
 * is not looked for. */
#define PARTS_MAX 64

/* A device and its place in sysfs while users are looked for. */
struct place {
	const char *path; /* what stands at or below this way needs the device */
	struct bus_device *device;
	const struct pci_function *function; /* that it is behind, or NULL */
};

struct reader {
	struct machine *m;
	const struct pci_snapshot *s;
	struct host *h;
	struct place *places;    /* one for each of the host's others */
	unsigned int *explained; /* by function: uses that are told for the devices behind it */
	unsigned int *shared;    /* by function: uses that all the devices behind it have part in */
};

static size_t index_of(const struct reader *r, const struct pci_function *f)
{
	return (size_t)(f - r->s->functions);
}

/* A name is what a directory can hold: a longer one is no driver's. */
static char *driver_of(struct reader *r, const char *device)
{
	char path[640], *driver;

	snprintf(path, sizeof(path), "%.600s/driver", device);
	driver = machine_link_name(r->m, r->h->others, path);
	return driver && *driver && strlen(driver) <= NAME_MAX ? driver : NULL;
}

/*
 * The devices on a USB hub do not stand below the interface that the hub's driver is bound to, but
 * below the hub; without the driver they are gone (drivers/usb/core/hub.c, hub_disconnect).
 */
static void widen_hub(const struct bus_device *d, char *path)
{
	char *slash = strrchr(path, '/');

	if (slash && !strcmp(d->bus, "usb") && !strcmp(d->driver, "hub"))
		*slash = '\0';
}

static int place_device(struct reader *r, struct bus_device *d, const char *link)
{
	struct place *p = &r->places[r->h->other_count];
	char *path = pci_device_path(r->m, r->places, link);

	if (!path) /* no link, as where somebody copied what it leads to */
		path = talloc_strdup(r->places, link);
	if (!path)
		return -ENOMEM;
	*p = (struct place){.path = path, .device = d, .function = pci_behind(r->m, r->s, link)};
	widen_hub(d, path);
	if (p->function)
		d->behind = talloc_strdup(r->h->others, p->function->slot);
	return p->function && !d->behind ? -ENOMEM : 0;
}

/* Of the device that this link leads to, if it has a driver. */
static int read_device(struct reader *r, const char *bus, const char *name)
{
	struct bus_device *d = &r->h->others[r->h->other_count];
	char link[600], path[600], *driver;

	snprintf(link, sizeof(link), "sys/bus/%.255s/devices/%.255s", bus, name);
	driver = driver_of(r, link);
	if (!driver)
		return 0;
	if (r->h->other_count == HOST_OTHERS_MAX) {
		r->h->left_out++;
		return 0;
	}
	snprintf(path, sizeof(path), "sys/bus/%.255s/drivers/%.255s/unbind", bus, driver);
	*d = (struct bus_device){
		.bus = bus,
		.name = talloc_strdup(r->h->others, name),
		.driver = driver,
		.can_unbind = faccessat(r->m->root_fd, path, F_OK, 0) == 0,
	};
	if (!d->name || place_device(r, d, link) < 0)
		return -ENOMEM;
	r->h->other_count++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order, so that the same machine always reads the same. */
static char **sorted_names(struct reader *r, const char *path)
{
	static char *none[] = {NULL};
	char **names = machine_list_names(r->m, r->places, path);
	size_t count = 0;

	while (names && names[count])
		count++;
	if (count)
		qsort(names, count, sizeof(*names), by_name);
	return names ? names : none;
}

static int read_bus(struct reader *r, const char *name)
{
	char path[320], *bus = talloc_strdup(r->h->others, name);
	int rc = bus ? 0 : -ENOMEM;

	snprintf(path, sizeof(path), "sys/bus/%.255s/devices", name);
	for (char **device = sorted_names(r, path); rc == 0 && *device; device++)
		rc = read_device(r, bus, *device);
	return rc;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->path, ((const struct place *)b)->path);
}

/* The first device at this place or behind it in the order. */
static struct place *find_place(const struct reader *r, const char *path)
{
	size_t low = 0, high = r->h->other_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(r->places[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return &r->places[low];
}

/* The first reason found is enough in words, as with functions. */
static int mark(struct reader *r, struct bus_device *d, unsigned int uses, const char *use)
{
	d->uses |= uses;
	if (!d->use && use)
		d->use = talloc_strdup(r->h->others, use);
	return use && !d->use ? -ENOMEM : 0;
}

/* The devices at this place of the user's way. Returns how many of them are behind its function. */
static int mark_at(struct reader *r, const struct pci_user *user, const char *path)
{
	const struct place *end = r->places + r->h->other_count;
	int found = 0;

	for (struct place *p = find_place(r, path); p < end && !strcmp(p->path, path); p++) {
		if (mark(r, p->device, user->uses, user->use) < 0)
			return -ENOMEM;
		found += p->function == user->function;
	}
	return found;
}

/*
 * A user needs every device on its way. A mounted stick is found like this, and the keyboard beside
 * it is not. Where none of them is behind the function (a network interface stands directly below
 * it, and what drives it is a device of the auxiliary bus), nobody knows which of those behind the
 * function it needs.
 */
static int mark_user(struct reader *r, const struct pci_user *user)
{
	_cleanup_talloc_ char *path = talloc_strdup(NULL, user->path);
	char *end = path;
	int found = 0;

	if (!path)
		return -ENOMEM;
	for (int i = 0; i < PARTS_MAX && *end; i++) {
		int was, n;

		end += *end == '/';
		end += strcspn(end, "/");
		was = *end;
		*end = '\0';
		n = mark_at(r, user, path);
		*end = (char)was;
		if (n < 0)
			return n;
		found += n;
	}
	if (user->function)
		(found ? r->explained : r->shared)[index_of(r, user->function)] |= user->uses;
	return 0;
}

static int mark_users(struct reader *r)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->s->user_count; i++)
		rc = mark_user(r, &r->s->users[i]);
	for (size_t i = 0; rc == 0 && i < r->h->other_count; i++) {
		const struct pci_function *f = r->places[i].function;
		unsigned int rest = 0;

		if (f)
			rest = r->shared[index_of(r, f)] |
			       (f->uses & ~r->explained[index_of(r, f)]);
		if (rest)
			rc = mark(r, r->places[i].device, rest, f->use);
	}
	return rc;
}

static int read_buses(struct reader *r)
{
	int rc = 0;

	for (char **bus = sorted_names(r, "sys/bus"); rc == 0 && *bus; bus++)
		if (strcmp(*bus, "pci"))
			rc = read_bus(r, *bus);
	if (r->h->left_out)
		log_debug("%zu devices more than %d are not looked at", r->h->left_out,
			HOST_OTHERS_MAX);
	return rc;
}

int host_read_buses(struct machine *m, const struct pci_snapshot *s, struct host *h)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct reader r = {
		.m = m,
		.s = s,
		.h = h,
		.places = talloc_array(tmp, struct place, HOST_OTHERS_MAX),
		.explained = talloc_zero_array(tmp, unsigned int, s->count),
		.shared = talloc_zero_array(tmp, unsigned int, s->count),
	};
	int rc;

	h->others = talloc_array(h, struct bus_device, HOST_OTHERS_MAX);
	if (!h->others || !r.places || !r.explained || !r.shared)
		return -ENOMEM;
	rc = read_buses(&r);
	if (rc < 0)
		return rc;
	qsort(r.places, h->other_count, sizeof(*r.places), by_path);
	return mark_users(&r);
}
