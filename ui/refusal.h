/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_REFUSAL_H
#define UI_REFUSAL_H

#include "ui/command.h"

/* What every command that changes the machine needs before anything else: options that fit together,
 * a real machine (or a dry run), root rights, and nobody else at it (lock.h). EXIT_DONE if all is
 * well; else it has said what is not. */
enum exit_code refusal_check(struct session *s);
/* All of this but the last. */
enum exit_code refusal_check_rights(struct session *s);
/* Only a real machine (or a dry run) and root rights. */
enum exit_code refusal_check_machine(struct session *s);

/* A machine on which a rule forbids to jump: EXIT_REFUSED after saying so. */
enum exit_code refusal_check_jump(const struct still_plan *p);

/* A policy that does not load may have protected something: EXIT_REFUSED after saying so, or with
 * --unattended another decision in its place (pinned.h). */
enum exit_code refusal_check_policy(struct session *s, struct still_plan *p);

/* A rule that requires stillness, and a device that is loud now and has no step that could still it:
 * EXIT_REFUSED after saying so. What is left is no matter of that rule. */
enum exit_code refusal_check_still(struct session *s, const struct still_plan *p);

#endif
