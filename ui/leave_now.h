/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_LEAVE_NOW_H
#define UI_LEAVE_NOW_H

#include "ui/command.h"

/* Everything is preloaded and the exitrd is built: end all processes, and go. */
enum exit_code leave_now(struct session *s);

#endif
