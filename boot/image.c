// SPDX-License-Identifier: GPL-2.0-or-later
/* Field names and offsets: Documentation/arch/x86/boot.rst, "The Linux/x86 Boot Protocol". */
#include "boot/image.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum {
	SETUP_SECTS = 0x1f1,
	SYSSIZE = 0x1f4,
	HEADER = 0x202,
	VERSION = 0x206,
	KERNEL_VERSION = 0x20e,
	XLOADFLAGS = 0x236,
	CMDLINE_SIZE = 0x238,
	HEADER_END = 0x268,
};

#define SECTOR 512
#define PARAGRAPH 16          /* the unit of syssize */
#define DEFAULT_SETUP_SECTS 4 /* what 0 stands for */
#define PROTOCOL_2_12 0x020c  /* xloadflags; the oldest that kexec-bzimage64.c takes */
#define XLF_KERNEL_64 1
/* arch/x86/kernel/kexec-bzimage64.c, MAX_ELFCOREHDR_STR_LEN: room it keeps for itself. */
#define KEXEC_CMDLINE_RESERVE 30

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

/* One that the kernel takes: 64 bits, boot protocol 2.12 or later. Others are for kexec-tools. */
static int is_bzimage(const uint8_t *bytes, size_t len)
{
	return len >= HEADER_END && !memcmp(bytes + HEADER, "HdrS", 4) &&
	       get16(bytes + VERSION) >= PROTOCOL_2_12 &&
	       (get16(bytes + XLOADFLAGS) & XLF_KERNEL_64);
}

static void copy_version(const uint8_t *bytes, size_t len, struct image *image)
{
	size_t at = get16(bytes + KERNEL_VERSION) + (size_t)0x200;
	size_t n = 0;

	if (at == 0x200)
		return;
	for (; at < len && n < sizeof(image->version) - 1 && bytes[at] > ' ' && bytes[at] < 0x7f;
		at++)
		image->version[n++] = (char)bytes[at];
	image->version[n] = '\0';
}

/* Linux 6.15 stopped writing the checksum ("x86/boot: Drop CRC-32 checksum and the build tool that
 * generates it"). */
static int has_checksum(const struct image *image)
{
	unsigned int major, minor;

	return sscanf(image->version, "%u.%u", &major, &minor) == 2 &&
	       (major < 6 || (major == 6 && minor < 15));
}

/*
 * Where the two fields are that signing an image changes: the PE header's CheckSum and the
 * certificate table's directory entry (PE Format, "Optional Header"). They were zero when the
 * checksum of the image was made. 0 if this is not a PE image.
 */
static int signed_fields(const uint8_t *bytes, size_t len, size_t *checksum, size_t *certificates)
{
	size_t pe = get32(bytes + 0x3c);

	if (get16(bytes) != 0x5a4d || pe > len - 4 || len - pe < 24 + 152 ||
		memcmp(bytes + pe, "PE\0\0", 4) || get16(bytes + pe + 24) != 0x20b)
		return 0;
	*checksum = pe + 24 + 64;
	*certificates = pe + 24 + 144;
	return 1;
}

static int checksum_is_right(const uint8_t *bytes, size_t size)
{
	static const uint8_t zeros[8];
	size_t checksum, certificates;
	uLong crc = crc32_z(0, NULL, 0);

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

int image_examine(const uint8_t *bytes, size_t len, struct image *image, struct err *err)
{
	struct image i = {.format = NULL, .cmdline_max = 2016};
	size_t sectors, size;

	if (!is_bzimage(bytes, len)) {
		if (len >= 4 && !memcmp(bytes, "\177ELF", 4))
			i.format = "ELF";
		*image = i;
		return 0;
	}
	i.format = "bzImage";
	copy_version(bytes, len, &i);
	if (get32(bytes + CMDLINE_SIZE) > KEXEC_CMDLINE_RESERVE + 1)
		i.cmdline_max = get32(bytes + CMDLINE_SIZE) - KEXEC_CMDLINE_RESERVE - 1;
	sectors = bytes[SETUP_SECTS] ? bytes[SETUP_SECTS] : DEFAULT_SETUP_SECTS;
	size = (sectors + 1) * SECTOR + (size_t)get32(bytes + SYSSIZE) * PARAGRAPH;
	if (size > len)
		return err_set(err, -EBADMSG,
			"it is truncated: %zu bytes long where its header says at least %zu", len,
			size);
	if (has_checksum(&i) && !checksum_is_right(bytes, size))
		return err_set(err, -EBADMSG, "it is damaged: its checksum does not match");
	*image = i;
	return 0;
}
