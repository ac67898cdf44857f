// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/no_reset.h"

static const struct {
	uint16_t vendor, device, mask;
} ids[] = {
	{0x10de, 0x2340, 0xffc0}, /* NVIDIA, quirk_nvidia_no_bus_reset */
	{0x10de, 0x22ce, 0xffff}, /* NVIDIA T4 and others' audio functions */
	{0x10de, 0x22d0, 0xffff},
	{0x168c, 0x0030, 0xffff}, /* Atheros: the link does not train again */
	{0x168c, 0x0032, 0xffff}, {0x168c, 0x0033, 0xffff}, {0x168c, 0x0034, 0xffff},
	{0x168c, 0x003c, 0xffff}, {0x168c, 0x003e, 0xffff}, {0x17cb, 0x0107, 0xffff}, /* Qualcomm */
	{0x17cb, 0x0308, 0xffff}, {0x17cb, 0x1103, 0xffff},
	{0x177d, 0xa100, 0xffff}, /* Cavium ThunderX root port: what is below it stays away */
	{0x104c, 0xb005, 0xffff}, /* Texas Instruments KeyStone */
	{0x1b21, 0x1164, 0xffff}, /* ASMedia */
};

int no_reset_is_listed(const struct pci_function *f)
{
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (f->vendor == ids[i].vendor && (f->device & ids[i].mask) == ids[i].device)
			return 1;
	return 0;
}
