/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_PACKAGE_VERSION_H
#define BOOT_GRUB_PACKAGE_VERSION_H

/*
 * The order in which blscfg lists files: their names are taken for NAME-VERSION-RELEASE, each part is
 * compared as rpm compares versions (rpmvercmp(): runs of digits by their number, of letters by the
 * alphabet; digits are newer than letters; `~` is older than nothing, `+` newer). Negative if a is older
 * than b, 0 if they are equal, positive if a is newer.
 */
int package_version_compare(const char *a, const char *b);

#endif
