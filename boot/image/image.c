// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/image/image.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/image/parts.h"
#include "boot/bls/pe.h"
#include "devices/cleanup.h"

#define DEFAULT_CMDLINE_MAX 2016

void image_reason(struct image *image, const char *format, ...)
{
	va_list ap;

	if (*image->reason)
		return;
	va_start(ap, format);
	vsnprintf(image->reason, sizeof(image->reason), format, ap);
	va_end(ap);
}

/* Families go by the beginning of the word: "arm" is "armv7l" too, "ppc64" is "ppc64le". */
void image_check_machine(struct image *image, const char *architecture, const char *machine)
{
	bool is_i386 = !strcmp(architecture, "i386");

	if (!strncmp(machine, architecture, strlen(architecture)) ||
		(is_i386 && !fnmatch("i?86", machine, 0)))
		return;
	if (is_i386 && !strcmp(machine, "x86_64"))
		image_reason(image, "it is a 32-bit kernel");
	else
		image_reason(image, "it is for the architecture %s", architecture);
}

/* What is known by a few bytes at a fixed place. */
struct magic {
	size_t offset, len;
	const char *bytes, *format;
	const char *architecture; /* of a kernel, in uname(2)'s words; NULL if it is none */
	enum packing packing;
	const char *reason;
};

#define CANNOT_UNPACK(format) "it is compressed with " format ", which stillboot cannot unpack"

/* Documentation/arch/arm64/booting.rst, Documentation/arch/riscv/boot-image-header.rst,
 * arch/arm/boot/compressed/head.S; Documentation/arch/x86/boot.rst names the compressions; U-Boot's
 * image.h; the Devicetree Specification, "Header". */
static const struct magic magics[] = {
	{56, 4, "ARM\x64", "arm64 Image", "aarch64", PACKING_NONE, NULL},
	{48, 5, "RISCV", "RISC-V Image", "riscv64", PACKING_NONE, NULL},
	{36, 4, "\x18\x28\x6f\x01", "ARM zImage", "arm", PACKING_NONE, NULL},
	{0, 3, "\x1f\x8b\x08", "gzip", NULL, PACKING_GZIP, NULL},
	{0, 6,
		"\xfd"
		"7zXZ\0",
		"xz", NULL, PACKING_XZ, NULL},
	{0, 4, "\x28\xb5\x2f\xfd", "zstd", NULL, PACKING_ZSTD, NULL},
	{0, 3, "BZh", "bzip2", NULL, PACKING_NONE, CANNOT_UNPACK("bzip2")},
	{0, 4, "\x02\x21\x4c\x18", "lz4", NULL, PACKING_NONE, CANNOT_UNPACK("lz4")},
	{0, 4, "\x04\x22\x4d\x18", "lz4", NULL, PACKING_NONE, CANNOT_UNPACK("lz4")},
	{0, 4, "\x89LZO", "lzo", NULL, PACKING_NONE, CANNOT_UNPACK("lzo")},
	{0, 3, "\x5d\0\0", "lzma", NULL, PACKING_NONE, CANNOT_UNPACK("lzma")},
	{0, 4, "\x27\x05\x19\x56", "uImage", NULL, PACKING_NONE, "it is an image for U-Boot"},
	{0, 4, "\xd0\x0d\xfe\xed", "FIT", NULL, PACKING_NONE,
		"it is a device tree, or an image for U-Boot in one"},
};

static bool magic_look(const uint8_t *head, size_t len, const char *machine, struct image *image)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++) {
		const struct magic *m = &magics[i];

		if (len < m->offset + m->len || memcmp(head + m->offset, m->bytes, m->len))
			continue;
		image->format = m->format;
		image->packing = m->packing;
		image->kind = m->packing ? IMAGE_PACKED : IMAGE_OTHER;
		if (m->architecture)
			image_check_machine(image, m->architecture, machine);
		if (m->reason)
			image_reason(image, "%s", m->reason);
		if (m->architecture && !*image->reason)
			image->kind = IMAGE_KERNEL;
		return true;
	}
	return false;
}

/* drivers/firmware/efi/libstub/zboot-header.S. The names are those of the kernel's build. */
static bool zboot_look(const uint8_t *head, size_t len, struct image *image)
{
	static const struct {
		const char *name;
		enum packing packing;
	} packings[] = {{"gzip", PACKING_GZIP}, {"xzkern", PACKING_XZ}, {"xz", PACKING_XZ},
		{"zstd22", PACKING_ZSTD}, {"zstd", PACKING_ZSTD}};
	char name[24] = "";

	if (len < 64 || memcmp(head, "MZ\0\0zimg", 8))
		return false;
	image->format = "EFI zboot";
	image->kind = IMAGE_PACKED;
	image->packed_offset = image_get32(head + 8);
	image->packed_size = image_get32(head + 12);
	for (size_t i = 0; i < sizeof(name) - 1 && head[24 + i] > ' ' && head[24 + i] < 0x7f; i++)
		name[i] = (char)head[24 + i];
	for (size_t i = 0; i < sizeof(packings) / sizeof(*packings); i++)
		if (!strcmp(packings[i].name, name))
			image->packing = packings[i].packing;
	if (image->packing == PACKING_NONE)
		image_reason(image, CANNOT_UNPACK("%s"), name);
	return true;
}

/* Any other EFI program: a kernel within one is not found by its header. */
static bool pe_look(
	const uint8_t *head, size_t len, uint64_t size, const char *machine, struct image *image)
{
	struct pe pe;
	struct err err;

	if (!pe_is(head, len))
		return false;
	if (!image->format)
		image->format = "EFI";
	if (image->kind == IMAGE_UNKNOWN)
		image->kind = IMAGE_OTHER;
	if (pe_parse(head, len, size, &pe, &err) < 0)
		image_reason(image, "%s", err.text);
	else if (pe_machine(&pe))
		image_check_machine(image, pe_machine(&pe), machine);
	for (size_t i = 0; !*image->reason && i < pe.count; i++)
		if (!strcmp(pe.sections[i].name, ".linux")) {
			image->kind = IMAGE_UNIFIED;
			image->format = "UKI";
			return true;
		}
	if (image->kind != IMAGE_PACKED)
		image_reason(image, "it is an EFI program, not a Linux kernel");
	return true;
}

#define MULTIBOOT_SEARCH 8192   /* Multiboot Specification, 3.1 */
#define MULTIBOOT2_SEARCH 32768 /* Multiboot2 Specification, 3.1 */
#define MULTIBOOT_MAGIC 0x1badb002
#define MULTIBOOT2_MAGIC 0xe85250d6

static bool has_multiboot(const uint8_t *head, size_t len, uint32_t magic, size_t header)
{
	for (size_t at = 0; at + header <= len; at += 4) {
		uint32_t sum = 0;

		if (image_get32(head + at) != magic)
			continue;
		for (size_t word = 0; word < header; word += 4)
			sum += image_get32(head + at + word);
		if (!sum)
			return true;
	}
	return false;
}

static bool multiboot_look(const uint8_t *head, size_t len, struct image *image)
{
	size_t early = len < MULTIBOOT_SEARCH ? len : MULTIBOOT_SEARCH;
	size_t late = len < MULTIBOOT2_SEARCH ? len : MULTIBOOT2_SEARCH;

	if (!has_multiboot(head, early, MULTIBOOT_MAGIC, 12) &&
		!has_multiboot(head, late, MULTIBOOT2_MAGIC, 16))
		return false;
	image->format = "Multiboot";
	image->kind = IMAGE_OTHER;
	image->reason[0] = '\0';
	image_reason(image, "it is a Multiboot program, not a Linux kernel");
	return true;
}

/* The layer that one sees, without unpacking anything. */
static void look_outside(
	const uint8_t *head, size_t len, uint64_t size, const char *machine, struct image *image)
{
	*image = (struct image){.kind = IMAGE_UNKNOWN, .cmdline_max = DEFAULT_CMDLINE_MAX};
	if (!size) {
		image_reason(image, "the file is empty");
		return;
	}
	if (bzimage_look(head, len, size, machine, image) || magic_look(head, len, machine, image))
		return;
	if (zboot_look(head, len, image) || pe_is(head, len)) {
		pe_look(head, len, size, machine, image);
		return;
	}
	elf_look(head, len, machine, image);
	/* Xen is an ELF file too. */
	if (image->kind != IMAGE_KERNEL && multiboot_look(head, len, image))
		return;
	if (image->kind == IMAGE_UNKNOWN)
		image_reason(image, "it is no kernel that stillboot knows");
}

#define INSIDE 32768 /* bytes of what is packed; see MULTIBOOT2_SEARCH */

/* What comes out of the packed data counts, but the format is the one that a user sees. */
static void look_inside(const uint8_t *head, size_t len, uint64_t size, const char *machine,
	unsigned int layer, struct image *image)
{
	_cleanup_talloc_ uint8_t *inside = talloc_array(NULL, uint8_t, INSIDE);
	size_t offset = image->packed_offset;
	struct image inner;
	struct err err;
	long n;

	if (!inside || offset >= len)
		return; /* it will show when it is pinned */
	n = unpack_head(image->packing, head + offset, len - offset, inside, INSIDE, &err);
	if (n < 0) {
		image_reason(image, "%s", err.text);
		return;
	}
	if (!n && len < size)
		return;
	look_outside(inside, (size_t)n, UINT64_MAX, machine, &inner);
	if (inner.kind == IMAGE_PACKED && !*inner.reason && layer < IMAGE_LAYERS_MAX)
		look_inside(inside, (size_t)n, UINT64_MAX, machine, layer + 1, &inner);
	if (inner.kind == IMAGE_UNIFIED)
		image_reason(image, "it is a unified kernel image in %s data", image->format);
	if (*inner.reason)
		image_reason(image, "%s", inner.reason);
	image->cmdline_max = inner.cmdline_max;
	memcpy(image->version, inner.version, sizeof(image->version));
}

void image_look(
	const uint8_t *head, size_t len, uint64_t size, const char *machine, struct image *image)
{
	look_outside(head, len, size, machine, image);
	if (image->kind == IMAGE_PACKED && !*image->reason)
		look_inside(head, len, size, machine, 1, image);
}

int image_examine(
	const uint8_t *bytes, size_t len, const char *machine, struct image *image, struct err *err)
{
	struct image i;

	look_outside(bytes, len, len, machine, &i);
	if (i.kind == IMAGE_BZIMAGE && *i.reason)
		return err_set(err, -EBADMSG, "%s", i.reason);
	if (i.kind == IMAGE_BZIMAGE && !bzimage_is_intact(bytes, len, &i))
		return err_set(err, -EBADMSG, "it is damaged: its checksum does not match");
	/* An old or 32-bit bzImage is for kexec-tools if somebody insists. */
	if (*i.reason && i.kind != IMAGE_UNKNOWN && (!i.format || strcmp(i.format, "bzImage")))
		return err_set(err, -ENOEXEC, "%s", i.reason);
	if (i.kind == IMAGE_UNIFIED)
		return err_set(err, -ENOEXEC,
			"it is a unified kernel image: boot it by its entry (`stillboot list`)");
	*image = i;
	return 0;
}
