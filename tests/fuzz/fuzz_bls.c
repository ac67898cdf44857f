// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bls_parse(), bls_parse_raw() and bls_parse_settings(). The first line of the input is the file's
 * name, since that carries the id and the boot counter; the rest is its text, parsed twice so that
 * there is something to sort.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/bls/bls.h"
#include "tests/fuzz/menu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry_list *list = entry_list_new(NULL);
	const char *text = (const char *)data, *newline = size ? memchr(text, '\n', size) : NULL;
	char *name = newline ? talloc_strndup(list, text, (size_t)(newline - text)) : NULL;
	size_t rest = newline ? size - (size_t)(newline + 1 - text) : size;
	struct reading r = reading_of_bytes(list, name ? name : "a.conf");
	struct err err;

	bls_parse(&r, text + (size - rest), rest, &err);
	r.file = "b+3-1.conf";
	bls_parse(&r, text + (size - rest), rest, &err);
	bls_parse_settings(&r, text + (size - rest), rest, &err);
	bls_sort(list);
	menu_check(list);
	/* Its paths may be variables, which is for who puts in their values. */
	bls_parse_raw(&r, text + (size - rest), rest, &err);
	talloc_free(list);
	return 0;
}
