// SPDX-License-Identifier: GPL-2.0-or-later
/* Somebody else's machine as text: read, walked over, written and read once more. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/pci_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Up to the root in fewer steps than there are functions. */
static void walk(const struct pci_snapshot *s)
{
	for (size_t i = 0; i < s->count; i++) {
		size_t steps = 0;

		for (const struct pci_function *f = &s->functions[i]; f; f = f->parent)
			if (steps++ > s->count)
				abort();
		for (const struct pci_function *f = &s->functions[i]; f; f = f->physical)
			if (steps++ > 2 * s->count)
				abort();
		if (pci_find(s, s->functions[i].slot) != &s->functions[i])
			abort();
	}
}

static void check_same(const struct pci_function *a, const struct pci_function *b)
{
	if (strcmp(a->slot, b->slot) || a->vendor != b->vendor || a->device != b->device ||
		a->class != b->class || a->resets != b->resets || a->config_len != b->config_len ||
		(a->config_len && memcmp(a->config, b->config, a->config_len) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pci_snapshot *s, *again;
	struct err err;
	char *text;

	if (pci_dump_parse((const char *)data, size, "fuzz", NULL, &s, &err) < 0)
		return 0;
	walk(s);
	text = pci_dump_format(NULL, s);
	if (pci_dump_parse(text, strlen(text), "again", NULL, &again, &err) < 0 ||
		again->count != s->count)
		abort();
	for (size_t i = 0; i < s->count; i++)
		check_same(&s->functions[i], &again->functions[i]);
	talloc_free(again);
	talloc_free(text);
	talloc_free(s);
	return 0;
}
