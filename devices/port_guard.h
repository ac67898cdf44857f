/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_PORT_GUARD_H
#define DEVICES_PORT_GUARD_H

/*
 * While a secondary bus is held in reset its link is down, and a port tells of that: a hotplug slot
 * takes it for an unplugging and removes the device, DPC contains the port, AER reports errors. The
 * kernel's own bus reset of a single function keeps the slot quiet (drivers/pci/hotplug/
 * pciehp_hpc.c, pciehp_reset_slot); reset_subordinate does so from 7.1 on, and by hand nobody does.
 */

#include "devices/pci.h"

struct port_guard {
	struct {
		unsigned int offset; /* of the register; 0 where the port has none */
		uint16_t value;
	} was[3];
};

/* Switch off what would tell; on an error everything is as before. Nothing is written at a port that
 * has nothing of the kind. Raw writes: not in a locked-down kernel (-EPERM). */
int port_guard_begin(struct machine *m, const struct pci_function *port, struct port_guard *guard,
	struct err *err);

/* Clear what was recorded meanwhile, and put back what was switched off. */
void port_guard_end(struct machine *m, const struct pci_function *port, struct port_guard *guard);

/* Has the port anything that would tell? */
int port_guard_is_needed(const struct pci_function *port);

#endif
