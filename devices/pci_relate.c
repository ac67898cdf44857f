// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/pci_relate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/pci_build.h"

#define DEVICES "sys/bus/pci/devices"
#define SLOTS "sys/bus/pci/slots"
#define CONSUMER "consumer:pci:" /* drivers/base/core.c, devlink_add_symlinks */

/* A link's target below dir, empty if there is no such link. */
static char *read_target(int dir, const char *name, char target[PATH_MAX])
{
	ssize_t len = readlinkat(dir, name, target, PATH_MAX - 1);

	target[len < 0 ? 0 : len] = '\0';
	return target;
}

/* Virtual functions come after their physical one (SR-IOV 3.3.9 "First VF Offset"); whatever says
 * otherwise lies, and would make a circle. */
static void relate_physical(struct pci_snapshot *s, struct pci_function *f, int dir)
{
	char target[PATH_MAX];
	const char *slash = strrchr(read_target(dir, "physfn", target), '/');
	struct pci_function *physical = pci_find(s, slash ? slash + 1 : target);

	if (physical && physical < f && physical->domain == f->domain)
		f->physical = physical;
}

/* A root bus may itself stand below a function: Intel's VMD makes a PCI domain of its own, and only
 * the way through sysfs tells. */
static void relate_domain(struct machine *m, struct pci_snapshot *s, struct pci_function *f)
{
	char link[64], target[PATH_MAX], *slash;
	struct pci_function *above;

	if (f->parent || f->domain < PCI_VMD_DOMAIN)
		return;
	snprintf(link, sizeof(link), DEVICES "/%s", f->slot);
	slash = strrchr(read_target(m->root_fd, link, target), '/');
	if (!slash)
		return;
	*slash = '\0';
	above = pci_on_path(s, target);
	if (above && above->domain < PCI_VMD_DOMAIN)
		f->parent = above;
}

static int add_consumer(struct pci_snapshot *s, struct pci_function *f, struct pci_function *who)
{
	struct pci_function **grown = talloc_realloc(
		s, f->consumers, struct pci_function *, f->consumer_count + 1);

	if (!grown)
		return -ENOMEM;
	f->consumers = grown;
	f->consumers[f->consumer_count++] = who;
	return 0;
}

/* A link without state orders power management only (GPU and its audio, say): the kernel unbinds
 * nobody for it (drivers/base/core.c, status_show and device_links_unbind_consumers). */
static int is_stateless(int dir, const char *link)
{
	char path[NAME_MAX + 8], status[16] = "";

	snprintf(path, sizeof(path), "%s/status", link);
	_cleanup_fd_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, status, sizeof(status) - 1) < 0)
		return 0;
	return !strncmp(status, "not tracked", 11);
}

static int relate_consumers(
	struct pci_snapshot *s, struct pci_function *f, DIR *dir, struct err *err)
{
	struct dirent *entry;

	while ((entry = readdir(dir))) {
		struct pci_function *who;

		if (strncmp(entry->d_name, CONSUMER, strlen(CONSUMER)) ||
			is_stateless(dirfd(dir), entry->d_name))
			continue;
		who = pci_find(s, entry->d_name + strlen(CONSUMER));
		if (who && who != f && add_consumer(s, f, who) < 0)
			return err_errno(err, -ENOMEM, "read the consumers of %s", f->slot);
	}
	return 0;
}

static int relate_function(
	struct machine *m, struct pci_snapshot *s, struct pci_function *f, struct err *err)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), DEVICES "/%s", f->slot);
	fd = openat(m->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, -errno, "open %s", path);
	_cleanup_dir_ DIR *dir = fdopendir(fd);
	if (!dir)
		return err_errno(err, -ENOMEM, "read %s", path);
	relate_physical(s, f, fd);
	relate_domain(m, s, f);
	return relate_consumers(s, f, dir, err);
}

/* "0000:01:00", or "0000:01" of a slot that is a whole bus (drivers/pci/slot.c,
 * address_read_file). */
static void relate_slot(struct pci_snapshot *s, const char *address, const char *name)
{
	struct pci_slot slot = {0};
	int parts = sscanf(address, "%8x:%2x:%2x", &slot.domain, &slot.bus, &slot.dev);

	if (parts < 2)
		return;
	for (size_t i = pci_lower_bound(s, &slot); i < s->count; i++) {
		struct pci_function *f = &s->functions[i];

		if (f->domain != slot.domain || f->bus != slot.bus ||
			(parts == 3 && f->dev != slot.dev))
			break;
		if (!f->hotplug_slot)
			f->hotplug_slot = talloc_strdup(s, name);
	}
}

static int relate_slots(struct machine *m, struct pci_snapshot *s, struct err *err)
{
	int fd = openat(m->root_fd, SLOTS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, -errno, "open " SLOTS);
	_cleanup_dir_ DIR *dir = fdopendir(fd);
	while (dir && (entry = readdir(dir))) {
		_cleanup_talloc_ char *address = NULL;
		char path[320];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), SLOTS "/%.255s/address", entry->d_name);
		if (machine_read_file(m, NULL, path, 64, &address, NULL) == 0)
			relate_slot(s, address, entry->d_name);
	}
	return 0;
}

int pci_relate(struct machine *m, struct pci_snapshot *s, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->count; i++)
		rc = relate_function(m, s, &s->functions[i], err);
	pci_link_children(s);
	return rc < 0 ? rc : relate_slots(m, s, err);
}
