/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_KERNEL_LOG_H
#define DEVICES_KERNEL_LOG_H

/*
 * What the kernel says about devices in trouble: faults of the IOMMU, interrupts that nobody wants,
 * errors of the bus, commands that time out. Read from dev/kmsg (Documentation/ABI/testing/dev-kmsg):
 * lines "priority,sequence,microseconds,flags;text". Only the kernel's own words count, not what programs
 * write there. Text is not to be trusted: a name in it may come from a device.
 */

#include "devices/pci.h"

#define KERNEL_MESSAGES_MAX 64 /* the newest are kept */
#define KERNEL_MESSAGE_MAX 200 /* bytes; what is longer is cut */

struct kernel_message {
	uint64_t time_us; /* since the kernel began */
	const char *kind; /* a word for what it is: "iommu", "interrupt", "aer", ... */
	char slot
		[PCI_SLOT_MAX]; /* of the function that it is about; "" if that is not to be known */
	char text[KERNEL_MESSAGE_MAX + 1]; /* UTF-8 */
};

struct kernel_log {
	struct kernel_message messages[KERNEL_MESSAGES_MAX]; /* oldest first */
	size_t count;
	size_t total; /* how many there were */
};

/* Read those that matter; a talloc context below ctx. -ENOENT, -EACCES, -EPERM where there is no log to
 * be read. */
int kernel_log_read(struct machine *m, void *ctx, struct kernel_log **log, struct err *err);

/* Add what is read from this descriptor, as far as it does not have to be waited for. Only those that are kept
 * are tied to a slot: a log may have tens of thousands. */
void kernel_log_take(struct machine *m, int fd, struct kernel_log *log);

/* The word for the kind of trouble that this text tells of; NULL for none. */
const char *kernel_log_kind(const char *text);

/* The slot that the text names ("0000:01:00.0", "[01:00.0]"), as a snapshot spells it: -ENOENT for none. */
int kernel_log_slot(const char *text, char slot[PCI_SLOT_MAX]);

/* The same, or by what else it names and this machine knows: an interrupt that only one function has
 * ("irq 16: nobody cared"), a network interface, a disk's controller ("nvme0"). */
int kernel_log_tie(struct machine *m, const char *text, char slot[PCI_SLOT_MAX]);

#endif
