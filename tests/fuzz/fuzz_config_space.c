// SPDX-License-Identifier: GPL-2.0-or-later
/* Configuration space that lies: two halves of any bytes, one against the other. */
#include <stdlib.h>

#include "devices/config_registers.h"
#include "devices/pci_caps.h"
#include "devices/stillness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_register registers[CONFIG_REGISTERS_MAX];
	struct config_difference differences[CONFIG_REGISTERS_MAX];
	const struct pci_function f = {.vendor = 0x8086, .device = 0x10d3};
	size_t half = size / 2, count;
	struct pci_caps caps;
	struct proof proof;

	if (half > CONFIG_SPACE_SIZE)
		return 0;
	pci_caps_read(data, half, &caps);
	pci_express_type(data, half);
	stillness_judge(&f, data, half, &proof);
	count = config_registers(data, half, registers);
	if (count > CONFIG_REGISTERS_MAX)
		abort();
	for (size_t i = 0; i < count; i++)
		if (registers[i].offset + registers[i].width > half)
			abort();
	if (config_compare(data, half, data + half, size - half, differences) > (int)count)
		abort();
	return 0;
}
