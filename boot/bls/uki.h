/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_UKI_H
#define BOOT_UKI_H

/*
 * Unified kernel images (UAPI.5): an EFI program with a Linux kernel, initrds and a command line in
 * its sections. No kernel takes such a file as a whole by kexec, so its parts are taken out of it:
 * an entry's files are pieces of the image then.
 *
 * A file may have several profiles, each with sections of its own in place of those that stand
 * before the first. Addons (systemd-stub(7): loader/addons/ for all images, NAME.efi.extra.d/ for
 * one) add to the command line and to the initrds. Credentials and system extensions that lie there
 * are not passed on: systemd-stub makes initrds of them.
 *
 * uki_parse() itself is in boot/format.h.
 */

#include "boot/bls/pe.h"
#include "boot/reading.h"

#define UKI_PROFILES_MAX 256 /* as systemd-boot */

struct uki {
	const struct reading *reading; /* of the file; its fd, or else the bytes, are read */
	const char *bytes;             /* its beginning */
	size_t len;
	struct pe pe;
};

/* Look at a file of which at least PE_HEAD bytes are given, if it has so many. Everything is
 * borrowed. -EINVAL if it is something else, -EBADMSG if it is damaged; the sentence is a reason.
 */
int uki_open(
	struct uki *uki, const struct reading *r, const char *bytes, size_t len, struct err *err);

/* How many profiles has it? 0 for an image without. */
unsigned int uki_profiles(const struct uki *uki);

/* The section that counts for a profile; NULL if there is none. Profile 0 of an image without
 * profiles is the image. */
const struct pe_section *uki_section(const struct uki *uki, unsigned int profile, const char *name);

/* The text of a section, up to its first NUL, of at most UKI_TEXT_MAX bytes; the empty string where
 * it cannot be read, NULL if memory ran out. */
#define UKI_TEXT_MAX 65536
char *uki_text(const struct uki *uki, void *ctx, const struct pe_section *section);

/* Make the entry boot this profile: kernel, initrds, device tree, and the options if it has none
 * yet; then what addons add. A reason is given where a part is missing or lies outside the file.
 * Strings go to ctx. -ENOMEM. */
int uki_take(const struct uki *uki, void *ctx, unsigned int profile, struct entry *entry);

#endif
