// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's type information, as libbpf reads it for us. */
#include <stdint.h>

#include "devices/audit_elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct audit_layout layout;
	struct err err;

	audit_layout_from_btf(data, size, &layout, &err);
	return 0;
}
