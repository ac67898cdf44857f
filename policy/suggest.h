/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_SUGGEST_H
#define POLICY_SUGGEST_H

/*
 * A device that was not still, found the hard way: what the kernel said of it after the jump, and what had
 * been done to it before, give a rule that does more the next time. Ready to be put into policy.d; nothing
 * takes it by itself. Pure.
 *
 * Two kinds of trouble. One that still acts (a fault of the IOMMU, an interrupt that nobody wants, an error
 * on the bus) needs a stronger step than the strongest that was done to it. One that does not answer its
 * driver needs to be reset, if it was not; if it was, its settings back, or else another reset.
 */

#include "devices/journal.h"
#include "devices/kernel_log.h"
#include "devices/pci.h"

/* Later ones of a kernel are no trouble of the jump: microseconds since it began. */
#define SUGGEST_SINCE_BOOT_US UINT64_C(600000000)
#define SUGGESTIONS_MAX 16

struct suggestion {
	char slot[PCI_SLOT_MAX];
	const struct kernel_message *because; /* the first of them */
	size_t messages;                      /* how many there were of this slot */
	const char *done;                     /* what had been done to the device, a clause */
	const char *
		rule; /* lines of Lua with comments, ended with a newline; NULL: no rule helps, ... */
	const char *why_not; /* and why; else NULL */
};

/* For each slot of which this kernel's log tells trouble: by two messages, or by one that leaves no doubt (of
 * the IOMMU, an interrupt, a reset that failed, firmware). journal is that of the jump, NULL where there is
 * none; snapshot says what the slots are, NULL where that is not known. Array and strings belong to ctx
 * and point into the log; -ENOMEM. */
int suggest_rules(const struct kernel_log *log, const struct journal *journal,
	const struct pci_snapshot *snapshot, void *ctx, struct suggestion **suggestions,
	size_t *count);

#endif
