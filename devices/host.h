/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_HOST_H
#define DEVICES_HOST_H

/*
 * What is known of the machine as a whole, beside its PCI functions: who made it, which kernel runs,
 * what is bound on its other buses. Read once, only looked at.
 */

#include "devices/pci.h"

/* A device with a driver on a bus other than PCI ("platform", "virtio", "usb", "serio", ...). */
struct bus_device {
	const char *bus, *name, *driver;
	int can_unbind;     /* its driver has the attribute for it */
	unsigned int uses;  /* enum pci_use: its own, or of the PCI function that it is behind */
	const char *use;    /* in words, NULL when not used */
	const char *behind; /* slot of that function, NULL if it is behind none */
};

struct host {
	/* From DMI (sys/class/dmi/id); "" where the firmware says nothing or there is no DMI. */
	const char *vendor, *product, *version; /* sys_vendor, product_name, product_version */
	const char *board_vendor, *board;       /* board_vendor, board_name */
	const char *bios_vendor, *bios;         /* bios_vendor, bios_version */
	const char *kernel;  /* release of the kernel ("6.1.0-42-amd64"), "" if unknown */
	const char *cmdline; /* its command line, "" if unknown */
	enum pci_lockdown lockdown;
	struct bus_device *others; /* ordered by bus, then name */
	size_t other_count;
};

/* Read it; the snapshot, in which usage is filled in already, tells who uses what is behind its
 * functions. What cannot be read is empty: nothing but -ENOMEM is an error. On success *host is a new
 * talloc context below ctx; it does not point into the snapshot. */
int host_read(struct machine *m, const struct pci_snapshot *snapshot, void *ctx, struct host **host,
	struct err *err);

#endif
