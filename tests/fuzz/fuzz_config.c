// SPDX-License-Identifier: GPL-2.0-or-later
/* The bytes of a configuration space. */
#include <stdint.h>
#include <string.h>

#include "devices/config_space.h"
#include "devices/stillness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pci_function f = {.vendor = 0x1234, .device = 0x11e8};
	struct proof proof;

	stillness_judge(&f, data, size, &proof);
	for (unsigned int id = 0; id < 256; id++)
		config_find_capability(data, size, (uint8_t)id);
	return 0;
}
