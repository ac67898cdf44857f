/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_CRASH_H
#define UI_CRASH_H

#include "ui/command.h"

/*
 * The parts of `stillboot crash`. What follows the word that names one is in the options' arguments.
 */

/* Load a kernel for a crash, from an entry (without one: that of the running kernel) or from files. */
enum exit_code crash_load(struct session *s);
enum exit_code crash_unload(struct session *s);
/* EXIT_DONE where a crash kernel is loaded. */
enum exit_code crash_status(struct session *s);
/* In the crash kernel: write the dump, and then do what --then says. */
enum exit_code crash_save(struct session *s);

#endif
