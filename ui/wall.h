/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_WALL_H
#define UI_WALL_H

#include "ui/command.h"

/* Tell a text to everybody who is logged in on a terminal, as wall(1) does: an effect of the
 * machine. Control characters are shown and not sent. Nobody waits for a terminal that does not
 * take it. */
void wall_tell(struct session *s, const char *text);

#endif
