/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_AUDIT_H
#define DEVICES_AUDIT_H

/*
 * The driver audit: does a PCI driver have remove(), does it have shutdown()? Plain kexec calls
 * shutdown() only (drivers/pci/pci-driver.c, pci_device_shutdown()), so what has none is left
 * running. Only that a pointer is set can be seen, not what the function does.
 *
 * Two sources say so, and neither loads anything:
 *  - memory: the struct pci_driver in the running kernel, found through proc/kallsyms, read from
 *    proc/kcore, its offsets taken from sys/kernel/btf/vmlinux. Needs root, and a kernel that is
 *    not locked down to confidentiality.
 *  - module file: the struct pci_driver in the file, found by the relocations around
 *    __pci_register_driver(); a relocation at the place of a pointer means that it is set. Works
 *    for any kernel's modules; x86-64 only. Compressed modules need liblzma or libzstd, which are
 *    loaded when they are met.
 * What neither can tell is AUDIT_UNKNOWN, with a reason in words.
 */

#include "devices/pci.h"

enum audit_answer { AUDIT_NO, AUDIT_YES, AUDIT_UNKNOWN };

enum audit_source { AUDIT_FROM_NOTHING, AUDIT_FROM_MEMORY, AUDIT_FROM_MODULE };

struct audit_driver {
	const char *name;   /* as below sys/bus/pci/drivers; NULL if a module file does not tell */
	const char *module; /* "nvme", with the underscores of lsmod; NULL for a built-in one */
	enum audit_answer remove, shutdown;
	enum audit_source source;
	const char *why; /* why something is unknown; NULL when all is known */
};

/* What has been read so far of the machine's kernel; reads on first need, then keeps it. */
struct audit;

/* A talloc context below ctx; NULL without memory. Reads nothing yet. m is borrowed. */
struct audit *audit_new(struct machine *m, void *ctx);

/* One driver of this machine by its name below sys/bus/pci/drivers: from memory, else from its
 * module's file below lib/modules. Never fails: what cannot be told is unknown. The first call
 * reads proc/kallsyms, some ten megabytes: 0.1 s. Strings belong to the audit. */
void audit_driver(struct audit *a, const char *name, struct audit_driver *driver);

/* Fill in has_remove and has_shutdown of every bound function. */
void audit_functions(struct audit *a, struct pci_snapshot *s);

struct audit_list {
	struct audit_driver *drivers; /* ordered by name, then module */
	size_t count;
	size_t modules; /* files looked at */
};

/* Every PCI driver in the module files (.ko, .ko.gz, .ko.xz, .ko.zst) below a directory, symbolic
 * links not followed. dir is relative to dirfd as for openat(2). A file that cannot be understood
 * becomes one unknown driver; only a directory that cannot be read is an error. The list is a new
 * talloc context below ctx. */
int audit_modules(struct audit *a, int dirfd, const char *dir, void *ctx, struct audit_list **list,
	struct err *err);

#endif
