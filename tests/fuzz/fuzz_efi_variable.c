// SPDX-License-Identifier: GPL-2.0-or-later
/* EFI variables: the firmware keeps whatever anybody wrote. What they say chooses an entry. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>

#include "boot/efi_variable.h"
#include "boot/entry.h"
#include "devices/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const ids[] = {"debian-6.1", "Fedora 40", "arch"};
	char *text = efi_variable_parse(NULL, data, size);
	struct entry entries[3];
	const struct entry_list list = {.entries = entries, .count = 3};

	if (!text)
		return 0;
	assert(strlen(text) <= size / 2 * 3);
	assert(utf8_is_valid(text));
	for (size_t i = 0; i < 3; i++)
		entries[i] = (struct entry){.id = ids[i], .title = ids[i]};
	entry_list_find_id(&list, text);
	talloc_free(text);
	return 0;
}
