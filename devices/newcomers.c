// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What appeared on the bus while the others were stilled: plugged in, or taken away and found again
 * because a reset looked like that. The kernel may have bound a driver to it: drivers_autoprobe does
 * not keep it from that (drivers/pci/bus.c, pci_bus_add_device).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/clock.h"
#include "devices/config_space.h"
#include "devices/log.h"
#include "devices/newcomers.h"
#include "devices/run.h"
#include "devices/step_parts.h"

/* What getdents64(2) returns; readdir(3) would allocate. */
struct directory_entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

#define PATH_SIZE 64

ino_t newcomers_inode(struct machine *m, const char *slot)
{
	char path[PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%.15s", slot);
	return fstatat(m->root_fd, path, &st, 0) < 0 ? 0 : st.st_ino;
}

/* Had it let go, and is it now another device of the kernel's, with a driver? */
static int came_back(const struct quiesce *q, const struct run *r)
{
	const char *slot = r->device->function->slot;
	char path[PATH_SIZE];

	if (r->device->action != PLAN_QUIESCE || r->bound || r->busy || r->lost || !r->inode ||
		newcomers_inode(q->m, slot) == r->inode)
		return 0;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%.15s/driver", slot);
	return faccessat(q->m->root_fd, path, F_OK, 0) == 0;
}

static int is_known(const struct quiesce *q, const char *slot)
{
	for (size_t i = 0; i < q->plan->count; i++)
		if (!strcmp(q->plan->devices[i].function->slot, slot))
			return !came_back(q, &q->runs[i]);
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

void newcomer_still(
	struct machine *m, const char *slot, enum pci_lockdown lockdown, struct proof *proof)
{
	struct pci_function f;
	struct err err;

	*proof = (struct proof){LOUD, "it cannot be read"};
	if (identify(m, slot, &f) < 0)
		return;
	if (pci_is_bridge(&f)) {
		*proof = (struct proof){STILL, "a bridge"};
		return;
	}
	if (step_unbind_any(m, slot, &err) < 0)
		log_debug("%s", err.text);
	stillness_prove(m, &f, proof);
	if (proof->stillness == LOUD && lockdown == PCI_LOCKDOWN_NONE &&
		step_run(m, &f, STEP_MASK, 0, &err) == 0)
		stillness_prove(m, &f, proof);
}

/* Fill in what appeared; returns how many, at most the journal's room for them. */
static size_t find(const struct quiesce *q, char slots[JOURNAL_NEWCOMERS_MAX][PCI_SLOT_MAX])
{
	_cleanup_fd_ int fd = openat(
		q->m->root_fd, "sys/bus/pci/devices", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct directory_entry) char buffer[4096];
	struct pci_slot numbers;
	size_t count = 0;
	long n;

	while (fd >= 0 && (n = syscall(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0)
		for (char *at = buffer; at < buffer + n;) {
			const struct directory_entry *entry = (const void *)at;

			at += entry->length;
			if (pci_parse_slot(entry->name, &numbers) < 0 || is_known(q, entry->name) ||
				count == JOURNAL_NEWCOMERS_MAX)
				continue;
			snprintf(slots[count++], PCI_SLOT_MAX, "%.15s", entry->name);
		}
	return count;
}

static void judge(struct quiesce *q, const char *slot, const struct proof *proof)
{
	char why[JOURNAL_DETAIL_MAX];

	snprintf(why, sizeof(why), "it appeared meanwhile%s%s", proof->why[0] ? ": " : "",
		proof->why);
	journal_judge(
		q->journal, slot, proof->stillness == STILL ? VERDICT_STILL : VERDICT_LOUD, why);
}

/* Where a rule or the command line switches stilling off, that goes for what appears, too. Where drivers are
 * to bind, one that has is welcome. */
static int is_left(const struct plan *plan)
{
	return plan->off || plan->purpose == PLAN_FOR_BOOT;
}

static void leave(struct quiesce *q, const char *slot)
{
	const char *off = q->plan->off_why ? q->plan->off_why : "a rule switches stilling off";
	char why[JOURNAL_DETAIL_MAX];

	snprintf(why, sizeof(why), "it appeared meanwhile: %s",
		q->plan->off ? off : "its driver may have it");
	journal_judge(q->journal, slot, VERDICT_LEFT, why);
}

/* As long as a driver may take to let go. */
#define NEWCOMERS_MS 30000

size_t newcomers_still(struct quiesce *q)
{
	char slots[JOURNAL_NEWCOMERS_MAX][PCI_SLOT_MAX];
	const int has_time = quiesce_has_time(q, NEWCOMERS_MS);
	const struct proof hangs = {LOUD, "unbinding it hangs"}, late = {LOUD, NO_TIME};
	int is_back[JOURNAL_NEWCOMERS_MAX] = {0};
	size_t count = find(q, slots), next = 0, hung = 0;
	uint64_t end = clock_now_us() + NEWCOMERS_MS * 1000ULL, now;
	struct crew_result result;

	if (is_left(q->plan)) {
		for (size_t i = 0; i < count; i++)
			leave(q, slots[i]);
		return 0;
	}
	for (;;) {
		while (has_time && next < count && crew_has_room(q->crew)) {
			crew_submit_slot(q->crew, next, slots[next]);
			next++;
		}
		now = clock_now_us();
		if (!next || now >= end ||
			!crew_wait(q->crew, (int)((end - now) / 1000 + 1), &result))
			break;
		if (result.job != CREW_NEWCOMER) /* a late one; its verdict is made */
			continue;
		if (result.rc < 0) /* the worker died over it */
			continue;
		is_back[result.index] = 1;
		judge(q, slots[result.index], &result.proof);
	}
	for (size_t i = 0; i < count; i++)
		if (!is_back[i]) {
			hung += i < next;
			judge(q, slots[i], has_time ? &hangs : &late);
		}
	return hung;
}
