/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_BOOT_KIND_H
#define DEVICES_BOOT_KIND_H

/*
 * How this kernel was started, which tells who touched the devices before it.
 *
 * A crash kernel is told by proc/vmcore, or by elfcorehdr= on its command line where it was built without
 * that file. Who loaded a kernel stands in proc/sys/kernel/bootloader_type: kexec, by its system calls and
 * by kexec-tools, is 0xD and a version in the lower four bits (Documentation/arch/x86/boot.rst,
 * type_of_loader; arch/x86/kernel/kexec-bzimage64.c, bzImage64_load). Where a device tree describes the
 * machine, the property linux,booted-from-kexec of /chosen says so (drivers/of/kexec.c,
 * of_kexec_alloc_and_setup_fdt). Everything else counts as the firmware: nobody says otherwise.
 * So it is with a Xen dom0, whose loader is Xen, 0x90 (arch/x86/xen/enlighten_pv.c, xen_start_kernel), though
 * kexec may have started the hypervisor: that is not passed on.
 */

#include "devices/machine.h"

enum boot_kind {
	BOOT_FIRMWARE, /* as the firmware left them */
	BOOT_KEXEC,    /* a kernel that shut its drivers down, as far as they do that */
	BOOT_CRASH,    /* a kernel that fell over: every device goes on as it was */
};

enum boot_kind boot_kind(struct machine *m);

/* "firmware", "kexec" or "crash"; the words of records and --json. */
const char *boot_kind_name(enum boot_kind kind);
/* The other way round; -ENOENT for no such word. */
int boot_kind_from_name(const char *name, enum boot_kind *kind);

#endif
