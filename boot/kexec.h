/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_KEXEC_H
#define BOOT_KEXEC_H

/*
 * Loading an image into the running kernel. Loading touches no device and is undone by unloading;
 * a failed load leaves what was loaded before in place (kernel/kexec_file.c exchanges the images
 * only at the end). Where somebody else is loading, the other image too, that is waited for, a few seconds.
 */

#include "boot/pin.h"

enum kexec_loader {
	KEXEC_BY_KERNEL, /* kexec_file_load(2): can be reloaded with a handoff */
	KEXEC_BY_TOOLS,  /* kexec-tools' kexec: preloaded, never reloaded */
};

/* May anything be loaded at all? -EPERM when kexec_load_disabled says no. */
int kexec_check(struct machine *m, struct err *err);

/* Load what is pinned, by the kernel itself or, if it does not know the format, by kexec-tools. */
int kexec_load(
	struct machine *m, const struct pinned *pinned, enum kexec_loader *loader, struct err *err);
/* Load it once more by the kernel: with what was written into the handoff's room meanwhile. */
int kexec_reload(struct machine *m, const struct pinned *pinned, struct err *err);

int kexec_unload(struct machine *m, struct err *err);

/* The same with the crash kernel, which the kernel jumps into when it panics; it wants memory that was
 * reserved for it. Only the kernel itself loads it here. The one that was loaded before is freed before
 * the new one is read (kernel/kexec_file.c): where that fails afterwards, none is loaded, and the
 * sentence says so. */
int kexec_load_crash(struct machine *m, const struct pinned *pinned, struct err *err);
int kexec_unload_crash(struct machine *m, struct err *err);
int kexec_crash_is_loaded(struct machine *m);
/* Bytes that are reserved for it, 0 for none. */
uint64_t kexec_crash_reserved(struct machine *m);

/* 1 if an image is loaded (sys/kernel/kexec_loaded), else 0. */
int kexec_is_loaded(struct machine *m);

#endif
