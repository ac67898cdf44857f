// SPDX-License-Identifier: GPL-2.0-or-later
/* What a label starts: doc/syslinux.txt, "LABEL" and "FILENAME EXTENSIONS AND BOOTING OTHER
 * OPERATING SYSTEMS"; the programs are those of com32/menu and com32/modules. */
#include "boot/syslinux/syslinux.h"

#include <string.h>
#include <strings.h>

enum {
	KIND_KERNEL,
	KIND_LINUX,
	KIND_CONFIG,
	KIND_BOOT,
	KIND_BSS,
	KIND_PXE,
	KIND_FDIMAGE,
	KIND_COMBOOT,
	KIND_COM32,
};

const struct syslinux_kind syslinux_kinds[] = {
	[KIND_KERNEL] = {"kernel", SYSLINUX_GOES_BY_NAME, NULL},
	[KIND_LINUX] = {"linux", SYSLINUX_BOOTS_LINUX, NULL},
	[KIND_CONFIG] = {"config", SYSLINUX_READS_CONFIG, NULL},
	[KIND_BOOT] = {"boot", SYSLINUX_BOOTS_OTHER, "it is a boot sector, not a Linux kernel"},
	[KIND_BSS] = {"bss", SYSLINUX_BOOTS_OTHER, "it is a boot sector, not a Linux kernel"},
	[KIND_PXE] = {"pxe", SYSLINUX_BOOTS_OTHER,
		"it is a network boot program, not a Linux kernel"},
	[KIND_FDIMAGE] = {"fdimage", SYSLINUX_BOOTS_OTHER,
		"it is a floppy disk, not a Linux kernel"},
	[KIND_COMBOOT] = {"comboot", SYSLINUX_BOOTS_OTHER,
		"it is a program for SYSLINUX, not a Linux kernel"},
	[KIND_COM32] = {"com32", SYSLINUX_BOOTS_OTHER,
		"it is a program for SYSLINUX, not a Linux kernel"},
	{"localboot", SYSLINUX_BOOTS_OTHER, "the firmware is to boot another disk"},
	{NULL, SYSLINUX_BOOTS_OTHER, NULL},
};

const struct syslinux_kind *const syslinux_linux = &syslinux_kinds[KIND_LINUX];

static const struct {
	const char *suffix;
	int kind;
} suffixes[] = {
	{".0", KIND_PXE},
	{".bin", KIND_BOOT},
	{".bs", KIND_BOOT},
	{".bss", KIND_BSS},
	{".c32", KIND_COM32},
	{".cbt", KIND_COMBOOT},
	{".com", KIND_COMBOOT},
	{".img", KIND_FDIMAGE},
};

/* MEMDISK and iPXE have the header of a Linux kernel, but go on in the BIOS. */
static const struct syslinux_kind memdisk = {
	"memdisk", SYSLINUX_BOOTS_OTHER, "MEMDISK needs the BIOS"};
static const struct syslinux_kind ipxe = {
	".lkrn", SYSLINUX_BOOTS_OTHER, "it is a network boot program, not a Linux kernel"};

static const struct syslinux_kind programs[] = {
	{"menu", SYSLINUX_READS_MENU, NULL},
	{"vesamenu", SYSLINUX_READS_MENU, NULL},
	{"config", SYSLINUX_READS_CONFIG, NULL},
	{"linux", SYSLINUX_BOOTS_LINUX, NULL},
	{"whichsys", SYSLINUX_CHOOSES, NULL},
	{"ifcpu64", SYSLINUX_CHOOSES, NULL},
	{"chain", SYSLINUX_BOOTS_OTHER, "it starts another boot loader (chain.c32)"},
	{"mboot", SYSLINUX_BOOTS_OTHER, "it is a Multiboot kernel (mboot.c32)"},
	{"reboot", SYSLINUX_BOOTS_OTHER, "it restarts the machine (reboot.c32)"},
	{"poweroff", SYSLINUX_BOOTS_OTHER, "it switches the machine off (poweroff.c32)"},
};

static struct syslinux_text base_name(struct syslinux_text file)
{
	for (size_t i = file.len; i > 0; i--)
		if (file.text[i - 1] == '/' || file.text[i - 1] == '\\' || file.text[i - 1] == ':')
			return (struct syslinux_text){file.text + i, file.len - i};
	return file;
}

const struct syslinux_kind *syslinux_kind_of(struct syslinux_text file)
{
	struct syslinux_text name = base_name(file);

	if (syslinux_is(name, memdisk.keyword))
		return &memdisk;
	if (syslinux_ends_in(name, ipxe.keyword))
		return &ipxe;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (syslinux_ends_in(name, suffixes[i].suffix))
			return suffixes[i].kind == KIND_COM32 ? syslinux_program(file)
							      : &syslinux_kinds[suffixes[i].kind];
	return &syslinux_kinds[KIND_LINUX];
}

/* "COM32 menu" means menu.c32 (com32/elflink/ldlinux/execute.c, apply_extension). */
const struct syslinux_kind *syslinux_program(struct syslinux_text file)
{
	struct syslinux_text name = base_name(file);

	if (syslinux_ends_in(name, ".c32"))
		name.len -= strlen(".c32");
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (name.len == strlen(programs[i].keyword) &&
			!strncasecmp(name.text, programs[i].keyword, name.len))
			return &programs[i];
	return &syslinux_kinds[KIND_COM32];
}

/* whichsys.c32 -iso- LABEL -pxe- LABEL -sys- LABEL: by the kind of SYSLINUX that runs; here by what
 * the configuration lies on, or else the first that is not for the network. */
static struct syslinux_text chosen_by_system(
	const struct syslinux *p, struct syslinux_text arguments)
{
	const char *type = p->reading->volume->type;
	bool is_iso = type && !strcmp(type, "iso9660");
	const char *wanted = p->config->is_pxe ? "-pxe-" : is_iso ? "-iso-" : "-sys-";
	struct syslinux_text word, label, second = {0};

	while ((word = syslinux_take_word(&arguments)).len) {
		if (*word.text != '-')
			continue;
		label = syslinux_take_word(&arguments);
		if (syslinux_is(word, wanted))
			return label;
		if (!second.len && !syslinux_is(word, "-pxe-"))
			second = label;
	}
	return second;
}

/* ifcpu64.c32 LABEL [-- LABEL] -- LABEL: the first is for processors of 64 bits. */
struct syslinux_text syslinux_chosen(
	const struct syslinux *p, struct syslinux_text program, struct syslinux_text arguments)
{
	if (!strcmp(syslinux_program(program)->keyword, "whichsys"))
		return chosen_by_system(p, arguments);
	return syslinux_take_word(&arguments);
}
