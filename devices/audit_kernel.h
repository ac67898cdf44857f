/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_AUDIT_KERNEL_H
#define DEVICES_AUDIT_KERNEL_H

/* Inside the driver audit: the running kernel's own words about itself. */

#include "devices/audit.h"
#include "devices/audit_elf.h"
#include "devices/audit_memory.h"

enum { TRIED_KERNEL = 1 << 0, TRIED_MEMORY = 1 << 1 };

struct audit {
	struct machine *machine;
	unsigned int tried;          /* what was read already, with or without success */
	char *release;               /* uname -r; NULL if not known */
	struct audit_kernel kernel;  /* version NULL if the layout is not known */
	struct audit_memory *memory; /* NULL if it cannot be read: */
	const char *no_memory;       /* then why */
};

/* The running kernel's version and layout; NULL if it does not tell both. */
const struct audit_kernel *audit_kernel(struct audit *a);

#endif
