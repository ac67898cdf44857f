/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_PCI_CLASS_H
#define POLICY_PCI_CLASS_H

/*
 * The words that rules use for PCI classes: one for each base class (PCI Code and ID Assignment
 * Specification, chapter 1), and the codes behind them. "display" and "bridge" mean what
 * pci_is_display() and pci_is_bridge() mean: a compute-only 3D controller is no display.
 */

#include "policy/rule.h"
#include "policy/spelling.h"

/* "storage", or a code as lspci -n shows it: "0x01", "0x0108", "0x010802". -EINVAL if it is
 * neither; then spelling, begun by the caller, holds what may have been meant. */
int pci_class_parse(const char *text, struct class_pattern *class, struct spelling *spelling);

#endif
