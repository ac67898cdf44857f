/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VERSION_H
#define BOOT_VERSION_H

/*
 * The order of version strings: UAPI.10, Version Format Specification, "Version Comparison", which
 * is also what systemd-boot and `systemd-analyze compare-versions` do. Negative if a is older than
 * b, 0 if they are equal, positive if a is newer. NULL counts as the empty string.
 */
int version_compare(const char *a, const char *b);

#endif
