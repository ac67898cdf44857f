/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_STEP_PARTS_H
#define DEVICES_STEP_PARTS_H

/* The steps that stand in files of their own; step.c calls them. Contracts as step_run(). */

#include "devices/step.h"

int step_intx(struct machine *m, const struct pci_function *f, struct err *err);
int step_uio(struct machine *m, const struct pci_function *f, struct err *err);
int step_subordinate(struct machine *m, const struct pci_function *f, struct err *err);
int step_sbr(
	struct machine *m, const struct pci_function *f, unsigned int deadline_ms, struct err *err);
int step_power(struct machine *m, const struct pci_function *f, struct err *err);

/* Read the Command register and write it with these bits changed. */
int command_set(struct machine *m, const struct pci_function *f, uint16_t clear, uint16_t set,
	struct err *err);

/* 0 if the function answers to configuration requests, -ENODEV if it reads all ones: unplugged
 * without the kernel's knowledge, or without power. */
int step_answers(struct machine *m, const struct pci_function *f, struct err *err);

/* Unbind whatever driver is bound to what stands in this slot now. The kernel binds one to each
 * function that it finds, whatever drivers_autoprobe says (drivers/pci/bus.c, pci_bus_add_device
 * calls device_attach() itself). 0 where nothing is bound. */
int step_unbind_any(struct machine *m, const char *slot, struct err *err);

/* Let so many milliseconds pass. */
void step_sleep_ms(unsigned int ms);

#endif
