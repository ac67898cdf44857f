/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_AUDIT_MEMORY_H
#define DEVICES_AUDIT_MEMORY_H

/*
 * Inside the driver audit: the running kernel's memory, through proc/kcore (an ELF core file,
 * fs/proc/kcore.c), and the symbols that can be a struct pci_driver, from proc/kallsyms
 * (kernel/kallsyms.c: address, type, name, and the module in brackets).
 */

#include "devices/audit_elf.h"

struct audit_memory;

/* A talloc context below ctx; closes proc/kcore when freed. -EPERM if the kernel hides addresses. */
int audit_memory_open(struct machine *m, void *ctx, const struct audit_layout *layout,
	struct audit_memory **memory, struct err *err);

/* Which pointers are set in the struct pci_driver of this name; -ENOENT if no symbol is one. */
int audit_memory_read(struct audit_memory *memory, const char *driver, enum audit_answer *remove,
	enum audit_answer *shutdown);

#endif
