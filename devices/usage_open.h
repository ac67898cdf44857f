/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_OPEN_H
#define DEVICES_USAGE_OPEN_H

/*
 * Functions whose driver cannot let go because a process has a node of theirs open. Most drivers take
 * their device away from under an open file; these wait, in remove() and with the device's lock held,
 * until it is closed:
 *
 *   dev/vfio/    see usage_vfio.h
 *   dev/i2c-N    drivers/i2c/i2c-core-base.c, i2c_del_adapter(): waits for dev_released
 *   dev/snd/     sound/core/init.c, snd_card_free(): waits for the last reference
 *
 * Processes are looked through only where there is such a device; whose files we may not read are
 * passed over.
 */

#include "devices/pci.h"

/* Mark the functions with PCI_USE_OPEN, or PCI_USE_VFIO. */
void usage_read_open(struct machine *m, struct pci_snapshot *s);

#endif
