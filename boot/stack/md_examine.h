/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_STACK_MD_EXAMINE_H
#define BOOT_STACK_MD_EXAMINE_H

/*
 * What `mdadm --examine` prints of a member, as far as it decides whether the array is assembled: lines
 * "Key : value" (mdadm's super0.c and super1.c, examine_super0() and examine_super1(); --export does
 * not have what matters here).
 */

struct md_member {
	char level[16];        /* "raid1", "" if it does not say */
	unsigned int devices;  /* that the array has when it is whole */
	unsigned int features; /* Feature Map of metadata 1.x: MD_FEATURE_* of linux/raid/md_p.h */
	int reshaping;
};

void md_examine_parse(const char *text, struct md_member *member);

/* Why such an array is not assembled, or NULL. */
const char *md_member_reason(const struct md_member *member);

#endif
