/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PREINIT_TELL_H
#define UI_PREINIT_TELL_H

#include "ui/command.h"
#include "ui/preinit_run.h"

/* A line to whoever sits there, unless it is JSON that is wanted, and to the kernel's log: in an initramfs that
 * is the only place that lasts. */
__attribute__((format(printf, 3, 4))) void preinit_say(
	struct session *s, enum log_level level, const char *fmt, ...);

/* What became of the devices: a line of each that was touched or is loud, and one of all. */
void preinit_tell(struct session *s, const struct preinit_work *w);

#endif
