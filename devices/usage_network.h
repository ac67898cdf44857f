/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_NETWORK_H
#define DEVICES_USAGE_NETWORK_H

/*
 * Who needs the network: filesystems of other machines, iSCSI targets and NVMe controllers over a
 * network (used or not: a session that breaks is retried for minutes), network disks in use, and
 * netconsole. Where the peer's address is known, the interface of its route is marked. Where it is
 * not (nbd, rbd, drbd, filesystems that spread over many servers), every interface with a route is:
 * too much left alone loses nothing.
 */

#include "devices/usage_scan.h"

/* Mark the functions with PCI_USE_NETWORK. Routes are read only when something needs the network. */
void usage_read_network(const struct usage_scan *scan);

#endif
