/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_STILLNESS_H
#define DEVICES_STILLNESS_H

/*
 * The proof: read a function back and look. Return codes of resets are no proof (a reset may report
 * failure although the device was reset, and success although a quirk did nothing).
 */

#include "devices/plan.h"

enum stillness {
	STILL, /* bus master off, nothing pending, no interrupt asserted, header as expected */
	LOUD,  /* not so, or it cannot be read: why says what */
	GONE,  /* unplugged since the snapshot */
};

#define STILLNESS_WHY_MAX 96

/* What was seen; lives where the caller puts it, owns nothing. */
struct proof {
	enum stillness stillness;
	char why[STILLNESS_WHY_MAX]; /* empty when still */
};

/* Judge the bytes of a configuration space against the snapshot. Pure. */
void stillness_judge(
	const struct pci_function *f, const uint8_t *config, size_t len, struct proof *proof);

/* Read and judge. Pending transactions are given up to 100 ms to end. */
void stillness_prove(struct machine *m, const struct pci_function *f, struct proof *proof);

/* Is the function's INTx line asserted, 1 or 0, in these bytes? Interrupt Status set, INTx not
 * disabled, and no MSI or MSI-X in its place (PCIe Base Specification 7.5.1.1.4 Status Register). */
int stillness_asserts_intx(const uint8_t *config, size_t len);

#endif
