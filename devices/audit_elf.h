/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_AUDIT_ELF_H
#define DEVICES_AUDIT_ELF_H

/* Inside the driver audit: the struct pci_driver in the bytes of one module file (audit_elf.c), and
 * where its members stand (audit_layout.c). */

#include <stddef.h>
#include <stdint.h>

#include "devices/audit.h"

/* Offsets in bytes. */
struct audit_layout {
	unsigned int name, remove, shutdown; /* in struct pci_driver */
	unsigned int bus;                    /* pci_driver.driver.bus; 0 where not known */
};

/* From the bytes of sys/kernel/btf/vmlinux, by libbpf. */
int audit_layout_from_btf(
	const void *btf, size_t size, struct audit_layout *layout, struct err *err);

/* The layouts that kernels of this version ("6.1.0-56-amd64") can have, the one to be tried first
 * first; which one it is, the place of the name decides. Returns how many, 0 for a version whose
 * layout is not known. */
size_t audit_layouts_of(const char *version, struct audit_layout layouts[2]);

/* The kernel that the layout was read from, for audit_elf(). */
struct audit_kernel {
	const char *version; /* uname -r; NULL if not known */
	struct audit_layout layout;
};

/* Append the drivers of the module in these bytes, which may be anything. kernel is NULL or the
 * kernel whose layout is known for sure; modules of other kernels go by audit_layouts_of(). A module
 * that registers no PCI driver appends nothing. name is the file's, without path and suffixes. -ENOMEM
 * is the only error. */
int audit_elf(const void *bytes, size_t size, const char *name, const struct audit_kernel *kernel,
	struct audit_list *list);

/* Append one; strings are copied below the list. */
int audit_append(struct audit_list *list, const struct audit_driver *driver);

#endif
