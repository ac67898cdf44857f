/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_ENVIRONMENT_H
#define BOOT_GRUB_ENVIRONMENT_H

#include <stddef.h>

#include "devices/err.h"

#define GRUB_ENVIRONMENT_MAX (64 << 10)

/* placeholder until the interpreter lands */
int grub_environment_set(
	char *block, size_t len, const char *name, const char *value, struct err *err);

#endif
