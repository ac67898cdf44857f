// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/fuzz/menu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return menu_fuzz(grub_legacy_parse, "boot/grub/menu.lst", data, size);
}
