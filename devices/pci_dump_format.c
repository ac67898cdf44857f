// SPDX-License-Identifier: GPL-2.0-or-later
/* The writer: what `lspci -D -n -xxxx` prints, with the lines of -v that the reader uses. Numbers
 * and no names, because those of virtual functions stand nowhere else. */
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

#include "devices/pci_dump.h"

static void put_header(FILE *out, const struct pci_function *f)
{
	fprintf(out, "%s %04x: %04x:%04x", f->slot, f->class >> 8, f->vendor, f->device);
	if (f->config_len >= 64 && f->config[8])
		fprintf(out, " (rev %02x)", f->config[8]);
	if (f->class & 0xff)
		fprintf(out, " (prog-if %02x)", f->class & 0xff);
	fputc('\n', out);
}

/* Names come from directories: one with a line's end in it would be a line of its own. */
static void put_text(FILE *out, const char *word, const char *text)
{
	if (!text)
		return;
	fprintf(out, "\t%s: ", word);
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' ? '?' : *text, out);
	fputc('\n', out);
}

static void put_number(FILE *out, const char *word, int number)
{
	if (number >= 0)
		fprintf(out, "\t%s: %d\n", word, number);
}

/* A jump waits for this: printf for each byte would take ten times as long. */
static void put_bytes(FILE *out, const struct pci_function *f)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < f->config_len; i++) {
		const char byte[] = {' ', digits[f->config[i] >> 4], digits[f->config[i] & 15]};

		if (i % 16 == 0)
			fprintf(out, "%s%02zx:", i ? "\n" : "", i);
		fwrite_unlocked(byte, 1, sizeof(byte), out);
	}
	fputs(f->config_len ? "\n\n" : "\n", out);
}

char *pci_dump_format(void *ctx, const struct pci_snapshot *s)
{
	char *buf = NULL, *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&buf, &size);
	int failed;

	if (!out)
		return NULL;
	for (size_t i = 0; i < s->count; i++) {
		const struct pci_function *f = &s->functions[i];

		put_header(out, f);
		put_text(out, "Physical Slot", f->hotplug_slot);
		put_number(out, "NUMA node", f->numa_node);
		put_number(out, "IOMMU group", f->iommu_group);
		put_text(out, "Kernel driver in use", f->driver);
		put_bytes(out, f);
	}
	failed = ferror(out);
	if (fclose(out) == 0 && !failed)
		text = talloc_strndup(ctx, buf, size);
	free(buf);
	return text;
}
