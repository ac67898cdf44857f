/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_SIGNALS_H
#define UI_SIGNALS_H

/* Signals for a poll loop. */

#include "devices/err.h"

/* Block these (0 ends them), and SIGPIPE is ignored: a file from which they are read (signalfd(2)), that does not
 * block and is not inherited. Negative errno. */
int signals_open(const int *signals, struct err *err);

/* Those by which somebody asks a program to end. */
extern const int signals_to_end[];

#endif
