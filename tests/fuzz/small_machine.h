/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FUZZ_SMALL_MACHINE_H
#define TESTS_FUZZ_SMALL_MACHINE_H

/* What policies are tried on: eight PCI functions, two devices of other buses, a host with names. */

#include "policy/policy.h"

/* Belongs to ctx. */
struct policy_facts *small_machine(void *ctx);

#endif
