// SPDX-License-Identifier: GPL-2.0-or-later
/* What mdadm says of a member: the name in it is anybody's. */
#include <stdint.h>
#include <talloc.h>

#include "boot/stack/md_examine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = talloc_strndup(NULL, (const char *)data, size);
	struct md_member member;

	md_examine_parse(text, &member);
	md_member_reason(&member);
	talloc_free(text);
	return 0;
}
