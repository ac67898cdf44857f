// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading the snapshot from sysfs (Documentation/ABI/testing/sysfs-bus-pci): every function by
 * itself first, then what ties functions together, which needs them all in order.
 */
#include "devices/pci.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/log.h"
#include "devices/pci_build.h"
#include "devices/pci_relate.h"
#include "devices/usage.h"

#define DEVICES "sys/bus/pci/devices"

/* One line of an attribute, without its end; a line too long is cut. */
static int read_attribute(int dir, const char *name, char *buf, size_t size)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (n < 0)
		return -errno;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

static long read_number(int dir, const char *name, long otherwise)
{
	char text[32], *end;
	long value;

	if (read_attribute(dir, name, text, sizeof(text)) < 0)
		return otherwise;
	value = strtol(text, &end, 0);
	return end == text || *end ? otherwise : value;
}

/* The last component of a link's target, within buf; NULL if there is no such link. */
static const char *read_link(int dir, const char *name, char *buf, size_t size)
{
	ssize_t len = readlinkat(dir, name, buf, size - 1);
	const char *slash;

	if (len < 0)
		return NULL;
	buf[len] = '\0';
	slash = strrchr(buf, '/');
	return slash ? slash + 1 : buf;
}

static void read_resets(struct pci_snapshot *s, struct pci_function *f, int dir)
{
	char text[256], *word, *rest;

	f->has_subordinate_reset = faccessat(dir, "reset_subordinate", F_OK, 0) == 0;
	if (read_attribute(dir, "reset_method", text, sizeof(text)) < 0 || !*text)
		return;
	f->reset_method = talloc_strdup(s, text);
	for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		for (unsigned int bit = 0; pci_reset_name(bit); bit++)
			if (!strcmp(word, pci_reset_name(bit)))
				f->resets |= 1U << bit;
}

/* Kernels before 5.11 do not say: -1. */
static int read_power_state(int dir)
{
	static const char *const names[] = {"D0", "D1", "D2", "D3hot", "D3cold"};
	char text[16];

	if (read_attribute(dir, "power_state", text, sizeof(text)) < 0)
		return -1;
	for (int i = 0; i < (int)(sizeof(names) / sizeof(*names)); i++)
		if (!strcmp(text, names[i]))
			return i;
	return -1;
}

static int read_config(struct pci_snapshot *s, struct pci_function *f, int dir, struct err *err)
{
	_cleanup_fd_ int fd = openat(dir, "config", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t bytes[CONFIG_SPACE_SIZE], *kept;
	ssize_t n = fd < 0 ? 0 : pread(fd, bytes, sizeof(bytes), 0);

	if (n <= 0)
		return 0;
	kept = talloc_memdup(s, bytes, (size_t)n);
	if (!kept)
		return err_errno(err, -ENOMEM, "read the PCI devices");
	pci_function_decode(f, kept, (size_t)n);
	return 0;
}

/* Where the capability or the end of the header could not be read, the kernel may know the card. */
static void read_subsystem(struct pci_function *f, int dir)
{
	if (f->subsystem_vendor || (f->vendor != 0xffff && f->config_len >= 256))
		return;
	pci_function_set_subsystem(f, (uint16_t)read_number(dir, "subsystem_vendor", 0),
		(uint16_t)read_number(dir, "subsystem_device", 0));
}

/* Virtual functions have no ids of their own, and what is switched off has nothing: the kernel
 * remembers. */
static void read_identity(struct pci_function *f, int dir)
{
	read_subsystem(f, dir);
	if (f->vendor == 0xffff) {
		f->vendor = (uint16_t)read_number(dir, "vendor", 0xffff);
		f->device = (uint16_t)read_number(dir, "device", 0xffff);
	}
	if (f->class == 0xffffff)
		f->class = (uint32_t)read_number(dir, "class", 0xffffff) & 0xffffff;
}

static void read_driver(struct machine *m, struct pci_snapshot *s, struct pci_function *f, int dir)
{
	char target[1024], path[320];
	const char *name = read_link(dir, "driver", target, sizeof(target));

	if (!name)
		return;
	f->driver = talloc_strdup(s, name);
	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%.255s/unbind", name);
	f->can_unbind = faccessat(m->root_fd, path, F_OK, 0) == 0;
}

static void read_rest(struct machine *m, struct pci_snapshot *s, struct pci_function *f, int dir)
{
	char target[1024];
	const char *group = read_link(dir, "iommu_group", target, sizeof(target));

	if (group && *group >= '0' && *group <= '9')
		f->iommu_group = (int)strtol(group, NULL, 10);
	f->numa_node = (int)read_number(dir, "numa_node", -1);
	f->vf_count = (unsigned int)read_number(dir, "sriov_numvfs", 0);
	read_identity(f, dir);
	read_resets(s, f, dir);
	read_driver(m, s, f, dir);
}

/* 1, or 0 if it went away. The power state comes first, because reading configuration space wakes
 * a function (drivers/pci/pci-sysfs.c, pci_read_config). */
static int read_function(
	struct machine *m, struct pci_snapshot *s, struct pci_function *f, struct err *err)
{
	char path[64];
	int power, rc;

	snprintf(path, sizeof(path), DEVICES "/%s", f->slot);
	_cleanup_fd_ int dir = openat(m->root_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 && (errno == ENOENT || errno == ENODEV || errno == ENOTDIR))
		return 0;
	if (dir < 0)
		return err_errno(err, -errno, "open %s", path);
	power = read_power_state(dir);
	rc = read_config(s, f, dir, err);
	if (rc < 0)
		return rc;
	if (power >= 0)
		f->power_state = power;
	read_rest(m, s, f, dir);
	return 1;
}

/* Begin every function of the directory; only what is spelt as the kernel spells it is one. */
static int list(struct pci_snapshot *s, DIR *dir, struct err *err)
{
	struct dirent *entry;
	struct pci_slot slot;
	struct pci_function *f;

	while ((entry = readdir(dir))) {
		if (pci_parse_slot(entry->d_name, &slot) < 0)
			continue;
		f = pci_snapshot_add(s, &slot);
		if (!f)
			return err_errno(err, -ENOMEM, "read the PCI devices");
		if (strcmp(f->slot, entry->d_name))
			s->count--;
	}
	return 0;
}

static int read_all(struct machine *m, struct pci_snapshot *s, struct err *err)
{
	int fd = openat(m->root_fd, DEVICES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t kept = 0;
	int rc;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, -errno, "open " DEVICES);
	_cleanup_dir_ DIR *dir = fdopendir(fd);
	rc = dir ? list(s, dir, err) : err_errno(err, -ENOMEM, "read the PCI devices");
	for (size_t i = 0; rc >= 0 && i < s->count; i++) {
		struct pci_function *f = &s->functions[i];

		rc = read_function(m, s, f, err);
		if (rc == 0)
			log_debug("%s went away meanwhile", f->slot);
		if (rc > 0)
			s->functions[kept++] = *f;
	}
	s->count = kept;
	return rc < 0 ? rc : 0;
}

/* "none [integrity] confidentiality": the one in brackets counts. Without the file the kernel
 * cannot be locked down. */
static enum pci_lockdown read_lockdown(struct machine *m)
{
	char text[128];

	if (read_attribute(m->root_fd, "sys/kernel/security/lockdown", text, sizeof(text)) < 0)
		return PCI_LOCKDOWN_NONE;
	if (strstr(text, "[confidentiality]"))
		return PCI_LOCKDOWN_CONFIDENTIALITY;
	return strstr(text, "[integrity]") ? PCI_LOCKDOWN_INTEGRITY : PCI_LOCKDOWN_NONE;
}

int pci_snapshot_read(struct machine *m, void *ctx, struct pci_snapshot **snapshot, struct err *err)
{
	_cleanup_talloc_ struct pci_snapshot *s = talloc_zero(ctx, struct pci_snapshot);
	int rc;

	if (!s)
		return err_errno(err, -ENOMEM, "read the PCI devices");
	s->lockdown = read_lockdown(m);
	rc = read_all(m, s, err);
	if (rc < 0)
		return rc;
	pci_link_tree(s);
	rc = pci_relate(m, s, err);
	if (rc < 0)
		return rc;
	rc = usage_read(m, s, err);
	if (rc < 0)
		return rc;
	*snapshot = talloc_steal(ctx, s);
	s = NULL;
	return 0;
}
