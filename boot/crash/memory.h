/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_CRASH_MEMORY_H
#define BOOT_CRASH_MEMORY_H

/*
 * Does a crash kernel fit into the memory that is reserved for it? It has nothing else: there lie its
 * files, there the kernel unpacks itself and the initrd, and there it has to run and to write a dump. One
 * that does not fit dies without a word when it is needed, which is the worst time to find out.
 */

#include <stddef.h>
#include <stdint.h>

#include "boot/pin.h"

/* Bytes. */
struct crash_need {
	uint64_t least;  /* with less it cannot come up */
	uint64_t likely; /* with that much it most likely does its work */
};

/* What a pinned kernel needs. least: what the kernel asks for to start (init_size of the boot protocol),
 * the initrd, and the files in it if they did not become larger by unpacking. likely: with what packed
 * files become on the average, and with room to run makedumpfile. */
int crash_need(const struct pinned *pinned, struct crash_need *need, struct err *err);

/* How many bytes at the end of an initrd are packed: what lies behind the cpio archives that it begins
 * with (Documentation/driver-api/early-userspace/buffer-format.rst). Bytes are hostile; an archive that
 * is damaged counts as packed from there. */
size_t crash_initrd_packed(const uint8_t *bytes, size_t len);

/* What to set crashkernel= to, in MiB: likely, rounded up as people write it. */
unsigned int crash_advice_mib(const struct crash_need *need);

#endif
