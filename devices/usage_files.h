/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_FILES_H
#define DEVICES_USAGE_FILES_H

/*
 * The device nodes that processes have open, for the two kinds of them that an unbind waits for
 * (usage_vfio.h, usage_open.h): one walk through procfs serves both, and there is none on a machine
 * without such nodes. A node is known by its name, what stands behind the last "/dev/" of the
 * file's path: nothing is opened or asked of the file itself, which may lie on a server that does
 * not answer. Before the "/dev/" may stand another root's path; a node under another name is not
 * found. Our own files do not count, those that we may not read are passed over, and after a
 * million files (as many as one process may have: fs.nr_open) the walk ends.
 */

#include "devices/pci.h"

/* Mark the functions with PCI_USE_VFIO and PCI_USE_OPEN. */
void usage_read_files(struct machine *m, struct pci_snapshot *s);

/* What a process calls itself, fit to be shown; NULL if it is gone. A talloc string of ctx. */
char *usage_process_name(struct machine *m, void *ctx, const char *pid);

#endif
