/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_REFUSAL_H
#define UI_REFUSAL_H

#include "ui/command.h"

/* What load and exec need before anything else: root rights, a real machine (or a dry run), and
 * options that fit together. EXIT_DONE if all is well; else it has said what is not. */
enum exit_code refusal_check(struct session *s);

/* A policy that does not load may have protected something: EXIT_REFUSED after saying so. */
enum exit_code refusal_check_policy(const struct still_plan *p);

#endif
