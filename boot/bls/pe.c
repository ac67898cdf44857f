// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/bls/pe.h"

#include <errno.h>
#include <string.h>

enum {
	LFANEW = 0x3c, /* in the DOS header: where the PE header is */
	/* From there: */
	MACHINE = 4,
	SECTION_COUNT = 6,
	OPTIONAL_SIZE = 20,
	OPTIONAL = 24, /* the optional header; the section table follows it */
	/* In an entry of that table: */
	VIRTUAL_SIZE = 8,
	RAW_SIZE = 16,
	RAW_OFFSET = 20,
	SECTION_SIZE = 40,
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

bool pe_is(const uint8_t *head, size_t len)
{
	size_t pe;

	if (len < LFANEW + 4 || memcmp(head, "MZ", 2))
		return false;
	pe = get32(head + LFANEW);
	return pe <= len && len - pe >= OPTIONAL && !memcmp(head + pe, "PE\0\0", 4);
}

/* "VirtualSize ... If this value is greater than SizeOfRawData, the section is zero-padded"; raw
 * data is rounded up to the file's alignment. Objects have no virtual size. */
static void read_section(const uint8_t *entry, uint64_t file_size, struct pe_section *s)
{
	uint32_t virtual = get32(entry + VIRTUAL_SIZE), raw = get32(entry + RAW_SIZE);

	memcpy(s->name, entry, 8);
	s->name[8] = '\0';
	s->offset = get32(entry + RAW_OFFSET);
	s->size = virtual && virtual < raw ? virtual : raw;
	s->is_cut = s->offset > file_size || s->size > file_size - s->offset;
	if (s->is_cut)
		s->size = 0;
}

int pe_parse(const uint8_t *head, size_t len, uint64_t file_size, struct pe *pe, struct err *err)
{
	const uint8_t *header;
	size_t table, count;

	if (!pe_is(head, len))
		return err_set(err, -EINVAL, "it is no EFI program");
	header = head + get32(head + LFANEW);
	table = (size_t)(header - head) + OPTIONAL + get16(header + OPTIONAL_SIZE);
	count = get16(header + SECTION_COUNT);
	if (count > PE_SECTIONS_MAX)
		return err_set(
			err, -EBADMSG, "its header is damaged: it names %zu sections", count);
	if (table > len || count * SECTION_SIZE > len - table)
		return err_set(
			err, -EBADMSG, "its header is damaged: the section table is not in it");
	pe->machine = get16(header + MACHINE);
	pe->count = count;
	for (size_t i = 0; i < count; i++)
		read_section(head + table + i * SECTION_SIZE, file_size, &pe->sections[i]);
	return 0;
}

/* "Machine Types". */
static const struct {
	uint16_t machine;
	const char *name;
} machines[] = {
	{0x014c, "i386"},
	{0x01c0, "arm"},
	{0x01c2, "arm"},
	{0x01c4, "arm"},
	{0x0200, "ia64"},
	{0x5032, "riscv32"},
	{0x5064, "riscv64"},
	{0x6232, "loongarch32"},
	{0x6264, "loongarch64"},
	{0x8664, "x86_64"},
	{0xaa64, "aarch64"},
};

const char *pe_machine(const struct pe *pe)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].machine == pe->machine)
			return machines[i].name;
	return NULL;
}
