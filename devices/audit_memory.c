// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/audit_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/cleanup.h"

#define KALLSYMS_MAX ((size_t)128 << 20) /* bytes; 10 to 30 MiB are usual */
#define HEADER_MAX 65536                 /* bytes of proc/kcore's headers that are read */
#define NAME_SIZE 64                     /* bytes of a driver's name, its NUL included */

struct audit_memory {
	int kcore;
	struct audit_layout layout;
	struct segment {
		uint64_t address, size, offset;
	} * segments;
	size_t segment_count;
	uint64_t bus;      /* &pci_bus_type */
	uint64_t *symbols; /* of what can be a driver */
	size_t symbol_count;
};

static int close_kcore(struct audit_memory *memory)
{
	close(memory->kcore);
	return 0;
}

static int read_segments(struct audit_memory *memory, struct err *err)
{
	_cleanup_talloc_ char *head = talloc_zero_array(memory, char, HEADER_MAX);
	ssize_t size = head ? pread(memory->kcore, head, HEADER_MAX, 0) : -1;
	size_t count = 0;
	GElf_Phdr p;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = size > 0 ? elf_memory(head, (size_t)size) : NULL;
	if (!elf || elf_kind(elf) != ELF_K_ELF || gelf_getclass(elf) != ELFCLASS64 ||
		elf_getphdrnum(elf, &count) < 0) {
		elf_end(elf);
		return err_set(err, -EINVAL, "proc/kcore is no 64-bit ELF file");
	}
	memory->segments = talloc_array(memory, struct segment, count);
	for (size_t i = 0; memory->segments && i < count; i++)
		if (gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_LOAD)
			memory->segments[memory->segment_count++] = (struct segment){
				p.p_vaddr, p.p_filesz, p.p_offset};
	elf_end(elf);
	return memory->segments ? 0 : err_errno(err, -ENOMEM, "read proc/kcore");
}

/* Up to size bytes of kernel memory, never across the end of a segment. */
static ssize_t read_memory(struct audit_memory *memory, uint64_t address, void *buf, size_t size)
{
	for (size_t i = 0; i < memory->segment_count; i++) {
		const struct segment *s = &memory->segments[i];
		uint64_t within = address - s->address;

		if (address < s->address || within >= s->size)
			continue;
		if (size > s->size - within)
			size = (size_t)(s->size - within);
		return pread(memory->kcore, buf, size, (off_t)(s->offset + within));
	}
	return -EFAULT;
}

static uint64_t read_pointer(struct audit_memory *memory, uint64_t address)
{
	uint64_t pointer;

	return read_memory(memory, address, &pointer, sizeof(pointer)) == sizeof(pointer) ? pointer
											  : 0;
}

static int add_symbol(struct audit_memory *memory, uint64_t address)
{
	uint64_t *more;

	if (memory->symbol_count % 256 == 0) {
		more = talloc_realloc(
			memory, memory->symbols, uint64_t, memory->symbol_count + 256);
		if (!more)
			return -ENOMEM;
		memory->symbols = more;
	}
	memory->symbols[memory->symbol_count++] = address;
	return 0;
}

/* "ffffffffa5c3f2a0 d pcie_portdriver": data, and by all custom a name with "driver" in it. */
static int take_line(struct audit_memory *memory, char *line)
{
	char *rest, *type, *name;
	uint64_t address = strtoull(line, &rest, 16);

	type = strtok_r(rest, " \t", &rest);
	name = type ? strtok_r(NULL, " \t", &rest) : NULL;
	if (!name || !address || !strchr("dDbB", *type))
		return 0;
	if (!strcmp(name, "pci_bus_type"))
		memory->bus = address;
	return strstr(name, "driver") || strstr(name, "drv") ? add_symbol(memory, address) : 0;
}

static int read_symbols(struct machine *m, struct audit_memory *memory, struct err *err)
{
	_cleanup_talloc_ char *text = NULL;
	char *line, *rest;
	int rc = machine_read_file(m, memory, "proc/kallsyms", KALLSYMS_MAX, &text, err);

	if (rc < 0)
		return rc;
	for (line = strtok_r(text, "\n", &rest); line && rc == 0;
		line = strtok_r(NULL, "\n", &rest))
		rc = take_line(memory, line);
	if (rc < 0)
		return err_errno(err, rc, "read proc/kallsyms");
	/* All addresses are 0 without rights (kptr_restrict); without CONFIG_KALLSYMS_ALL data is
	 * not listed. */
	if (!memory->bus || !memory->symbol_count)
		return err_set(err, -EPERM, "proc/kallsyms does not show where the drivers are");
	return 0;
}

int audit_memory_open(struct machine *m, void *ctx, const struct audit_layout *layout,
	struct audit_memory **memory, struct err *err)
{
	_cleanup_talloc_ struct audit_memory *new = talloc_zero(ctx, struct audit_memory);
	int rc;

	if (!new)
		return err_errno(err, -ENOMEM, "read the kernel's memory");
	new->layout = *layout;
	new->kcore = openat(m->root_fd, "proc/kcore", O_RDONLY | O_CLOEXEC);
	if (new->kcore < 0)
		return err_errno(err, -errno, "open proc/kcore");
	talloc_set_destructor(new, close_kcore);
	rc = read_segments(new, err);
	if (rc == 0)
		rc = read_symbols(m, new, err);
	if (rc < 0)
		return rc;
	*memory = new;
	new = NULL;
	return 0;
}

/* A struct pci_driver names itself, and its driver.bus is the PCI bus once it is registered. */
static int is_driver(struct audit_memory *memory, uint64_t address, const char *name)
{
	char text[NAME_SIZE] = "";
	uint64_t at;

	if (read_pointer(memory, address + memory->layout.bus) != memory->bus)
		return 0;
	at = read_pointer(memory, address + memory->layout.name);
	return at && read_memory(memory, at, text, sizeof(text) - 1) > 0 && !strcmp(text, name);
}

int audit_memory_read(struct audit_memory *memory, const char *driver, enum audit_answer *remove,
	enum audit_answer *shutdown)
{
	for (size_t i = 0; i < memory->symbol_count; i++) {
		uint64_t address = memory->symbols[i];

		if (!is_driver(memory, address, driver))
			continue;
		*remove = read_pointer(memory, address + memory->layout.remove) ? AUDIT_YES
										: AUDIT_NO;
		*shutdown = read_pointer(memory, address + memory->layout.shutdown) ? AUDIT_YES
										    : AUDIT_NO;
		return 0;
	}
	return -ENOENT;
}
