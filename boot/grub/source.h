/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_SOURCE_H
#define BOOT_GRUB_SOURCE_H

#include "boot/grub/run.h"

/* Run another configuration file in the scope and menu that are current, with config_file and
 * config_directory set meanwhile (grub-core/normal/main.c, read_config_file). What cannot be read is
 * told, with the line that asked for it. False then. */
bool grub_run_config(
	struct grub_run *g, const struct volume *v, const char *path, unsigned int line);

/* Set config_file and config_directory for a file. */
void grub_set_config(struct grub_run *g, const char *device, const char *path);

#endif
