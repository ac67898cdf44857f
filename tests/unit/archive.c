// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/archive.h"

/* Headers of 110 bytes and names, each padded to four. */
const char *archive_record(const char *archive, size_t *len)
{
	char size[9] = "";
	const char *at = archive;

	assert_memory_equal(at, "070701", 6);
	at += 110 + sizeof("stillboot");
	at += (4 - (at - archive) % 4) % 4;
	memcpy(size, at + 6 + 6 * 8, 8);
	*len = strtoul(size, NULL, 16);
	at += 110 + sizeof("stillboot/handoff");
	return at + (4 - (at - archive) % 4) % 4;
}
