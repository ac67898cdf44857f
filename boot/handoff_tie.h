/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_HANDOFF_TIE_H
#define BOOT_HANDOFF_TIE_H

/*
 * What ties a handoff to its jump: the command line of the kernel that is loaded with it names it,
 *
 *   stillboot.handoff=HEX
 *
 * with the first 128 bits of the SHA-256 of the record (heading and body, without what fills up the
 * file). Whoever can change the command line of a kernel that is loaded needs no handoff to do harm; and
 * a record that came another way (one that was baked into an initrd, or is left of another boot) is not
 * named there. The word stands in front: behind "--" it would not be the kernel's, and what is too long is cut
 * at the end. Command lines that are copied from a running kernel carry an older one, which goes.
 *
 * 128 bits: a second record with the digest of a given one is out of reach (NIST SP 800-107, 5.1), and
 * x86 kernels take no more than 2047 bytes of command line.
 */

#include "boot/pin.h"

#define HANDOFF_DIGEST 32 /* hexadecimal digits */
#define HANDOFF_WORD "stillboot.handoff"

/* Bytes that the word takes, with the blank behind it. */
#define HANDOFF_WORD_SIZE (sizeof(HANDOFF_WORD "=") - 1 + HANDOFF_DIGEST + 1)

/* The digest of a record, terminated. Allocates nothing. */
void handoff_digest(const char *record, size_t len, char digest[HANDOFF_DIGEST + 1]);

/* Make room for the word in the image's command line: pinned->tied, a talloc string of ctx. 1 with a
 * sentence where the kernel takes no longer one: then the image has no room for a handoff any more. Nothing is to be
 * done where it had none before, or room was made already. */
int handoff_tie_prepare(void *ctx, struct pinned *pinned, struct err *err);

/* Put the digest into that room. Allocates nothing. */
void handoff_tie(struct pinned *pinned, const char digest[HANDOFF_DIGEST + 1]);

/* A command line without the word, a talloc string of ctx; NULL when memory ran out. */
char *handoff_untie(void *ctx, const char *cmdline);

#endif
