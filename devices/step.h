/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_STEP_H
#define DEVICES_STEP_H

/*
 * One step on one function, through the machine's effects. It may block as long as the kernel
 * does: unbinding until remove() returns, a reset up to 60 s (drivers/pci/pci.c,
 * PCIE_RESET_READY_POLL_MS), so steps run in workers with a deadline (crew.h).
 */

#include "devices/plan.h"

/* Carry out the step. Of STEP_SBR so much is known: it ends before deadline_ms, with all put back that came
 * back by then; 0 where nobody waits, as after a minute. 0 done, 1 there was nothing to do (STEP_INTX and STEP_UIO only), negative
 * errno. A reset whose error return does not tell the truth is not hidden here: the proof decides.
 * Of resets through the port every function below it must be unbound. */
int step_run(struct machine *m, const struct pci_function *f, enum step step,
	unsigned int deadline_ms, struct err *err);

/* Keep the function awake while the machine is stilled: an unbound one may be lost in D3cold when the
 * port above it goes to sleep (drivers/pci/pci-driver.c, pci_pm_runtime_suspend). Takes the device
 * lock (drivers/base/power/sysfs.c, control_store), so it blocks on a device whose probe or remove
 * hangs already. A device without runtime power management is fine as it is. */
int step_hold(struct machine *m, const struct pci_function *f, struct err *err);

/* Load uio_pci_generic where STEP_UIO may need it: what is not there then stays away. A machine
 * without it is as good, as long as nobody asserts a line. */
void uio_make_ready(struct machine *m, const struct plan *plan);

/* Functions that a raw secondary bus reset saves and restores, at most; a port with more below it
 * has none (a device without ARI has eight). */
#define STEP_SBR_MAX 8

#endif
