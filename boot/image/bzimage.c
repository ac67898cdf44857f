// SPDX-License-Identifier: GPL-2.0-or-later
/* Field names and offsets: Documentation/arch/x86/boot.rst, "The Linux/x86 Boot Protocol". */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "boot/image/parts.h"

enum {
	SETUP_SECTS = 0x1f1,
	SYSSIZE = 0x1f4,
	HEADER = 0x202,
	VERSION = 0x206,
	KERNEL_VERSION = 0x20e,
	XLOADFLAGS = 0x236,
	CMDLINE_SIZE = 0x238,
	INIT_SIZE = 0x260,
	HEADER_END = 0x268,
};

#define SECTOR 512
#define PARAGRAPH 16          /* the unit of syssize */
#define DEFAULT_SETUP_SECTS 4 /* what 0 stands for */
#define PROTOCOL_2_12 0x020c  /* xloadflags; the oldest that kexec-bzimage64.c takes */
#define XLF_KERNEL_64 1
/* arch/x86/kernel/kexec-bzimage64.c, MAX_ELFCOREHDR_STR_LEN: room it keeps for itself. */
#define KEXEC_CMDLINE_RESERVE 30

static void copy_version(const uint8_t *bytes, size_t len, struct image *image)
{
	size_t at = image_get16(bytes + KERNEL_VERSION) + (size_t)0x200;
	size_t n = 0;

	if (at == 0x200)
		return;
	for (; at < len && n < sizeof(image->version) - 1 && bytes[at] > ' ' && bytes[at] < 0x7f;
		at++)
		image->version[n++] = (char)bytes[at];
	image->version[n] = '\0';
}

static uint64_t size_of(const uint8_t *bytes)
{
	size_t sectors = bytes[SETUP_SECTS] ? bytes[SETUP_SECTS] : DEFAULT_SETUP_SECTS;

	return (sectors + 1) * SECTOR + (uint64_t)image_get32(bytes + SYSSIZE) * PARAGRAPH;
}

/* The size counts whole paragraphs: of the last one there may be a part only (Memtest86+). */
static bool is_all_there(const uint8_t *bytes, uint64_t len)
{
	uint64_t size = size_of(bytes);

	return len >= size || size - len < PARAGRAPH;
}

/* One that the kernel takes: 64 bits, boot protocol 2.12 or later. */
static void check_protocol(const uint8_t *head, struct image *image)
{
	unsigned int version = image_get16(head + VERSION);

	image->kind = IMAGE_OTHER;
	if (version < PROTOCOL_2_12)
		image_reason(image, "it is too old for kexec: boot protocol %u.%u, before 2.12",
			version >> 8, version & 0xff);
	else if (!(image_get16(head + XLOADFLAGS) & XLF_KERNEL_64))
		image_reason(image, "it is a 32-bit kernel");
	else
		image->kind = IMAGE_BZIMAGE;
}

bool bzimage_look(
	const uint8_t *head, size_t len, uint64_t size, const char *machine, struct image *image)
{
	if (len < HEADER_END || memcmp(head + HEADER, "HdrS", 4))
		return false;
	image->format = "bzImage";
	image->kind = IMAGE_OTHER;
	/* A 32-bit kernel has the same header. */
	if (strcmp(machine, "x86_64"))
		image_check_machine(image, "x86_64", machine);
	else
		check_protocol(head, image);
	copy_version(head, len, image);
	image->start_size = image_get32(head + INIT_SIZE);
	if (image_get32(head + CMDLINE_SIZE) > KEXEC_CMDLINE_RESERVE + 1)
		image->cmdline_max = image_get32(head + CMDLINE_SIZE) - KEXEC_CMDLINE_RESERVE - 1;
	if (!is_all_there(head, size))
		image_reason(image,
			"it is truncated: %llu bytes long where its header says at least %llu",
			(unsigned long long)size, (unsigned long long)size_of(head));
	return true;
}

/* Linux 6.15 stopped writing the checksum ("x86/boot: Drop CRC-32 checksum and the build tool that
 * generates it"). */
static bool has_checksum(const struct image *image)
{
	unsigned int major, minor;

	return sscanf(image->version, "%u.%u", &major, &minor) == 2 &&
	       (major < 6 || (major == 6 && minor < 15));
}

/*
 * Where the two fields are that signing an image changes: the PE header's CheckSum and the
 * certificate table's directory entry (PE Format, "Optional Header"). They were zero when the
 * checksum of the image was made. False if this is not a PE image.
 */
static bool signed_fields(const uint8_t *bytes, size_t len, size_t *checksum, size_t *certificates)
{
	size_t pe = image_get32(bytes + 0x3c);

	if (image_get16(bytes) != 0x5a4d || pe > len - 4 || len - pe < 24 + 152 ||
		memcmp(bytes + pe, "PE\0\0", 4) || image_get16(bytes + pe + 24) != 0x20b)
		return false;
	*checksum = pe + 24 + 64;
	*certificates = pe + 24 + 144;
	return true;
}

bool bzimage_is_intact(const uint8_t *bytes, size_t len, const struct image *image)
{
	static const uint8_t zeros[8];
	size_t size = (size_t)size_of(bytes), checksum, certificates;
	uLong crc = crc32_z(0, NULL, 0);

	if (!has_checksum(image))
		return is_all_there(bytes, len);
	if (size > len)
		return false;
	if (!signed_fields(bytes, size, &checksum, &certificates)) {
		crc = crc32_z(crc, bytes, size);
	} else {
		crc = crc32_z(crc, bytes, checksum);
		crc = crc32_z(crc, zeros, 4);
		crc = crc32_z(crc, bytes + checksum + 4, certificates - checksum - 4);
		crc = crc32_z(crc, zeros, 8);
		crc = crc32_z(crc, bytes + certificates + 8, size - certificates - 8);
	}
	/* The image ends in its own CRC, which makes that of the whole a constant. */
	return crc == 0xffffffff;
}
