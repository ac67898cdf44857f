/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_DUMP_FILE_H
#define UI_DUMP_FILE_H

/* The snapshot of a machine that is not here: --pci-dump. */

#include "devices/pci.h"
#include "ui/command.h"

/* Read what lspci -xxxx printed from an ordinary path, not below the root: a file, a pipe, or "-" for
 * standard input. Warns when it names no drivers. */
int dump_file_read(
	struct session *s, const char *name, struct pci_snapshot **snapshot, struct err *err);

#endif
