/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_ARCHIVE_H
#define TESTS_ARCHIVE_H

#include <stddef.h>

/* The handoff's record in an archive, as the kernel would unpack it: *len bytes. */
const char *archive_record(const char *archive, size_t *len);

#endif
