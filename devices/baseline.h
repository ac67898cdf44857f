/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_BASELINE_H
#define DEVICES_BASELINE_H

/*
 * The baseline: configuration space as the firmware left it, saved before the first driver binds.
 * A file in the format of `lspci -D -xxxx`, for root alone, with a line in front that names the boot,
 * kernel and time it is of.
 */

#include "devices/pci.h"

#define BASELINE_FILE "run/stillboot/baseline"

/* Save the snapshot as the baseline, over one that is there. */
int baseline_write(struct machine *m, const struct pci_snapshot *s, struct err *err);

/* Read it; a talloc context below ctx. -ENOENT when none was saved. */
int baseline_read(struct machine *m, void *ctx, struct pci_snapshot **baseline, struct err *err);

/* Give each function of the snapshot its baseline (pci_function.baseline), where it has one and is
 * still the same device. The baseline must outlive the snapshot. */
void baseline_attach(struct pci_snapshot *s, const struct pci_snapshot *baseline);

#endif
