// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the snapshot: libpci for functions, identities and capabilities, sysfs for the rest. */
#include "devices/pci.h"

#include <errno.h>
#include <fcntl.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/log.h"
#include "devices/usage.h"

#define FUNCTIONS_MAX 65536

/*
 * libpci reports what it cannot cope with, be it only a function unplugged in the middle of the
 * scan, through a callback that must not return and has no room for a pointer of ours. So this one
 * pointer stands at file scope; it is set only while a scan runs.
 */
static jmp_buf *scan_failed;

__attribute__((noreturn, format(printf, 1, 2))) static void on_error(char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_debug("libpci: %s", text);
	longjmp(*scan_failed, 1);
}

__attribute__((format(printf, 1, 2))) static void on_warning(char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_debug("libpci: %s", text);
}

static struct pci_access *access_new(struct machine *m, char *path, size_t size)
{
	struct pci_access *access = pci_alloc();

	access->error = on_error;
	access->warning = on_warning;
	access->debug = on_warning;
	access->method = PCI_ACCESS_SYS_BUS_PCI;
	snprintf(path, size, "%s/sys/bus/pci", m->root);
	pci_set_param(access, "sysfs.path", path);
	/* Names come from pci.ids alone: libpci 3.9 leaks where there is no hwdb. */
	pci_set_param(access, "hwdb.disable", "1");
	pci_init(access);
	return access;
}

static unsigned int read_reset_methods(struct machine *m, const char *slot)
{
	static const char *const names[] = {
		"device_specific", "acpi", "flr", "af_flr", "pm", "bus", "cxl_bus"};
	_cleanup_talloc_ char *text = NULL;
	unsigned int methods = 0;
	char path[96], *word, *rest;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/reset_method", slot);
	if (machine_read_file(m, NULL, path, 256, &text, NULL) < 0)
		return 0;
	for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (!strcmp(word, names[i]))
				methods |= 1U << i;
	return methods;
}

static void read_bridge(struct pci_dev *dev, struct pci_function *f)
{
	int is_bridge = f->header == PCI_HEADER_TYPE_BRIDGE;

	if (f->header == PCI_HEADER_TYPE_NORMAL)
		return;
	f->secondary = pci_read_byte(dev, is_bridge ? PCI_SECONDARY_BUS : PCI_CB_CARD_BUS);
	f->subordinate = pci_read_byte(
		dev, is_bridge ? PCI_SUBORDINATE_BUS : PCI_CB_SUBORDINATE_BUS);
}

static void read_function(struct machine *m, void *ctx, struct pci_dev *dev, struct pci_function *f)
{
	struct pci_cap *express;
	char path[96];

	pci_fill_info(dev, PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_CAPS);
	*f = (struct pci_function){
		.domain = (unsigned int)dev->domain,
		.bus = dev->bus,
		.dev = dev->dev,
		.func = dev->func,
		.vendor = dev->vendor_id,
		.device = dev->device_id,
		.class = (uint32_t)dev->device_class << 8 | pci_read_byte(dev, PCI_CLASS_PROG),
		.header = pci_read_byte(dev, PCI_HEADER_TYPE) & 0x7f,
		.express = -1,
	};
	snprintf(f->slot, sizeof(f->slot), "%04x:%02x:%02x.%x", f->domain & 0xfffff, f->bus,
		f->dev & 0x1fU, f->func & 7U);
	express = pci_find_cap(dev, PCI_CAP_ID_EXP, PCI_CAP_NORMAL);
	if (express)
		f->express = (pci_read_word(dev, express->addr + PCI_EXP_FLAGS) &
				     PCI_EXP_FLAGS_TYPE) >>
			     4;
	read_bridge(dev, f);
	f->resets = read_reset_methods(m, f->slot);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver", f->slot);
	f->driver = machine_link_name(m, ctx, path);
}

static void scan_bus(struct machine *m, struct pci_snapshot *s)
{
	char path[4096];
	struct pci_access *access = access_new(m, path, sizeof(path));
	size_t count = 0;

	pci_scan_bus(access);
	for (struct pci_dev *dev = access->devices; dev; dev = dev->next)
		count++;
	if (count > FUNCTIONS_MAX)
		count = FUNCTIONS_MAX;
	s->count = 0;
	s->functions = talloc_zero_array(s, struct pci_function, count);
	for (struct pci_dev *dev = access->devices; dev && s->functions && s->count < count;
		dev = dev->next)
		read_function(m, s, dev, &s->functions[s->count++]);
	pci_cleanup(access);
}

/* When libpci jumps out only what it owns is lost, and the snapshot, which the caller frees. */
static int scan(struct machine *m, struct pci_snapshot *s, struct err *err)
{
	jmp_buf failed;

	scan_failed = &failed;
	if (setjmp(failed)) {
		scan_failed = NULL;
		return err_set(
			err, -EIO, "libpci cannot read the PCI devices below %s/sys", m->root);
	}
	scan_bus(m, s);
	scan_failed = NULL;
	return s->functions ? 0 : err_errno(err, -ENOMEM, "read the PCI devices");
}

/* A root bus may itself stand below a function: Intel's VMD makes a PCI domain of its own, and only
 * the way through sysfs tells. */
static void link_domains(struct machine *m, struct pci_snapshot *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct pci_function *f = &s->functions[i];
		char link[64], target[4096];
		ssize_t len;

		if (f->parent || !f->domain)
			continue;
		snprintf(link, sizeof(link), "sys/bus/pci/devices/%s", f->slot);
		len = readlinkat(m->root_fd, link, target, sizeof(target) - 1);
		target[len < 0 ? 0 : len] = '\0';
		if (strrchr(target, '/'))
			*strrchr(target, '/') = '\0';
		f->parent = pci_on_path(s, target);
	}
}

static void link_virtual(struct machine *m, struct pci_snapshot *s)
{
	for (size_t i = 0; i < s->count; i++) {
		char link[64];

		snprintf(link, sizeof(link), "sys/bus/pci/devices/%s/physfn", s->functions[i].slot);
		s->functions[i].physical = pci_behind(m, s, link);
	}
}

int pci_snapshot_read(struct machine *m, void *ctx, struct pci_snapshot **snapshot, struct err *err)
{
	_cleanup_talloc_ struct pci_snapshot *s = talloc_zero(ctx, struct pci_snapshot);
	int rc;

	if (!s)
		return err_errno(err, -ENOMEM, "read the PCI devices");
	/* Without PCI libpci would give up: that machine is simply empty. */
	if (faccessat(m->root_fd, "sys/bus/pci/devices", F_OK, 0) == 0) {
		rc = scan(m, s, err);
		if (rc == -EIO) /* something came or went meanwhile: once more */
			rc = scan(m, s, err);
		if (rc < 0)
			return rc;
		pci_link_tree(s);
		link_domains(m, s);
		link_virtual(m, s);
		rc = usage_read(m, s, err);
		if (rc < 0)
			return rc;
	}
	*snapshot = talloc_steal(ctx, s);
	s = NULL;
	return 0;
}

static const char *name(struct pci_access *access, void *ctx, int what, int id1, int id2)
{
	char buf[128];
	char *text = pci_lookup_name(
		access, buf, sizeof(buf), what | PCI_LOOKUP_NO_NUMBERS, id1, id2);

	return text ? talloc_strdup(ctx, text) : NULL;
}

void pci_name_functions(struct machine *m, struct pci_snapshot *s)
{
	char path[4096];
	struct pci_access *volatile access;
	jmp_buf failed;

	if (!s->count)
		return;
	scan_failed = &failed;
	if (!setjmp(failed)) {
		access = access_new(m, path, sizeof(path));
		for (size_t i = 0; i < s->count; i++) {
			struct pci_function *f = &s->functions[i];

			f->vendor_name = name(access, s, PCI_LOOKUP_VENDOR, f->vendor, 0);
			f->device_name = name(access, s, PCI_LOOKUP_DEVICE, f->vendor, f->device);
			f->class_name = name(access, s, PCI_LOOKUP_CLASS, (int)(f->class >> 8), 0);
		}
		pci_cleanup(access);
	}
	scan_failed = NULL;
}
