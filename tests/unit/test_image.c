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

#include <zlib.h>

#include "boot/image.h"

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
	assert_int_equal(image_examine(bytes, SIZE - 1, "x86_64", &image, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "truncated"));
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

	(void)state;
	assert_int_equal(image_examine((const uint8_t *)"\177ELF", 4, "x86_64", &image, NULL), 0);
	assert_string_equal(image.format, "ELF");
	assert_int_equal(image_examine((const uint8_t *)"text", 4, "x86_64", &image, NULL), 0);
	assert_null(image.format);
	make(bytes, "6.1.0");
	put16(bytes + 0x236, 0);
	assert_int_equal(image_examine(bytes, SIZE, "x86_64", &image, NULL), 0);
	assert_null(image.format);
	make(bytes, "6.1.0");
	put16(bytes + 0x206, 0x020b);
	assert_int_equal(image_examine(bytes, SIZE, "x86_64", &image, NULL), 0);
	assert_null(image.format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_any_damaged_byte_is_seen),
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_no_checksum_since_6_15),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
