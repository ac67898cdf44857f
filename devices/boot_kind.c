// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/boot_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/kernel_words.h"

#define LOADER "proc/sys/kernel/bootloader_type"
#define LOADER_KEXEC 0xd

static const char *const names[] = {"firmware", "kexec", "crash"};

static int exists(struct machine *m, const char *path)
{
	return faccessat(m->root_fd, path, F_OK, 0) == 0;
}

static int is_crash(struct machine *m)
{
	_cleanup_talloc_ char *header = NULL;

	if (exists(m, "proc/vmcore"))
		return 1;
	header = kernel_words_value(m, NULL, "elfcorehdr");
	return header != NULL;
}

static int is_kexec(struct machine *m)
{
	_cleanup_talloc_ char *text = NULL;

	if (exists(m, "proc/device-tree/chosen/linux,booted-from-kexec"))
		return 1;
	if (machine_read_file(m, NULL, LOADER, 32, &text, NULL) < 0)
		return 0;
	return strtoul(text, NULL, 10) >> 4 == LOADER_KEXEC;
}

enum boot_kind boot_kind(struct machine *m)
{
	if (is_crash(m))
		return BOOT_CRASH;
	return is_kexec(m) ? BOOT_KEXEC : BOOT_FIRMWARE;
}

const char *boot_kind_name(enum boot_kind kind)
{
	return names[kind];
}

int boot_kind_from_name(const char *name, enum boot_kind *kind)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name)) {
			*kind = (enum boot_kind)i;
			return 0;
		}
	return -ENOENT;
}
