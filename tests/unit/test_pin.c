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

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <zlib.h>

#include "boot/pin.h"
#include "devices/cleanup.h"
#include "tests/unit/made_pe.h"
#include "tests/unit/scripted.h"

static struct pin_source source(const char *name, const char *bytes)
{
	struct pin_source s = {.fd = memfd_create("test", 0), .name = name};

	assert_int_equal(write(s.fd, bytes, strlen(bytes)), strlen(bytes));
	lseek(s.fd, 0, SEEK_SET);
	return s;
}

static void test_initrds_become_one(void **state)
{
	struct scripted *s = scripted_new();
	struct pin_source kernel = source("kernel", "no bzImage, but the kernel may know it");
	struct pin_source initrds[] = {source("a", "abcde"), source("b", "fghi"), source("c", "j")};
	struct pinned p;
	struct stat st;
	char bytes[64];

	(void)state;
	assert_int_equal(pin_files(&s->machine, &kernel, initrds, 3, 30, &p, NULL), 0);
	assert_int_equal(p.initrd_size, 8 + 4 + 4);
	assert_int_equal(p.handoff_offset, 16);
	assert_int_equal(p.handoff_room, 32);
	assert_int_equal(pread(p.initrd_fd, bytes, sizeof(bytes), 0), 16);
	assert_memory_equal(bytes, "abcde\0\0\0fghij\0\0\0", 16);
	/* It does not shrink, and has its room behind it; the kernel's copy cannot be written. */
	assert_int_equal(ftruncate(p.initrd_fd, 8), -1);
	assert_int_equal(fstat(p.initrd_fd, &st), 0);
	assert_true(st.st_blocks > 0);
	assert_int_equal(pin_write_handoff(&s->machine, &p, "first", 5, NULL), 0);
	assert_int_equal(p.initrd_size, 21);
	assert_int_equal(pin_write_handoff(&s->machine, &p, "2nd", 3, NULL), 0);
	assert_int_equal(p.initrd_size, 21);
	assert_int_equal(pread(p.initrd_fd, bytes, sizeof(bytes), 0), 21);
	assert_memory_equal(bytes + 16, "2nd\0\0", 5);
	assert_int_equal(pin_write_handoff(&s->machine, &p, bytes, 33, NULL), -ENOSPC);
	assert_int_equal(pwrite(p.kernel_fd, "x", 1, 0), -1);
	pin_release(&p);
	close(kernel.fd);
	for (int i = 0; i < 3; i++)
		close(initrds[i].fd);
	scripted_free(s);
}

static void test_without_initrd(void **state)
{
	struct scripted *s = scripted_new();
	struct pin_source kernel = source("kernel", "kernel");
	struct pinned p;

	(void)state;
	assert_int_equal(pin_files(&s->machine, &kernel, NULL, 0, 30, &p, NULL), 0);
	assert_int_equal(p.initrd_fd, -1);
	assert_int_equal(p.handoff_room, 0);
	pin_release(&p);
	close(kernel.fd);
	scripted_free(s);
}

static void test_refusals(void **state)
{
	struct scripted *s = scripted_new();
	struct pin_source kernel = source("the kernel", "kernel"), empty = source("nothing", "");
	struct pin_source dir = {.fd = open("/", O_RDONLY | O_DIRECTORY), .name = "a directory"};
	struct pinned p = {.kernel_fd = 77};
	struct err err;

	(void)state;
	assert_int_equal(pin_files(&s->machine, &empty, NULL, 0, 0, &p, &err), -ENODATA);
	assert_string_equal(err.text, "nothing is empty");
	assert_int_equal(pin_files(&s->machine, &dir, NULL, 0, 0, &p, &err), -EINVAL);
	scripted_file(s, "proc/meminfo", "MemTotal: 5 kB\nMemAvailable:   0 kB\n");
	assert_int_equal(pin_files(&s->machine, &kernel, NULL, 0, 0, &p, &err), -ENOMEM);
	assert_int_equal(p.kernel_fd, 77);
	close(kernel.fd);
	close(empty.fd);
	close(dir.fd);
	scripted_free(s);
}

static void test_damaged_kernel(void **state)
{
	struct scripted *s = scripted_new();
	char bytes[0x400] = {0};
	struct pin_source kernel = {.fd = memfd_create("test", 0), .name = "the kernel"};
	struct pinned p;
	struct err err;

	(void)state;
	memcpy(bytes + 0x202, "HdrS\x0f\x02", 6);
	bytes[0x236] = 1;
	bytes[0x1f1] = 4;
	assert_int_equal(write(kernel.fd, bytes, sizeof(bytes)), sizeof(bytes));
	lseek(kernel.fd, 0, SEEK_SET);
	assert_int_equal(pin_files(&s->machine, &kernel, NULL, 0, 0, &p, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "the kernel: it is truncated"));
	close(kernel.fd);
	scripted_free(s);
}

static void test_memory_for_reload(void **state)
{
	struct scripted *s = scripted_new();
	const struct pinned p = {
		.kernel_size = 1 << 20, .initrd_size = 1 << 20, .image.start_size = 3 << 20};

	(void)state;
	scripted_file(s, "proc/meminfo", "MemAvailable:   6144 kB\n");
	assert_true(pin_can_reload(&s->machine, &p));
	scripted_file(s, "proc/meminfo", "MemAvailable:   6143 kB\n");
	assert_false(pin_can_reload(&s->machine, &p));
	scripted_free(s);
}

static void test_cmdline_length(void **state)
{
	struct pinned p = {.image.cmdline_max = 10};
	struct err err;

	(void)state;
	assert_int_equal(pin_cmdline(&p, "0123456789", &err), 0);
	assert_string_equal(p.cmdline, "0123456789");
	assert_int_equal(pin_cmdline(&p, "0123456789a", &err), -E2BIG);
	assert_string_equal(p.cmdline, "0123456789");
}

static struct pin_source packed_source(const uint8_t *bytes, size_t len)
{
	struct pin_source s = {.fd = memfd_create("test", 0), .name = "packed"};
	_cleanup_talloc_ uint8_t *packed = talloc_size(NULL, len + 4096);
	z_stream z = {.next_in = (Bytef *)bytes,
		.avail_in = (uInt)len,
		.next_out = packed,
		.avail_out = (uInt)len + 4096};

	deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	assert_int_equal(write(s.fd, packed, z.total_out), z.total_out);
	/* The kernel's build appends the size. */
	assert_int_equal(write(s.fd, "size", 4), 4);
	return s;
}

static void test_parts_of_files(void **state)
{
	struct scripted *s = scripted_new();
	struct pin_source kernel = source("image", "..kernel..initrd.."), initrd = kernel;
	struct pinned p;
	char bytes[16] = "";
	struct err err;

	(void)state;
	kernel.offset = 2;
	kernel.size = 6;
	initrd.offset = 10;
	assert_int_equal(pin_files(&s->machine, &kernel, &initrd, 1, 0, &p, &err), 0);
	assert_int_equal(p.kernel_size, 6);
	assert_int_equal(pread(p.kernel_fd, bytes, sizeof(bytes), 0), 6);
	assert_string_equal(bytes, "kernel");
	assert_int_equal(pread(p.initrd_fd, bytes, 8, 0), 8);
	assert_string_equal(bytes, "initrd..");
	pin_release(&p);
	kernel.size = 17;
	assert_int_equal(pin_files(&s->machine, &kernel, NULL, 0, 0, &p, &err), -EIO);
	kernel.offset = UINT64_MAX;
	assert_int_equal(pin_files(&s->machine, &kernel, NULL, 0, 0, &p, &err), -EIO);
	kernel.offset = 18;
	kernel.size = 0;
	assert_int_equal(pin_files(&s->machine, &kernel, NULL, 0, 0, &p, &err), -ENODATA);
	close(kernel.fd);
	scripted_free(s);
}

static void test_packed_kernel(void **state)
{
	struct scripted *s = scripted_new();
	uint8_t image[MADE_BZIMAGE_SIZE], copy[MADE_BZIMAGE_SIZE];
	struct pin_source kernel;
	struct pinned p;
	struct err err;

	(void)state;
	made_bzimage(image);
	kernel = packed_source(image, sizeof(image));
	assert_int_equal(pin_files(&s->machine, &kernel, NULL, 0, 0, &p, &err), 0);
	assert_int_equal(p.kernel_size, sizeof(image));
	assert_int_equal(p.image.kind, IMAGE_BZIMAGE);
	assert_int_equal(pread(p.kernel_fd, copy, sizeof(copy), 0), sizeof(copy));
	assert_memory_equal(image, copy, sizeof(copy));
	assert_int_equal(pwrite(p.kernel_fd, "x", 1, 0), -1);
	pin_release(&p);
	/* Cut off, and damaged within. */
	kernel.size = 30;
	assert_int_equal(pin_files(&s->machine, &kernel, NULL, 0, 0, &p, &err), -EBADMSG);
	assert_string_equal(err.text, "packed: its gzip data is cut off");
	kernel.size = 0;
	assert_int_equal(pwrite(kernel.fd, "\xff\xff\xff\xff", 4, 12), 4);
	assert_int_equal(pin_files(&s->machine, &kernel, NULL, 0, 0, &p, &err), -EBADMSG);
	assert_string_equal(err.text, "packed: its gzip data is damaged");
	close(kernel.fd);
	scripted_free(s);
}

/* A few bytes that unpack to more than there is memory for. */
static void test_bomb(void **state)
{
	struct scripted *s = scripted_new();
	uint8_t *zeros = talloc_zero_size(NULL, 8 << 20);
	struct pin_source kernel = packed_source(zeros, 8 << 20);
	struct pinned p;
	struct err err;

	(void)state;
	scripted_file(s, "proc/meminfo", "MemAvailable:   12288 kB\n");
	assert_int_equal(pin_files(&s->machine, &kernel, NULL, 0, 0, &p, &err), -EFBIG);
	assert_string_equal(err.text, "packed: it unpacks to more than 4 MiB");
	close(kernel.fd);
	talloc_free(zeros);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_initrds_become_one),
		cmocka_unit_test(test_without_initrd),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_damaged_kernel),
		cmocka_unit_test(test_memory_for_reload),
		cmocka_unit_test(test_cmdline_length),
		cmocka_unit_test(test_parts_of_files),
		cmocka_unit_test(test_packed_kernel),
		cmocka_unit_test(test_bomb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
