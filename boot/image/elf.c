// SPDX-License-Identifier: GPL-2.0-or-later
/* Which architecture an ELF file is for: System V ABI, "ELF Header", and elf(5). */
#include <elf.h>
#include <string.h>

#include "boot/image/parts.h"

static const struct {
	uint16_t machine;
	const char *name; /* the beginning of uname(2)'s word */
} machines[] = {
	{EM_386, "i386"}, {EM_X86_64, "x86_64"}, {EM_ARM, "arm"}, {EM_AARCH64, "aarch64"},
	{EM_RISCV, "riscv"}, {EM_PPC, "ppc"}, {EM_PPC64, "ppc64"}, {EM_S390, "s390"},
	{EM_MIPS, "mips"}, {EM_SPARCV9, "sparc64"}, {EM_IA_64, "ia64"},
	{258, "loongarch"}, /* EM_LOONGARCH, newer than Debian 12's elf.h */
};

static const char *machine_of(uint16_t machine)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].machine == machine)
			return machines[i].name;
	return NULL;
}

bool elf_look(const uint8_t *head, size_t len, const char *machine, struct image *image)
{
	bool swapped = len > EI_DATA && head[EI_DATA] == ELFDATA2MSB;
	const char *name;
	uint16_t type;

	if (len < 20 || memcmp(head, ELFMAG, SELFMAG))
		return false;
	type = swapped ? (uint16_t)(head[16] << 8 | head[17]) : image_get16(head + 16);
	name = machine_of(swapped ? (uint16_t)(head[18] << 8 | head[19]) : image_get16(head + 18));
	image->format = "ELF";
	image->kind = IMAGE_OTHER;
	if (!name)
		image_reason(image, "it is an ELF file for an unknown architecture");
	else
		image_check_machine(image, name, machine);
	/* arch/x86 links vmlinux to a fixed address, arch/powerpc does not (CONFIG_RELOCATABLE). */
	if (type == ET_DYN && !strcmp(machine, "x86_64"))
		image_reason(image, "it is a program, not a kernel");
	if (type != ET_EXEC && type != ET_DYN)
		image_reason(image, "it is an ELF file, but no program");
	if (!*image->reason)
		image->kind = IMAGE_KERNEL;
	return true;
}
