/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_NEWCOMERS_H
#define DEVICES_NEWCOMERS_H

#include "devices/stillness.h"

/* Still what appeared in this slot: its driver lets go, and what is loud then is masked. Runs in a
 * worker, since unbinding may never return. */
void newcomer_still(
	struct machine *m, const char *slot, enum pci_lockdown lockdown, struct proof *proof);

#endif
