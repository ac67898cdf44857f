/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_POLICY_TEST_H
#define UI_POLICY_TEST_H

/*
 * `stillboot policy test DIR`: the plans of captured machines against what is expected of them. In DIR
 * stand, for each machine, one of
 *
 *   NAME.lspci   what `lspci -D -k -xxxx` printed there
 *   NAME/        a tree that configs/capture-machine made
 *
 * and NAME.plan, what `stillboot plan` prints of it. The rules are the built-in ones, those of the
 * tree's own directories (for dumps, of DIR's: DIR/etc/stillboot/policy.d), and the file of --policy, or
 * DIR/policy.lua if that is there. So by hand it is
 *
 *   stillboot plan --root DIR --pci-dump DIR/NAME.lspci --policy DIR/policy.lua
 *   stillboot plan --root DIR/NAME --policy DIR/policy.lua
 *
 * DIR's folders etc and usr are no machines.
 */

#include "ui/command.h"

/* Test all of them, or with --update write what is expected: EXIT_DONE if all are as expected. */
enum exit_code policy_test(struct session *s, const char *dir);

#endif
