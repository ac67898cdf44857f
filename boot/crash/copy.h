/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_CRASH_COPY_H
#define BOOT_CRASH_COPY_H

/*
 * All of proc/vmcore as it is, for where makedumpfile does not know the kernel that crashed. A part of a
 * pipeline that is no program (pipeline.h): called with {"copy", VMCORE, FILE or NULL}, to a new file, with
 * holes for pages of zeros, or without one to out. It tells how far it is in makedumpfile's words
 * (dump_progress_parse()), every second. More than file_max bytes, holes not counted, end it.
 */

#include "boot/crash/pipeline.h"

int copy_vmcore(const struct pipeline *p, int out, int said);

#endif
