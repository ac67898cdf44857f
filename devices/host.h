/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_HOST_H
#define DEVICES_HOST_H

/*
 * What is known of the machine as a whole, beside its PCI functions: who made it, which kernel
 * runs, what is bound on its other buses, and what the kernel's command line asks us to leave
 * alone. Read once, only looked at. Everything belongs to one talloc context, the host itself.
 */

#include "devices/pci.h"

#define HOST_TEXT_MAX 128    /* bytes of one of the machine's names */
#define HOST_OTHERS_MAX 4096 /* devices on other buses that are looked at */

/*
 * A device with a driver on a bus other than PCI ("platform", "virtio", "usb", "serio", ...).
 *
 * It is used by what stands below it in sysfs: a mounted disk, a console, a network interface that
 * carries something, a watchdog, a framebuffer. That tells the mounted stick on a USB controller
 * from the keyboard beside it. Uses of the PCI function that it is behind count too where nothing
 * tells which device behind the function they need. A USB hub's driver is needed by all below the
 * hub.
 */
struct bus_device {
	const char *bus, *name, *driver; /* as sysfs spells them, at most 255 bytes each */
	int can_unbind;                  /* its driver has the attribute for it */
	unsigned int uses;               /* enum pci_use */
	const char *use;    /* in words ("sda1 is mounted on /mnt"), NULL when not used */
	const char *behind; /* slot of the PCI function above it, NULL if there is none */
};

/* A driver that PCI functions are bound to, and the module that it is in. */
struct host_driver {
	const char *driver, *module;
};

struct host {
	/* From DMI (sys/class/dmi/id); "" where the firmware says nothing or there is no DMI. Blanks at
	 * the end are gone, what is no UTF-8 or not to be printed is '?' (utf8_clean), and what lies
	 * beyond HOST_TEXT_MAX is cut off. */
	const char *vendor, *product, *version; /* sys_vendor, product_name, product_version */
	const char *board_vendor, *board;       /* board_vendor, board_name */
	const char *bios_vendor, *bios;         /* bios_vendor, bios_version */
	const char *kernel;  /* release of the kernel ("6.1.0-42-amd64"), likewise */
	const char *cmdline; /* its command line, byte for byte; "" if unknown */
	enum pci_lockdown lockdown;
	struct host_driver *drivers; /* each once; module is "" for what is built in */
	size_t driver_count;
	struct bus_device *others; /* ordered by bus, then name */
	size_t other_count;
	size_t left_out; /* the last in that order, beyond HOST_OTHERS_MAX */
};

/* Read it. The snapshot's usage is filled in already: its users are looked up among the devices.
 * What cannot be read is empty: nothing but -ENOMEM is an error. On success *host is a new talloc
 * context below ctx; it does not point into the snapshot. */
int host_read(struct machine *m, const struct pci_snapshot *snapshot, void *ctx, struct host **host,
	struct err *err);

/* The device of another bus with this name, "platform:i2c-0"; NULL if there is none. */
const struct bus_device *host_find(const struct host *h, const char *name);

#define HOST_LEAVE_MAX 256  /* items of stillboot.leave */
#define HOST_LEAVE_SIZE 128 /* bytes of one of them */

/*
 * Opting out by the kernel's command line, for a machine that gets stuck:
 *
 *   stillboot.quiesce=off            (0, no) still nothing; the last one counts, and "on"
 *                                    (1, yes) is the default
 *   stillboot.preinit=off            the same before this kernel's drivers are loaded (preinit); what
 *                                    switches the quiesce off switches this off too
 *   stillboot.leave=ITEM,ITEM,...    leave these alone; may be there several times
 *
 * An ITEM is a slot with or without its domain ("0000:01:00.0", "01:00.0"), driver:NAME, or
 * bus:name ("platform:foo.0", "usb:1-1:1.0"; "pci:0000:01:00.0" is a slot). Blanks in a name need
 * double quotes around the value or the whole word, as in stillboot.leave="driver:i6300ESB timer"
 * (kernel_words.h). Other words of ours are for the menu (boot/settings/settings.h) and the appliance
 * (ui/appliance.h).
 */
struct host_optouts {
	int quiesce_off, preinit_off;
	const char **leave; /* as they were given, but slots in full ("0000:01:00.0") */
	size_t leave_count;
	/* A sentence on the first thing that is not understood, NULL if all is. The others count all
	 * the same. */
	const char *bad;
};

/* What the command line says; it belongs to ctx. -ENOMEM is the only error, *o then untouched.
 * Every word that begins with "stillboot." has to be understood. */
int host_optouts(const struct host *h, void *ctx, struct host_optouts *o);

/* The item by which this function or device is to be left alone, NULL if there is none. */
const char *host_leaves_function(const struct host_optouts *o, const struct pci_function *f);
const char *host_leaves_device(const struct host_optouts *o, const struct bus_device *d);

#endif
