// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What appeared on the bus while the others were stilled: plugged in, or taken away and found again
 * because a reset looked like that. Nothing is bound to it (drivers_autoprobe is off), but the
 * firmware or an earlier driver may have left it as a bus master.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/config_space.h"
#include "devices/run.h"
#include "devices/step.h"

/* What getdents64(2) returns; readdir(3) would allocate. */
struct directory_entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

static int is_known(const struct quiesce *q, const char *slot)
{
	for (size_t i = 0; i < q->plan->count; i++)
		if (!strcmp(q->plan->devices[i].function->slot, slot))
			return 1;
	return 0;
}

static int identify(struct machine *m, const char *slot, struct pci_function *f)
{
	uint8_t config[64];
	ssize_t len = m->effects->read_config(m, slot, config, sizeof(config), NULL);

	if (len < (ssize_t)sizeof(config))
		return -EIO;
	*f = (struct pci_function){
		.vendor = config_read16(config, sizeof(config), PCI_VENDOR_ID),
		.device = config_read16(config, sizeof(config), PCI_DEVICE_ID),
		.class = config_read32(config, sizeof(config), PCI_CLASS_REVISION) >> 8,
		.header = config[PCI_HEADER_TYPE] & 0x7f,
		.express = -1,
	};
	snprintf(f->slot, sizeof(f->slot), "%s", slot);
	return 0;
}

static void still(struct quiesce *q, const char *slot)
{
	char why[JOURNAL_DETAIL_MAX];
	struct pci_function f;
	struct proof proof = {LOUD, "it cannot be read"};
	struct err err;

	if (identify(q->m, slot, &f) == 0) {
		if (pci_is_bridge(&f)) {
			journal_judge(
				q->journal, slot, VERDICT_LEFT, "it appeared meanwhile: a bridge");
			return;
		}
		stillness_prove(q->m, &f, &proof);
		if (proof.stillness == LOUD && q->plan->lockdown == PCI_LOCKDOWN_NONE &&
			step_run(q->m, &f, STEP_MASK, &err) == 0)
			stillness_prove(q->m, &f, &proof);
	}
	snprintf(
		why, sizeof(why), "it appeared meanwhile%s%s", proof.why[0] ? ": " : "", proof.why);
	journal_judge(
		q->journal, slot, proof.stillness == STILL ? VERDICT_STILL : VERDICT_LOUD, why);
}

void newcomers_still(struct quiesce *q)
{
	_cleanup_fd_ int fd = openat(
		q->m->root_fd, "sys/bus/pci/devices", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct directory_entry) char buffer[4096];
	struct pci_slot slot;
	long n;

	while (fd >= 0 && (n = syscall(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0)
		for (char *at = buffer; at < buffer + n;) {
			const struct directory_entry *entry = (const void *)at;

			if (pci_parse_slot(entry->name, &slot) == 0 && !is_known(q, entry->name))
				still(q, entry->name);
			at += entry->length;
		}
}
