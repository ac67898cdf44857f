/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_DRIFT_H
#define UI_DRIFT_H

/* How the functions differ from the baseline, register by register: `stillboot devices --drift`. */

#include <stdio.h>

#include "devices/pci.h"
#include "ui/command.h"

/* What became of one function since, was being what the baseline has of it (NULL for nothing), and its
 * registers that differ, a line each. 1, or 0 after printing nothing if it is as it was. */
int drift_print(FILE *out, const struct pci_function *f, const struct pci_function *was);

enum exit_code drift_show(struct session *s, struct pci_snapshot *snapshot);

#endif
