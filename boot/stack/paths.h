/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_STACK_PATHS_H
#define BOOT_STACK_PATHS_H

/*
 * Multipath: a disk that several paths lead to is several block devices. One of them is enough to read
 * it, and shows it once.
 *
 * Two are the same disk if sysfs has the same worldwide name for both (wwid, from page 0x83 of SCSI's
 * vital product data, drivers/scsi/scsi_lib.c, scsi_vpd_lun_id(); NVMe's is the namespace's) and they
 * have the same size. USB is left out: its bridges give many disks one name.
 */

#include "boot/volume/block.h"

/* Leave one of each disk's paths in the list, in its order: one that works, if possible on the
 * controller that the array prefers (ALUA), else the first. */
void stack_one_path_each(struct machine *m, struct block_device *devices, size_t *count);

#endif
