// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/stillness.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "devices/config_space.h"

/* PCIe Base Specification 6.6.2: software waits at least 100 ms for Transactions Pending to clear
 * before it resets a function; drivers/pci/pci.c, pcie_wait_for_pending_transaction, does. */
#define PENDING_MS 100

__attribute__((format(printf, 2, 3))) static void loud(struct proof *proof, const char *fmt, ...)
{
	va_list ap;

	proof->stillness = LOUD;
	va_start(ap, fmt);
	vsnprintf(proof->why, sizeof(proof->why), fmt, ap);
	va_end(ap);
}

int stillness_asserts_intx(const uint8_t *config, size_t len)
{
	unsigned int msi = config_find_capability(config, len, PCI_CAP_ID_MSI);
	unsigned int msix = config_find_capability(config, len, PCI_CAP_ID_MSIX);

	if (len < 64 || config_read16(config, len, PCI_VENDOR_ID) == 0xffff)
		return 0;
	if (!(config_read16(config, len, PCI_STATUS) & PCI_STATUS_INTERRUPT))
		return 0;
	if (config_read16(config, len, PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE)
		return 0;
	if (msi && config_read16(config, len, msi + PCI_MSI_FLAGS) & PCI_MSI_FLAGS_ENABLE)
		return 0;
	return !(msix && config_read16(config, len, msix + PCI_MSIX_FLAGS) & PCI_MSIX_FLAGS_ENABLE);
}

static int transactions_pending(const uint8_t *config, size_t len)
{
	unsigned int express = config_find_capability(config, len, PCI_CAP_ID_EXP);

	return express &&
	       config_read16(config, len, express + PCI_EXP_DEVSTA) & PCI_EXP_DEVSTA_TRPND;
}

/* Nothing behind it, or no power: the whole header, not only the ids. */
static int answers(const uint8_t *config)
{
	for (size_t i = 0; i < 64; i++)
		if (config[i] != 0xff)
			return 1;
	return 0;
}

/* A virtual function's ids read as all ones (SR-IOV 3.4.1.1 "Vendor ID", 3.4.1.2 "Device ID"). */
static int is_the_same(const struct pci_function *f, uint16_t vendor, uint16_t device)
{
	if (f->physical && vendor == 0xffff && device == 0xffff)
		return 1;
	return vendor == f->vendor && device == f->device;
}

void stillness_judge(
	const struct pci_function *f, const uint8_t *config, size_t len, struct proof *proof)
{
	uint16_t vendor = config_read16(config, len, PCI_VENDOR_ID);
	uint16_t device = config_read16(config, len, PCI_DEVICE_ID);

	*proof = (struct proof){.stillness = STILL};
	if (len < 64)
		loud(proof, "only %zu bytes of its configuration space can be read", len);
	else if (!answers(config))
		loud(proof, "it does not answer (configuration space reads all ones)");
	else if (!is_the_same(f, vendor, device))
		loud(proof, "it answers as %04x:%04x instead of %04x:%04x", vendor, device,
			f->vendor, f->device);
	else if ((config[PCI_HEADER_TYPE] & 0x7f) != f->header)
		loud(proof, "its header type is %u instead of %u", config[PCI_HEADER_TYPE] & 0x7fU,
			f->header);
	else if (config_read16(config, len, PCI_COMMAND) & PCI_COMMAND_MASTER)
		loud(proof, "bus master is on");
	else if (stillness_asserts_intx(config, len))
		loud(proof, "its interrupt is asserted");
	else if (transactions_pending(config, len))
		loud(proof, "transactions are pending");
}

void stillness_prove(struct machine *m, const struct pci_function *f, struct proof *proof)
{
	const struct timespec ms = {.tv_nsec = 1000000};
	uint8_t config[256];
	struct err err;

	for (int i = 0;; i++) {
		ssize_t len = m->effects->read_config(m, f->slot, config, sizeof(config), &err);

		if (len == -ENOENT) {
			*proof = (struct proof){GONE, "it was unplugged meanwhile"};
			return;
		}
		if (len < 0) {
			loud(proof, "%.*s", STILLNESS_WHY_MAX - 1, err.text);
			return;
		}
		stillness_judge(f, config, (size_t)len, proof);
		if (proof->stillness == STILL || i >= PENDING_MS ||
			!transactions_pending(config, (size_t)len))
			return;
		nanosleep(&ms, NULL);
	}
}
