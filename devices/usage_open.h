/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_OPEN_H
#define DEVICES_USAGE_OPEN_H

/*
 * Device nodes that the driver's remove() waits for: while a process has one open, unbinding does
 * not come back. Only such nodes count. Most kinds let go at once (terminals, input events, hidraw,
 * V4L2, TPM, MEI, IPMI, block and NVMe nodes); held open they are no reason to leave a device
 * alone. Which kinds wait (files and functions of Linux 6.1):
 *
 *   i2c-dev           drivers/i2c/i2c-core-base.c, i2c_del_adapter(): for dev_released
 *   sound             sound/core/init.c, snd_card_free(), and snd_card_disconnect_sync() for ASoC;
 *                     not on USB (sound/usb/card.c, usb_audio_disconnect())
 *   dvb               drivers/media/dvb-core/dmxdev.c, dvb_dmxdev_release(), and dvb_net.c,
 *                     dvb_ca_en50221.c
 *   infiniband_verbs  drivers/infiniband/core/uverbs_main.c, ib_uverbs_remove_one(): for drivers
 *                     without disassociate_ucontext(), which sysfs does not tell
 *   firewire          drivers/firewire/core-card.c, fw_core_remove_card(): an open node holds its
 *                     fw_device, and that the card
 *   tee               drivers/tee/tee_core.c, tee_device_unregister()
 *   vhost-vdpa-N      drivers/vhost/vdpa.c, vhost_vdpa_remove(); of no class
 *
 * NVIDIA's driver waits too (nv-pci.c, nv_pci_remove_helper()), but tells sysfs nothing of its
 * nodes; a quirk leaves it in any case.
 *
 * A file that is only mapped, on its way through a socket or registered with io_uring is not seen.
 */

#include "devices/pci.h"

struct open_nodes;

/* The machine's nodes of these kinds, below ctx; NULL if it has none. */
struct open_nodes *usage_open_nodes(struct machine *m, void *ctx);

/* A process has this node open ("snd/pcmC0D0p"): if it is one of them, mark what is behind it with
 * PCI_USE_OPEN. The first process that has it is the one that is named. */
void usage_mark_open(struct machine *m, struct pci_snapshot *s, struct open_nodes *nodes,
	const char *node, const char *pid);

#endif
