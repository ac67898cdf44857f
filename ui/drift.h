/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_DRIFT_H
#define UI_DRIFT_H

/* How the functions differ from the baseline, register by register: `stillboot devices --drift`. */

#include "devices/pci.h"
#include "ui/command.h"

enum exit_code drift_show(struct session *s, struct pci_snapshot *snapshot);

#endif
