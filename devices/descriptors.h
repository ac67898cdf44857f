/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_DESCRIPTORS_H
#define DEVICES_DESCRIPTORS_H

/* What a child that may hang is not to keep open: locks, disks, and the pipe of who reads what we print. */

#include <stddef.h>

/* Close all files but these, at most eight (-1 for none); the standard ones become /dev/null. */
void descriptors_close_all_but(const int *keep, size_t count);

#endif
