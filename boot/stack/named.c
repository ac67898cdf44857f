// SPDX-License-Identifier: GPL-2.0-or-later
/* What is recognised, and nothing more: names for a probe's types. */
#include <errno.h>
#include <string.h>

#include "boot/stack/parts.h"

static const struct named {
	const char *type, *kind, *reason;
} table[] = {
	{"isw_raid_member", "Intel firmware RAID", NULL},
	{"ddf_raid_member", "DDF firmware RAID", NULL},
	{"nvidia_raid_member", "NVIDIA firmware RAID", NULL},
	{"silicon_medley_raid_member", "Silicon Image firmware RAID", NULL},
	{"via_raid_member", "VIA firmware RAID", NULL},
	{"promise_fasttrack_raid_member", "Promise firmware RAID", NULL},
	{"hpt37x_raid_member", "HighPoint firmware RAID", NULL},
	{"hpt45x_raid_member", "HighPoint firmware RAID", NULL},
	{"jmicron_raid_member", "JMicron firmware RAID", NULL},
	{"lsi_mega_raid_member", "LSI firmware RAID", NULL},
	{"adaptec_raid_member", "Adaptec firmware RAID", NULL},
	{"mpath_member", "multipath disk", "another path leads to the same disk"},
	{"bcache", "bcache", "it cannot be opened without writing to it"},
	{"zfs_member", "ZFS pool", "the kernel has no driver for it here"},
	{"BitLocker", "BitLocker volume", "only LUKS volumes are unlocked"},
	{"drbd", "DRBD device", "it belongs to several machines"},
	{"DM_integrity", "dm-integrity volume", "it cannot be opened without writing to it"},
};

static const char firmware_raid[] =
	"firmware RAID is not assembled: its metadata cannot be kept from being written";

static const struct named *find(const char *type)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (!strcmp(table[i].type, type))
			return &table[i];
	return NULL;
}

int stack_is_member(const char *type)
{
	return !strcmp(type, "LVM2_member") || !strcmp(type, "linux_raid_member") ||
	       !strcmp(type, "crypto_LUKS") || find(type);
}

int stack_named(struct stack_round *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct stack_member *member = &r->members[i];
		const struct named *named = find(member->type);
		struct stack_part part = {.state = STACK_LEFT,
			.name = member->device,
			.uuid = member->uuid,
			.device = member->device};
		int changed = named ? stack_changed(r, member->device, member->type) : 0;

		if (changed < 0)
			return changed;
		if (!changed)
			continue;
		part.kind = named->kind;
		part.reason = named->reason ? named->reason : firmware_raid;
		if (stack_add(r, member->device, &part) < 0)
			return -ENOMEM;
	}
	return 0;
}
