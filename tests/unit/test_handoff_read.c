// SPDX-License-Identifier: GPL-2.0-or-later
/* A record on its way: named by the command line, left in a file, and what may be wrong with it there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>
#include <zlib.h>

#include "boot/handoff.h"
#include "boot/running.h"
#include "devices/cleanup.h"
#include "tests/unit/archive.h"
#include "tests/unit/scripted.h"

#define PLACE "run/stillboot/handoff"

struct world {
	struct scripted *s;
	void *ctx;
	const char *bytes; /* of a good record */
	size_t len;
	char word[128]; /* that names it */
	struct handoff *h;
	struct err err;
};

static struct world world_new(void)
{
	struct world w = {.s = scripted_new(), .ctx = talloc_new(NULL)};
	struct handoff h = {.boot_id = "b", .kernel = "k", .entry = "e", .hops = 4};
	struct handoff_archive *archive;

	assert_int_equal(handoff_pack(w.ctx, SIZE_MAX, &h, NULL), 0);
	assert_int_equal(handoff_archive_new(w.ctx, 65536, &archive, NULL), 0);
	assert_int_equal(handoff_write(&h, archive, NULL), 0);
	w.bytes = archive_record(archive->bytes, &w.len);
	snprintf(w.word, sizeof(w.word), "ro stillboot.handoff=%s quiet\n", archive->digest);
	return w;
}

static void world_free(struct world *w)
{
	talloc_free(w->ctx);
	scripted_free(w->s);
}

static void put(struct world *w, const char *bytes, size_t len)
{
	_cleanup_fd_ int fd = -1;

	scripted_file(w->s, PLACE, "");
	fd = openat(w->s->machine.root_fd, PLACE, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
}

static int read_it(struct world *w)
{
	return handoff_read(&w->s->machine, w->ctx, &w->h, &w->err);
}

static void test_tied(void **state)
{
	struct world w = world_new();

	(void)state;
	assert_int_equal(read_it(&w), -ENOENT);
	put(&w, w.bytes, w.len);
	scripted_file(w.s, "proc/cmdline", w.word);
	assert_int_equal(read_it(&w), 0);
	assert_int_equal(w.h->tie, HANDOFF_TIED);
	assert_int_equal(w.h->hops, 4);
	/* The file may have more: the kernel's unpacker gives what the archive says. */
	put(&w, w.bytes, w.len - 1);
	assert_int_equal(read_it(&w), 0);
	world_free(&w);
}

static void test_of_another_jump(void **state)
{
	struct world w = world_new();

	(void)state;
	put(&w, w.bytes, w.len);
	scripted_file(
		w.s, "proc/cmdline", "ro stillboot.handoff=00112233445566778899aabbccddeeff\n");
	assert_int_equal(read_it(&w), -ESTALE);
	assert_non_null(strstr(w.err.text, "/run/stillboot/handoff: it belongs to another jump"));
	/* Baked into an initrd that the firmware's loader took. */
	scripted_file(w.s, "proc/cmdline", "ro quiet\n");
	assert_int_equal(read_it(&w), -ESTALE);
	scripted_file(w.s, "proc/cmdline", "ro stillboot.handoff= stillboot.handoff\n");
	assert_int_equal(read_it(&w), -ESTALE);
	world_free(&w);
}

static void test_damaged(void **state)
{
	struct world w = world_new();
	char *copy = talloc_memdup(w.ctx, w.bytes, w.len);

	(void)state;
	scripted_file(w.s, "proc/cmdline", w.word);
	for (size_t i = 0; i < w.len - 1; i++) {
		copy[i] ^= 1;
		put(&w, copy, w.len);
		assert_in_set(-read_it(&w), ((LargestIntegralType[]){EBADMSG, ESTALE}), 2);
		copy[i] ^= 1;
	}
	for (size_t len = 0; len < w.len - 1; len += 7) {
		put(&w, copy, len);
		assert_int_equal(read_it(&w), -EBADMSG);
	}
	/* A NUL ends nothing. */
	copy[w.len / 2] = '\0';
	put(&w, copy, w.len);
	assert_int_equal(read_it(&w), -EBADMSG);
	assert_non_null(strstr(w.err.text, "its checksum does not match"));
	put(&w, "garbage", 7);
	assert_int_equal(read_it(&w), -EBADMSG);
	world_free(&w);
}

static void test_too_large_or_no_file(void **state)
{
	struct world w = world_new();

	(void)state;
	scripted_file(w.s, "proc/cmdline", w.word);
	put(&w, w.bytes, w.len);
	{
		_cleanup_fd_ int fd = openat(w.s->machine.root_fd, PLACE, O_WRONLY);

		assert_int_equal(ftruncate(fd, HANDOFF_MAX + 1), 0);
	}
	assert_int_equal(read_it(&w), -EFBIG);
	assert_non_null(strstr(w.err.text, "it is too large: 16777217 bytes"));
	assert_int_equal(unlinkat(w.s->machine.root_fd, PLACE, 0), 0);
	assert_int_equal(mkfifoat(w.s->machine.root_fd, PLACE, 0600), 0);
	assert_int_equal(read_it(&w), -EBADMSG);
	world_free(&w);
}

#define BODY "{\"boot_id\":\"v\",\"hops\":2}"

/* A record of this version, with its digest. */
static void put_version(
	struct world *w, const char *version, const char *body, char digest[HANDOFF_DIGEST + 1])
{
	char text[256];
	int n = snprintf(text, sizeof(text), "stillboot-handoff %s %zu %08lx\n%s", version,
		strlen(body), crc32_z(0, (const unsigned char *)body, strlen(body)), body);

	handoff_digest(text, (size_t)n, digest);
	put(w, text, (size_t)n);
}

static void test_versions(void **state)
{
	struct world w = world_new();
	char digest[HANDOFF_DIGEST + 1], line[128];

	(void)state;
	/* The first had no tie. */
	put_version(&w, "1", BODY, digest);
	scripted_file(w.s, "proc/cmdline", "ro\n");
	assert_int_equal(read_it(&w), 0);
	assert_int_equal(w.h->tie, HANDOFF_UNTIED);
	scripted_file(w.s, "proc/cmdline", w.word);
	assert_int_equal(read_it(&w), -ESTALE);
	/* Later ones do. */
	put_version(&w, "12", BODY, digest);
	assert_int_equal(read_it(&w), -ESTALE);
	snprintf(line, sizeof(line), "stillboot.handoff=%s\n", digest);
	scripted_file(w.s, "proc/cmdline", line);
	assert_int_equal(read_it(&w), 0);
	assert_int_equal(w.h->version, 12);
	assert_int_equal(w.h->tie, HANDOFF_TIED);
	put_version(&w, "x", BODY, digest);
	assert_int_equal(read_it(&w), -EBADMSG);
	world_free(&w);
}

static void test_untie(void **state)
{
	static const char *const lines[][2] = {
		{"", ""},
		{"ro quiet", "ro quiet"},
		{"stillboot.handoff=1", ""},
		{"stillboot.handoff=1 ro  stillboot.handoff=2 -- x", "ro  -- x"},
		{"dyndbg=\"a stillboot.handoff=1 b\" ro", "dyndbg=\"a stillboot.handoff=1 b\" ro"},
		{"\"stillboot.handoff=1 2\" ro", "ro"},
		{"xstillboot.handoff=1", "xstillboot.handoff=1"},
	};
	_cleanup_talloc_ void *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_string_equal(handoff_untie(ctx, lines[i][0]), lines[i][1]);
}

/* The name takes its room, or there is none for a handoff. */
static void test_room_in_the_command_line(void **state)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	struct pinned p = {.handoff_room = 100,
		.cmdline = "stillboot.handoff=0123456789abcdef0123456789abcdef ro -- x",
		.image.cmdline_max = HANDOFF_WORD_SIZE + 7};
	struct err err;

	(void)state;
	p.image.cmdline_max--;
	assert_int_equal(handoff_tie_prepare(ctx, &p, &err), 1);
	assert_non_null(strstr(err.text, "no room in the command line to name the handoff"));
	assert_int_equal(p.handoff_room, 0);
	assert_null(p.tied);
	assert_string_equal(pin_command_line(&p), p.cmdline);

	p.handoff_room = 100;
	p.image.cmdline_max++;
	assert_int_equal(handoff_tie_prepare(ctx, &p, &err), 0);
	assert_int_equal(strlen(p.tied), p.image.cmdline_max);
	handoff_tie(&p, "000102030405060708090a0b0c0d0e0f");
	assert_string_equal(
		pin_command_line(&p), "stillboot.handoff=000102030405060708090a0b0c0d0e0f ro -- x");
}

static void test_hops_and_request(void **state)
{
	struct world w = world_new();
	struct handoff h = {.hops = 0};
	char *cmdline, digest[HANDOFF_DIGEST + 1];

	(void)state;
	assert_int_equal(handoff_identify(&w.s->machine, w.ctx, &h, NULL), 0);
	assert_int_equal(h.hops, 1);
	assert_null(h.baseline);
	/* A jump by somebody else handed nothing over. */
	scripted_file(w.s, "proc/sys/kernel/bootloader_type", "209\n");
	assert_int_equal(handoff_identify(&w.s->machine, w.ctx, &h, NULL), 0);
	assert_int_equal(h.hops, 0);
	put(&w, w.bytes, w.len);
	scripted_file(w.s, "proc/cmdline", w.word);
	assert_int_equal(handoff_identify(&w.s->machine, w.ctx, &h, NULL), 0);
	assert_int_equal(h.hops, 5);
	/* One that did not know itself how many there were. */
	put_version(&w, "1", "{\"boot_id\":\"v\"}", digest);
	scripted_file(w.s, "proc/cmdline", "ro\n");
	assert_int_equal(handoff_identify(&w.s->machine, w.ctx, &h, NULL), 0);
	assert_int_equal(h.hops, 0);
	scripted_file(w.s, "proc/cmdline", w.word);
	/* Command lines that are copied go without it. */
	assert_int_equal(running_cmdline(&w.s->machine, w.ctx, &cmdline, NULL), 0);
	assert_string_equal(cmdline, "ro quiet");

	assert_int_equal(handoff_requested(&w.s->machine), 0);
	assert_int_equal(handoff_note_request(&w.s->machine, 0, NULL), 0);
	assert_int_equal(w.s->log_count, 0);
	assert_int_equal(handoff_note_request(&w.s->machine, 77, NULL), 0);
	assert_int_equal(w.s->log_count, 1);
	scripted_file(w.s, "run/stillboot/request", "1763683200000000\n");
	assert_int_equal(handoff_requested(&w.s->machine), UINT64_C(1763683200000000));
	world_free(&w);
}

static void test_inherit(void **state)
{
	struct world w = world_new();
	const struct handoff with = {.baseline = "# title\n"}, without = {.baseline = NULL};

	(void)state;
	assert_int_equal(baseline_inherit(&w.s->machine, &without, &w.err), 1);
	assert_int_equal(w.s->log_count, 0);
	assert_int_equal(baseline_inherit(&w.s->machine, &with, &w.err), 0);
	assert_int_equal(w.s->log_count, 1);
	assert_non_null(strstr(w.s->log[0], "run/stillboot/baseline"));
	scripted_file(w.s, "run/stillboot/baseline", "# mine\n");
	assert_int_equal(baseline_inherit(&w.s->machine, &with, &w.err), 1);
	assert_int_equal(w.s->log_count, 1);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tied),
		cmocka_unit_test(test_of_another_jump),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_too_large_or_no_file),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_untie),
		cmocka_unit_test(test_room_in_the_command_line),
		cmocka_unit_test(test_hops_and_request),
		cmocka_unit_test(test_inherit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
