/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_CONDITION_H
#define BOOT_GRUB_CONDITION_H

/*
 * What an `if` depends on, as far as the file itself decides it: `true`, `false`, and `[ ]` or
 * `test` comparing strings whose variables are known. Everything else (files, numbers, what a
 * command returns, variables that nobody set) is undecided, and whoever reads the file takes both
 * branches then rather than losing an entry.
 */

#include "boot/grub/statement.h"

enum grub_truth { GRUB_FALSE, GRUB_TRUE, GRUB_UNDECIDED };

enum grub_truth grub_condition(const struct grub_args *args);

#endif
