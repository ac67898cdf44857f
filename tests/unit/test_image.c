// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "boot/image/image.h"
#include "tests/unit/made_pe.h"

#define SIZE (5 * 512 + 64 * 16)

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

/* End the image in its own CRC-32, least significant byte first: then that of the whole is all
 * ones, as the kernel's build made it. */
static void seal(uint8_t *image)
{
	uint32_t crc = ~(uint32_t)crc32(0, image, SIZE - 4);

	put16(image + SIZE - 4, crc & 0xffff);
	put16(image + SIZE - 2, crc >> 16);
}

/* A bzImage in small: setup of four sectors, 1 KiB behind it, a PE header. */
static void make(uint8_t *image, const char *version)
{
	for (size_t i = 0; i < SIZE; i++)
		image[i] = (uint8_t)(i * 7);
	memset(image, 0, 0x300);
	put16(image, 0x5a4d);
	put16(image + 0x3c, 0x80);
	memcpy(image + 0x80, "PE\0\0", 4);
	put16(image + 0x80 + 24, 0x20b);
	image[0x1f1] = 4;
	put16(image + 0x1f4, 64);
	memcpy(image + 0x202, "HdrS", 4);
	put16(image + 0x206, 0x020f);
	put16(image + 0x20e, 0x300 - 0x200);
	strcpy((char *)image + 0x300, version);
	put16(image + 0x236, 0x7f);
	put16(image + 0x238, 2047);
	seal(image);
}

static void test_good(void **state)
{
	uint8_t bytes[SIZE];
	struct image image;

	(void)state;
	make(bytes, "6.1.0-56-amd64 (debian)");
	assert_int_equal(image_examine(bytes, SIZE, "x86_64", &image, NULL), 0);
	assert_string_equal(image.format, "bzImage");
	assert_string_equal(image.version, "6.1.0-56-amd64");
	assert_int_equal(image.cmdline_max, 2016);
}

static void test_truncated(void **state)
{
	uint8_t bytes[SIZE];
	struct image image;
	struct err err;

	(void)state;
	make(bytes, "6.1.0");
	assert_int_equal(image_examine(bytes, SIZE - 16, "x86_64", &image, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "truncated"));
}

/* The header's size is rounded up to paragraphs, the file of Memtest86+ is not. */
static void test_part_of_last_paragraph(void **state)
{
	uint8_t bytes[SIZE];
	struct image image;

	(void)state;
	make(bytes, "Memtest86+");
	image_look(bytes, SIZE, SIZE - 8, "x86_64", &image);
	assert_int_equal(image.kind, IMAGE_BZIMAGE);
	assert_string_equal(image.reason, "");
	assert_int_equal(image_examine(bytes, SIZE - 8, "x86_64", &image, NULL), 0);
	make(bytes, "6.1.0");
	assert_int_equal(image_examine(bytes, SIZE - 8, "x86_64", &image, NULL), -EBADMSG);
}

static void test_any_damaged_byte_is_seen(void **state)
{
	uint8_t bytes[SIZE];
	struct image image;

	(void)state;
	make(bytes, "6.1.0");
	for (size_t i = 0x310; i < SIZE; i++) {
		bytes[i] ^= 0x10;
		assert_int_equal(image_examine(bytes, SIZE, "x86_64", &image, NULL), -EBADMSG);
		bytes[i] ^= 0x10;
	}
}

/* Signing fills in two fields and appends: no damage. */
static void test_signed(void **state)
{
	uint8_t bytes[SIZE + 100] = {0};
	struct image image;

	(void)state;
	make(bytes, "6.1.0");
	memset(bytes + 0x80 + 24 + 64, 0xaa, 4);
	memset(bytes + 0x80 + 24 + 144, 0xbb, 8);
	memset(bytes + SIZE, 0xcc, 100);
	assert_int_equal(image_examine(bytes, SIZE + 100, "x86_64", &image, NULL), 0);
}

static void test_no_checksum_since_6_15(void **state)
{
	uint8_t bytes[SIZE];
	struct image image;

	(void)state;
	make(bytes, "6.15.0");
	bytes[SIZE - 1] ^= 1;
	assert_int_equal(image_examine(bytes, SIZE, "x86_64", &image, NULL), 0);
	make(bytes, "6.14.9");
	bytes[SIZE - 1] ^= 1;
	assert_int_equal(image_examine(bytes, SIZE, "x86_64", &image, NULL), -EBADMSG);
}

static void test_others(void **state)
{
	uint8_t bytes[SIZE];
	struct image image;
	struct err err;

	(void)state;
	assert_int_equal(image_examine((const uint8_t *)"text", 4, "x86_64", &image, NULL), 0);
	assert_int_equal(image.kind, IMAGE_UNKNOWN);
	assert_null(image.format);
	/* kexec-tools take these. */
	make(bytes, "6.1.0");
	put16(bytes + 0x236, 0);
	assert_int_equal(image_examine(bytes, SIZE, "x86_64", &image, NULL), 0);
	assert_string_equal(image.reason, "it is a 32-bit kernel");
	make(bytes, "6.1.0");
	put16(bytes + 0x206, 0x020b);
	assert_int_equal(image_examine(bytes, SIZE, "x86_64", &image, NULL), 0);
	assert_string_equal(
		image.reason, "it is too old for kexec: boot protocol 2.11, before 2.12");
	/* Nobody takes these. */
	memset(bytes, 0, SIZE);
	memcpy(bytes + 56, "ARM\x64", 4);
	assert_int_equal(image_examine(bytes, SIZE, "x86_64", &image, &err), -ENOEXEC);
	assert_string_equal(err.text, "it is for the architecture aarch64");
	assert_int_equal(image_examine(bytes, SIZE, "aarch64", &image, &err), 0);
}

/* What is at the offset decides; the rest is zeros. */
static void test_kinds(void **state)
{
	static const struct {
		size_t offset;
		const char *bytes;
		size_t len;
		const char *format, *reason;
	} cases[] = {
		{0, "", 0, NULL, "it is no kernel that stillboot knows"},
		{0, "\177ELF\2\1", 6, "ELF", "it is an ELF file for an unknown architecture"},
		{0, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0", 20, "ELF", ""},
		{0, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\1\0\x3e\0", 20, "ELF",
			"it is an ELF file, but no program"},
		{0, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\x3e\0", 20, "ELF",
			"it is a program, not a kernel"},
		{0, "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0", 20, "ELF", "it is a 32-bit kernel"},
		{0, "\177ELF\2\2\1\0\0\0\0\0\0\0\0\0\0\2\0\x15", 20, "ELF",
			"it is for the architecture ppc64"},
		{0, "BZh9", 4, "bzip2",
			"it is compressed with bzip2, which stillboot cannot unpack"},
		{0, "\x02\x21\x4c\x18", 4, "lz4",
			"it is compressed with lz4, which stillboot cannot unpack"},
		{0, "\x04\x22\x4d\x18", 4, "lz4",
			"it is compressed with lz4, which stillboot cannot unpack"},
		{0, "\x89LZO\0\r\n\x1a\n", 9, "lzo",
			"it is compressed with lzo, which stillboot cannot unpack"},
		{0, "\x5d\0\0\x80", 4, "lzma",
			"it is compressed with lzma, which stillboot cannot unpack"},
		{0, "\x27\x05\x19\x56", 4, "uImage", "it is an image for U-Boot"},
		{0, "\xd0\x0d\xfe\xed", 4, "FIT",
			"it is a device tree, or an image for U-Boot in one"},
		{56, "ARM\x64", 4, "arm64 Image", "it is for the architecture aarch64"},
		{48, "RISCV", 5, "RISC-V Image", "it is for the architecture riscv64"},
		{36, "\x18\x28\x6f\x01", 4, "ARM zImage", "it is for the architecture arm"},
		{4096, "\x02\xb0\xad\x1b\3\0\0\0\xfb\x4f\x52\xe4", 12, "Multiboot",
			"it is a Multiboot program, not a Linux kernel"},
		{4096, "\x02\xb0\xad\x1b\3\0\0\0\xfb\x4f\x52\xe5", 12, NULL,
			"it is no kernel that stillboot knows"},
	};
	uint8_t bytes[8192];
	struct image image;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes + cases[i].offset, cases[i].bytes, cases[i].len);
		image_look(bytes, sizeof(bytes), sizeof(bytes), "x86_64", &image);
		if (strcmp(image.reason, cases[i].reason) || !image.format != !cases[i].format ||
			(image.format && strcmp(image.format, cases[i].format)))
			fail_msg("case %zu: %s, %s", i, image.format ? image.format : "unknown",
				image.reason);
	}
	image_look(bytes, 0, 0, "x86_64", &image);
	assert_string_equal(image.reason, "the file is empty");
}

static void test_efi_programs(void **state)
{
	struct made_pe pe;
	struct image image;

	(void)state;
	made_pe_begin(&pe, MADE_PE_X86_64);
	made_pe_text(&pe, ".text", "shell");
	image_look(pe.bytes, pe.len, pe.len, "x86_64", &image);
	assert_string_equal(image.reason, "it is an EFI program, not a Linux kernel");
	made_pe_text(&pe, ".linux", "kernel");
	image_look(pe.bytes, pe.len, pe.len, "x86_64", &image);
	assert_string_equal(image.reason, "");
	assert_int_equal(image.kind, IMAGE_UNIFIED);
	image_look(pe.bytes, pe.len, pe.len, "aarch64", &image);
	assert_string_equal(image.reason, "it is for the architecture x86_64");
	made_pe_begin(&pe, 0x6264);
	image_look(pe.bytes, pe.len, pe.len, "x86_64", &image);
	assert_string_equal(image.reason, "it is for the architecture loongarch64");
}

/* Packed by each method, as an EFI zboot image if an offset is given. */
static size_t pack(enum packing how, const uint8_t *bytes, size_t len, uint8_t *out, size_t size)
{
	z_stream z = {.next_in = (Bytef *)bytes,
		.avail_in = (uInt)len,
		.next_out = out,
		.avail_out = (uInt)size};
	size_t n = 0;

	if (how == PACKING_XZ) {
		assert_int_equal(lzma_easy_buffer_encode(
					 6, LZMA_CHECK_CRC32, NULL, bytes, len, out, &n, size),
			LZMA_OK);
		return n;
	}
	if (how == PACKING_ZSTD)
		return ZSTD_compress(out, size, bytes, len, 3);
	deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static size_t make_zboot(uint8_t *out, const char *method, const uint8_t *packed, size_t len)
{
	static struct made_pe pe;

	made_pe_begin(&pe, MADE_PE_X86_64);
	memcpy(pe.bytes + 4, "zimg", 4);
	made_pe_put32(pe.bytes + 8, (uint32_t)pe.len);
	made_pe_put32(pe.bytes + 12, (uint32_t)len);
	/* The header of the file is where the string is in real ones; here it is moved. */
	memmove(pe.bytes + 0x80, pe.bytes + MADE_PE_HEADER, 24);
	memset(pe.bytes + 24, 0, 36);
	strcpy((char *)pe.bytes + 24, method);
	made_pe_put32(pe.bytes + 0x3c, 0x80);
	memcpy(out, pe.bytes, pe.len);
	memcpy(out + pe.len, packed, len);
	return pe.len + len;
}

static void test_packed(void **state)
{
	static const struct {
		enum packing how;
		const char *format, *zboot;
	} cases[] = {{PACKING_GZIP, "gzip", "gzip"}, {PACKING_XZ, "xz", "xzkern"},
		{PACKING_ZSTD, "zstd", "zstd22"}};
	uint8_t bytes[SIZE], packed[2 * SIZE], zboot[4096 + 2 * SIZE];
	struct image image;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t len;

		make(bytes, "6.1.0-1");
		len = pack(cases[i].how, bytes, SIZE, packed, sizeof(packed));
		image_look(packed, len, len, "x86_64", &image);
		assert_string_equal(image.reason, "");
		assert_string_equal(image.format, cases[i].format);
		assert_int_equal(image.packing, cases[i].how);
		assert_string_equal(image.version, "6.1.0-1");
		/* A part of it is enough. */
		image_look(packed, len - 20, len, "x86_64", &image);
		assert_string_equal(image.reason, "");
		len = make_zboot(zboot, cases[i].zboot, packed, len);
		image_look(zboot, len, len, "x86_64", &image);
		assert_string_equal(image.reason, "");
		assert_string_equal(image.format, "EFI zboot");
		assert_int_equal(image.packing, cases[i].how);
		assert_int_equal(image.packed_offset, 4096);
		assert_string_equal(image.version, "6.1.0-1");
		put16(bytes + 0x236, 0);
		len = pack(cases[i].how, bytes, SIZE, packed, sizeof(packed));
		image_look(packed, len, len, "x86_64", &image);
		assert_string_equal(image.reason, "it is a 32-bit kernel");
		len = pack(cases[i].how, packed, len, bytes, sizeof(bytes));
		image_look(bytes, len, len, "x86_64", &image);
		assert_string_equal(image.reason, "it is a 32-bit kernel");
		memset(packed + 12, 0xff, 30);
		image_look(packed, 100, 100, "x86_64", &image);
		assert_true(*image.reason);
		len = make_zboot(zboot, "lz4", packed, 100);
		image_look(zboot, len, len, "x86_64", &image);
		assert_string_equal(
			image.reason, "it is compressed with lz4, which stillboot cannot unpack");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_part_of_last_paragraph),
		cmocka_unit_test(test_any_damaged_byte_is_seen),
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_no_checksum_since_6_15),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_efi_programs),
		cmocka_unit_test(test_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
