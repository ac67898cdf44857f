// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/audit_elf.h"

#include <ctype.h>
#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_ 64      /* bytes of a driver's name, its NUL included; the longest is 28 */
#define CALLS_MAX 64      /* registering calls of one module; the most in Linux is 6 */
#define TRIES_MAX 1024    /* places of one module that are looked at for a struct pci_driver */
#define VERSION_MAX 128   /* bytes of uname -r: 64, struct new_utsname */
#define REGISTRARS_MAX 16 /* symbols that match the table below; one each, if all is well */

/* What registers a PCI driver. It takes the struct in a register, loaded with its address by mov or
 * lea: the byte before the address in both (Intel SDM volume 2, "MOV", "LEA": ModRM). */
struct registrar {
	const char *symbol;
	unsigned char mov, lea;
	enum { TAKES_STRUCT, SETS_REMOVE, FILLS_STRUCT } kind;
};

static const struct registrar registrars[] = {
	{"__pci_register_driver", 0xc7, 0x3d, TAKES_STRUCT}, /* drivers/pci/pci-driver.c: rdi */
	/* drivers/comedi/comedi_pci.c: rsi */
	{"comedi_pci_driver_register", 0xc6, 0x35, TAKES_STRUCT},
	/* drivers/ssb/pcihost_wrapper.c: rdi; gives it probe() and remove() of its own */
	{"ssb_pcihost_register", 0xc7, 0x3d, SETS_REMOVE},
	/* saa7146_core.c: takes a struct around the driver, and sets its name only then */
	{"saa7146_register_extension", 0xc7, 0x3d, FILLS_STRUCT},
};

/* A place in a section: an address in a file that has none yet. */
struct place {
	size_t section;
	uint64_t offset;
};

struct module {
	Elf *elf;
	const char *name;
	struct audit_list *list;
	struct audit_layout layouts[2];
	size_t layout_count;
	Elf_Data *symbols;
	size_t symbol_count, strings; /* strings: index of their section */
	struct {
		size_t symbol;
		const struct registrar *registrar;
	} used[REGISTRARS_MAX];
	size_t used_count;
	struct place found[CALLS_MAX];
	size_t found_count, calls, tries;
};

static int append(struct module *m, const char *name, enum audit_answer remove,
	enum audit_answer shutdown, const char *why)
{
	return audit_append(m->list,
		&(struct audit_driver){name, m->name, remove, shutdown, AUDIT_FROM_MODULE, why});
}

static int append_unknown(struct module *m, const char *why)
{
	return append(m, NULL, AUDIT_UNKNOWN, AUDIT_UNKNOWN, why);
}

/* NULL if there are no bytes. */
static Elf_Data *section_data(struct module *m, size_t section)
{
	Elf_Scn *scn = elf_getscn(m->elf, section);
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;

	return data && data->d_buf ? data : NULL;
}

static const char *section_name(struct module *m, const GElf_Shdr *header)
{
	size_t names;
	const char *name = elf_getshdrstrndx(m->elf, &names) == 0
				   ? elf_strptr(m->elf, names, header->sh_name)
				   : NULL;

	return name ? name : "";
}

/* The string there, of 1 to NAME_MAX_ - 1 characters, none of them a control character; else NULL. Some
 * names are UTF-8 ("CAFÉ NAND"). */
static const char *string_at(struct module *m, const struct place *place)
{
	Elf_Data *data = section_data(m, place->section);
	const char *text;
	size_t length;

	if (!data || place->offset >= data->d_size)
		return NULL;
	text = (const char *)data->d_buf + place->offset;
	length = strnlen(text, data->d_size - place->offset);
	if (!length || length >= NAME_MAX_ || length == data->d_size - place->offset)
		return NULL;
	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)text[i]))
			return NULL;
	return text;
}

/* Where a relocation points to; pc is what the address counts from, 0 for an absolute one. */
static int target_of(struct module *m, const GElf_Rela *rela, unsigned int pc, struct place *target)
{
	GElf_Sym symbol;

	if (!gelf_getsym(m->symbols, (int)GELF_R_SYM(rela->r_info), &symbol))
		return -ENOENT;
	if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= SHN_LORESERVE)
		return -ENOENT;
	target->section = symbol.st_shndx;
	target->offset = symbol.st_value + (uint64_t)rela->r_addend + pc;
	return 0;
}

/* The relocations of a section, NULL if it has none. */
static Elf_Data *relocations_of(struct module *m, size_t section)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	while ((scn = elf_nextscn(m->elf, scn)))
		if (gelf_getshdr(scn, &header) && header.sh_type == SHT_RELA &&
			header.sh_info == section)
			return section_data(m, elf_ndxscn(scn));
	return NULL;
}

/* Is there a pointer at this offset of the section? */
static int find_pointer(Elf_Data *relocations, uint64_t offset, GElf_Rela *rela)
{
	for (int i = 0; gelf_getrela(relocations, i, rela); i++)
		if (rela->r_offset == offset && GELF_R_TYPE(rela->r_info) == R_X86_64_64)
			return 1;
	return 0;
}

/* Does a struct pci_driver stand there? Its name has to be in its place. */
static const char *find_name(struct module *m, Elf_Data *relocations, const struct place *place,
	const struct audit_layout **layout)
{
	for (size_t i = 0; i < m->layout_count; i++) {
		GElf_Rela rela;
		struct place text;
		const char *name = NULL;

		*layout = &m->layouts[i];
		if (find_pointer(relocations, place->offset + (*layout)->name, &rela) &&
			target_of(m, &rela, 0, &text) == 0)
			name = string_at(m, &text);
		if (name)
			return name;
	}
	return NULL;
}

/* "mov $place,%reg" or "lea place(%rip),%reg", the address being at the relocation. */
static int is_load(Elf_Data *code, const GElf_Rela *rela, const struct registrar *registrar)
{
	const unsigned char *bytes = code->d_buf;
	uint64_t at = rela->r_offset;

	if (at < 3 || at >= code->d_size || bytes[at - 3] != 0x48) /* REX.W */
		return 0;
	if (GELF_R_TYPE(rela->r_info) == R_X86_64_32S)
		return bytes[at - 2] == 0xc7 && bytes[at - 1] == registrar->mov;
	return GELF_R_TYPE(rela->r_info) == R_X86_64_PC32 && bytes[at - 2] == 0x8d &&
	       bytes[at - 1] == registrar->lea;
}

/* One call of a registrar. */
struct call {
	const struct registrar *registrar;
	size_t section;
	uint64_t offset, function; /* of the call, and where the function around it begins */
};

/* The function around the call; -ENOENT if that is itself one of the registrars. */
static int find_function(struct module *m, struct call *call)
{
	GElf_Sym s;

	call->function = 0;
	for (size_t i = 0; i < m->symbol_count && gelf_getsym(m->symbols, (int)i, &s); i++) {
		const char *name;

		if (GELF_ST_TYPE(s.st_info) != STT_FUNC || s.st_shndx != call->section ||
			call->offset < s.st_value || call->offset - s.st_value >= s.st_size)
			continue;
		call->function = s.st_value;
		name = elf_strptr(m->elf, m->strings, s.st_name);
		for (size_t k = 0; name && k < sizeof(registrars) / sizeof(*registrars); k++)
			if (!strcmp(name, registrars[k].symbol))
				return -ENOENT;
	}
	return 0;
}

/* The last load before the call that loads the address of a struct pci_driver: printk() has loads
 * of the same register, and what it loads is none. */
static int find_struct(
	struct module *m, const struct call *call, Elf_Data *relocations, struct place *found)
{
	Elf_Data *code = section_data(m, call->section);
	uint64_t best = 0;
	GElf_Rela rela;

	for (int i = 0; code && gelf_getrela(relocations, i, &rela); i++) {
		unsigned int pc = GELF_R_TYPE(rela.r_info) == R_X86_64_PC32 ? 4 : 0;
		const struct audit_layout *layout;
		struct place place;
		Elf_Data *pointers;

		if (rela.r_offset < call->function || rela.r_offset >= call->offset ||
			rela.r_offset < best || !is_load(code, &rela, call->registrar) ||
			target_of(m, &rela, pc, &place) < 0)
			continue;
		pointers = m->tries++ < TRIES_MAX ? relocations_of(m, place.section) : NULL;
		if (!pointers || !find_name(m, pointers, &place, &layout))
			continue;
		best = rela.r_offset;
		*found = place;
	}
	return best ? 0 : -ENOENT;
}

static int is_known(struct module *m, const struct place *place)
{
	for (size_t i = 0; i < m->found_count; i++)
		if (m->found[i].section == place->section && m->found[i].offset == place->offset)
			return 1;
	m->found[m->found_count++] = *place;
	return 0;
}

static int read_struct(struct module *m, const struct registrar *registrar, struct place place)
{
	Elf_Data *pointers = relocations_of(m, place.section);
	const struct audit_layout *layout;
	const char *name = find_name(m, pointers, &place, &layout);
	GElf_Rela rela;
	int remove = registrar->kind == SETS_REMOVE ||
		     find_pointer(pointers, place.offset + layout->remove, &rela);
	int shutdown = find_pointer(pointers, place.offset + layout->shutdown, &rela);

	return append(
		m, name, remove ? AUDIT_YES : AUDIT_NO, shutdown ? AUDIT_YES : AUDIT_NO, NULL);
}

static int read_call(struct module *m, struct call *call, Elf_Data *relocations)
{
	struct place place;

	if (find_function(m, call) < 0)
		return 0; /* a registrar's callers are the ones to look at */
	if (call->registrar->kind == FILLS_STRUCT)
		return append_unknown(m, "its driver is filled in when it is registered");
	if (find_struct(m, call, relocations, &place) < 0)
		return append_unknown(m, "which driver it registers is decided when it runs");
	return is_known(m, &place) ? 0 : read_struct(m, call->registrar, place);
}

static const struct registrar *registrar_of(const struct module *m, size_t symbol)
{
	for (size_t i = 0; i < m->used_count; i++)
		if (m->used[i].symbol == symbol)
			return m->used[i].registrar;
	return NULL;
}

/* All calls from one section of code. */
static int read_code(struct module *m, size_t section, Elf_Data *relocations)
{
	GElf_Rela rela;
	int rc = 0;

	for (int i = 0; rc == 0 && gelf_getrela(relocations, i, &rela); i++) {
		struct call call = {.registrar = registrar_of(m, GELF_R_SYM(rela.r_info)),
			.section = section,
			.offset = rela.r_offset};

		if (!call.registrar)
			continue;
		if (m->calls++ == CALLS_MAX)
			return append_unknown(m, "it registers more drivers than any module does");
		if (m->calls <= CALLS_MAX)
			rc = read_call(m, &call, relocations);
	}
	return rc;
}

static int read_all_code(struct module *m)
{
	Elf_Scn *scn = NULL, *code;
	GElf_Shdr header, of;
	int rc = 0;

	while (rc == 0 && (scn = elf_nextscn(m->elf, scn))) {
		Elf_Data *relocations;

		if (!gelf_getshdr(scn, &header) || header.sh_type != SHT_RELA)
			continue;
		code = elf_getscn(m->elf, header.sh_info);
		if (!code || !gelf_getshdr(code, &of) || !(of.sh_flags & SHF_EXECINSTR))
			continue;
		relocations = section_data(m, elf_ndxscn(scn));
		if (relocations)
			rc = read_code(m, header.sh_info, relocations);
	}
	return rc;
}

/* The version of the kernel that the module is for: "vermagic=6.1.0-56-amd64 SMP ..." in .modinfo,
 * strings one behind the other (include/linux/moduleparam.h, __MODULE_INFO). */
static int find_version(struct module *m, char version[VERSION_MAX])
{
	static const char key[] = "vermagic=";
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	while ((scn = elf_nextscn(m->elf, scn))) {
		Elf_Data *data;
		const char *text, *end;

		if (!gelf_getshdr(scn, &header) || strcmp(section_name(m, &header), ".modinfo"))
			continue;
		data = section_data(m, elf_ndxscn(scn));
		text = data ? memmem(data->d_buf, data->d_size, key, sizeof(key) - 1) : NULL;
		if (!text)
			continue;
		text += sizeof(key) - 1;
		end = (const char *)data->d_buf + data->d_size;
		snprintf(version, VERSION_MAX, "%.*s", (int)strnlen(text, (size_t)(end - text)),
			text);
		version[strcspn(version, " ")] = '\0';
		return 0;
	}
	return -ENOENT;
}

static void find_layouts(struct module *m, const struct audit_kernel *kernel)
{
	char version[VERSION_MAX];

	if (find_version(m, version) < 0)
		return;
	if (!kernel || !kernel->version || strcmp(version, kernel->version)) {
		m->layout_count = audit_layouts_of(version, m->layouts);
		return;
	}
	m->layouts[0] = kernel->layout;
	m->layout_count = 1;
}

/* The table of symbols, and which of them are registrars. */
static void find_registrars(struct module *m)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;
	GElf_Sym symbol;

	while ((scn = elf_nextscn(m->elf, scn)))
		if (gelf_getshdr(scn, &header) && header.sh_type == SHT_SYMTAB)
			break;
	m->symbols = scn ? section_data(m, elf_ndxscn(scn)) : NULL;
	if (!m->symbols)
		return;
	m->strings = header.sh_link;
	for (; gelf_getsym(m->symbols, (int)m->symbol_count, &symbol); m->symbol_count++) {
		const char *name = elf_strptr(m->elf, m->strings, symbol.st_name);

		for (size_t k = 0; name && k < sizeof(registrars) / sizeof(*registrars); k++)
			if (m->used_count < REGISTRARS_MAX && !strcmp(name, registrars[k].symbol)) {
				m->used[m->used_count].symbol = m->symbol_count;
				m->used[m->used_count++].registrar = &registrars[k];
			}
	}
}

static int read_module(struct module *m, const struct audit_kernel *kernel)
{
	GElf_Ehdr header;

	if (elf_kind(m->elf) != ELF_K_ELF || !gelf_getehdr(m->elf, &header) ||
		header.e_type != ET_REL)
		return append_unknown(m, "it is no module: damaged, or not ELF");
	find_registrars(m);
	if (!m->symbols)
		return append_unknown(m, "it has no symbols: damaged");
	if (!m->used_count)
		return 0;
	if (header.e_machine != EM_X86_64 || header.e_ident[EI_CLASS] != ELFCLASS64)
		return append_unknown(m, "it is not for x86-64: its code is not understood");
	find_layouts(m, kernel);
	if (!m->layout_count)
		return append_unknown(m, "it names no kernel whose struct pci_driver is known");
	return read_all_code(m);
}

int audit_elf(const void *bytes, size_t size, const char *name, const struct audit_kernel *kernel,
	struct audit_list *list)
{
	struct module m = {.name = name, .list = list};
	int rc;

	elf_version(EV_CURRENT);
	/* Opened for reading: libelf writes nothing to it. */
	m.elf = size ? elf_memory((char *)bytes, size) : NULL;
	if (!m.elf)
		return append_unknown(&m, "it is no module: damaged, or not ELF");
	rc = read_module(&m, kernel);
	elf_end(m.elf);
	return rc;
}
