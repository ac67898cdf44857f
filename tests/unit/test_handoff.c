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
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "boot/handoff.h"
#include "boot/handoff_parts.h"
#include "devices/cleanup.h"
#include "devices/pci_dump.h"
#include "tests/unit/archive.h"
#include "tests/unit/scripted.h"
#include "tests/unit/tree.h"

/* Longer than a journal takes it, and much to escape. */
#define SUBJECT                                                                                    \
	"sys/class/net/"                                                                           \
	"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\" \
	"\\\\\\\\\\\\"

#define BASELINE                                                                                   \
	"# stillboot baseline, boot b, kernel 6.1, 2026-11-21T10:00:00Z\n0000:00:00.0 Host\n"      \
	"00: 86 80\n"

struct fixture {
	struct journal *journal;
	struct handoff_archive *archive;
};

static struct handoff handoff_of(const struct journal *j)
{
	static const char *messages[] = {"1.5 DMAR: [DMA Read] \x02", "2.5 irq 16: nobody cared"};

	return (struct handoff){
		.boot_id = "the boot",
		.kernel = "6.1",
		.entry = "Gr\xc3\xb6\xc3\x9f\xc3\xa9\xff\n",
		.hops = 3,
		.is_crash = 1,
		.times = {1, 2, 3, 4, UINT64_C(1763683200000000)},
		.baseline = BASELINE,
		.saved = "0000:00:00.0 saved\n",
		.messages = messages,
		.message_count = 2,
		.journal = *j,
	};
}

static struct fixture make(void)
{
	struct plan_device devices[2] = {{.step_count = 2}, {.step_count = 0}};
	struct plan_errand errand = {.step = STEP_WRITE};
	const struct plan plan = {
		.devices = devices, .count = 2, .errands = &errand, .errand_count = 1};
	struct journal *j = journal_new(NULL, &plan);
	struct journal_entry *e = journal_begin(j, "0000:01:00.0", STEP_UNBIND, "a.lua:3", 12);
	const size_t room = handoff_size_max(&plan);
	struct fixture f = {.journal = j};
	struct handoff h;

	e->result = JOURNAL_OK;
	e->duration_us = 345;
	e = journal_begin(j, "0000:01:00.0", STEP_BUS, "a.lua:3", 400);
	e->result = JOURNAL_FAILED;
	strcpy(e->detail, "said \"no\" \\ \x01");
	e = journal_begin(j, SUBJECT "/cut off", STEP_WRITE, "a.lua:4", 500);
	e->result = JOURNAL_OK;
	strcpy(e->detail, "0x1002");
	journal_judge(j, "0000:01:00.0", VERDICT_STILL, "");
	journal_judge(j, "0000:00:02.0", VERDICT_LEFT, "a display");
	j->duration_us = 999;
	h = handoff_of(j);
	assert_int_equal(handoff_pack(j, handoff_pack_room(&plan, room), &h, NULL), 0);
	assert_int_equal(handoff_archive_new(j, room, &f.archive, NULL), 0);
	assert_int_equal(handoff_write(&h, f.archive, NULL), 0);
	return f;
}

static const char *record(const struct fixture *f, size_t *len)
{
	return archive_record(f->archive->bytes, len);
}

static void test_round_trip(void **state)
{
	struct fixture f = make();
	struct handoff *h;
	char *saved;
	size_t len;
	const char *bytes = record(&f, &len);

	(void)state;
	assert_int_equal(f.archive->len % 4, 0);
	assert_int_equal(handoff_parse(bytes, len, f.journal, &h, NULL), 0);
	assert_int_equal(h->version, 2);
	assert_int_equal(h->hops, 3);
	assert_true(h->is_crash);
	assert_int_equal(h->times.request_us, 1);
	assert_int_equal(h->times.services_down_us, 2);
	assert_int_equal(h->times.quiesce_begin_us, 3);
	assert_int_equal(h->times.quiesce_end_us, 4);
	assert_int_equal(h->times.jump_us, UINT64_C(1763683200000000));
	assert_string_equal(h->baseline, BASELINE);
	assert_null(h->saved);
	assert_int_equal(handoff_saved(h, f.journal, &saved, NULL), 0);
	assert_string_equal(saved, "0000:00:00.0 saved\n");
	assert_int_equal(h->message_count, 2);
	assert_string_equal(h->messages[0], "1.5 DMAR: [DMA Read] ?");
	assert_string_equal(h->messages[1], "2.5 irq 16: nobody cared");
	assert_string_equal(h->boot_id, "the boot");
	assert_string_equal(h->entry, "Gr\xc3\xb6\xc3\x9f\xc3\xa9??");
	assert_int_equal(h->journal.count, 3);
	assert_int_equal(h->journal.entries[0].duration_us, 345);
	assert_int_equal(h->journal.entries[1].step, STEP_BUS);
	assert_int_equal(h->journal.entries[1].result, JOURNAL_FAILED);
	assert_string_equal(h->journal.entries[1].detail, "said \"no\" \\ ?");
	assert_int_equal(h->journal.entries[2].step, STEP_WRITE);
	assert_string_equal(h->journal.entries[2].slot, f.journal->entries[2].slot);
	assert_int_equal(strlen(h->journal.entries[2].slot), JOURNAL_SLOT_MAX - 1);
	assert_string_equal(h->journal.entries[2].detail, "0x1002");
	assert_int_equal(h->journal.verdict_count, 2);
	assert_string_equal(h->journal.verdicts[1].why, "a display");
	assert_int_equal(h->journal.duration_us, 999);
	talloc_free(f.journal);
}

/* cpio itself reads the archive, behind the padding that the initrd's room leaves. */
static void test_cpio_reads_it(void **state)
{
	struct fixture f = make();
	char name[] = "/tmp/stillboot-test-XXXXXX", command[128], line[64] = "";
	int fd = mkstemp(name);
	FILE *pipe;

	(void)state;
	assert_int_equal(write(fd, f.archive->bytes, f.archive->len), f.archive->len);
	snprintf(command, sizeof(command), "cpio -i --quiet --to-stdout stillboot/handoff < %s",
		name);
	pipe = popen(command, "r");
	assert_non_null(fgets(line, sizeof(line), pipe));
	assert_memory_equal(line, "stillboot-handoff 2 ", 20);
	while (fgets(line, sizeof(line), pipe))
		;
	assert_int_equal(pclose(pipe), 0);
	close(fd);
	unlink(name);
	talloc_free(f.journal);
}

static void test_any_damage_is_seen(void **state)
{
	struct fixture f = make();
	struct handoff *h;
	size_t len;
	const char *bytes = record(&f, &len);
	char *copy = talloc_memdup(f.journal, bytes, len);

	(void)state;
	for (size_t i = 64; i < len - 1; i++) {
		copy[i] ^= 1;
		assert_int_equal(handoff_parse(copy, len, f.journal, &h, NULL), -EBADMSG);
		copy[i] ^= 1;
	}
	for (size_t n = 0; n < len - 1; n++)
		assert_int_equal(handoff_parse(copy, n, f.journal, &h, NULL), -EBADMSG);
	talloc_free(f.journal);
}

static void test_no_room(void **state)
{
	struct fixture f = make();
	const struct handoff h = {.boot_id = "",
		.kernel = "",
		.entry = "",
		.journal = *f.journal,
		.packed = "\"kernel\":\"\""};
	struct err err;

	(void)state;
	for (f.archive->size = 0; f.archive->size < 600; f.archive->size++)
		assert_int_equal(handoff_write(&h, f.archive, &err), -ENOSPC);
	talloc_free(f.journal);
}

/* What has no room is left out. */
static void test_what_is_left_out(void **state)
{
	struct fixture f = make();
	struct handoff h = handoff_of(f.journal);
	size_t all, before, messages = 0, saved = 0, baseline = 0;

	(void)state;
	assert_int_equal(handoff_pack(f.journal, SIZE_MAX, &h, NULL), 0);
	assert_null(h.left_out);
	before = all = strlen(h.packed);
	for (size_t room = all + 8; room > 0; room--) {
		assert_int_equal(handoff_pack(f.journal, room, &h, NULL), 0);
		assert_non_null(strstr(h.packed, "\"hops\":3"));
		assert_true(strlen(h.packed) <= before);
		before = strlen(h.packed);
		messages += strstr(h.packed, "messages") != NULL;
		saved += strstr(h.packed, "saved") != NULL;
		baseline += strstr(h.packed, "baseline") != NULL;
		/* What matters most is named. */
		if (!strstr(h.packed, "baseline"))
			assert_string_equal(h.left_out, "baseline");
		else
			assert_int_equal(!h.left_out,
				strstr(h.packed, "saved") && strstr(h.packed, "messages"));
	}
	assert_in_range(messages, 1, all - 1);
	assert_in_range(saved, 1, all - 1);
	assert_in_range(baseline, 1, all - 1);
	talloc_free(f.journal);
}

static size_t file_size(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (size_t)st.st_size;
}

/* An image that is loaded before there is a journal says so; what is written over it later leaves nothing
 * of it. Only what is written is part of the file. */
static void test_first(void **state)
{
	static const struct handoff_first first = {"Title", HANDOFF_FIRST_JUMP};
	struct fixture f = make();
	struct tree tree;
	struct pinned pinned = {.initrd_fd = memfd_create("initrd", 0),
		.handoff_room = f.archive->size,
		.cmdline = "quiet",
		.image.cmdline_max = 2047};
	struct machine m;
	struct handoff *h, known;
	size_t len;
	char *room = talloc_zero_size(f.journal, f.archive->size);

	(void)state;
	tree_new(&tree);
	tree_file(&tree, "proc/sys/kernel/random/boot_id", "b00t\n");
	tree_file(&tree, "run/stillboot/baseline", BASELINE);
	assert_int_equal(machine_open(&m, tree.path, NULL), 0);
	assert_int_equal(handoff_write_first(&m, f.journal, &pinned, &first, NULL), 0);
	assert_int_equal(file_size(pinned.initrd_fd), pinned.initrd_size);
	assert_int_equal(pread(pinned.initrd_fd, room, f.archive->size, 0), pinned.initrd_size);
	const char *bytes = archive_record(room, &len);

	assert_int_equal(handoff_parse(bytes, len, f.journal, &h, NULL), 0);
	assert_string_equal(h->boot_id, "b00t");
	assert_string_equal(h->entry, "Title");
	assert_non_null(strstr(h->incomplete, "memory was short"));
	assert_int_equal(h->journal.count, 0);
	assert_int_equal(h->hops, 1);
	assert_string_equal(h->baseline, BASELINE);
	assert_false(h->is_crash);
	assert_memory_equal(pinned.tied, "stillboot.handoff=", 18);
	assert_string_equal(pinned.tied + 18 + 32, " quiet");

	assert_int_equal(handoff_attach(&m, &pinned, f.archive, NULL), 0);
	assert_memory_equal(pinned.tied + 18, f.archive->digest, 32);
	assert_int_equal(pread(pinned.initrd_fd, room, f.archive->size, 0), pinned.initrd_size);
	assert_memory_equal(room, f.archive->bytes, pinned.initrd_size);
	bytes = archive_record(room, &len);
	assert_int_equal(handoff_parse(bytes, len, f.journal, &h, NULL), 0);
	assert_null(h->incomplete);
	assert_true(h->journal.count > 0);
	/* Without a room there is nothing to write. */
	assert_int_equal(
		handoff_write_first_known(&m, f.journal, &pinned, &first, &known, NULL), 0);
	assert_string_equal(known.boot_id, "b00t");
	assert_string_equal(known.baseline, BASELINE);
	assert_null(known.incomplete);
	assert_int_equal(known.message_count, 0);
	pinned.handoff_room = 0;
	assert_int_equal(handoff_write_first(&m, f.journal, &pinned, &first, NULL), 1);
	machine_close(&m);
	close(pinned.initrd_fd);
	tree_remove(&tree);
	talloc_free(f.journal);
}

/* What a body of these members gives. */
static int parse(const char *body, struct handoff **h, struct err *err)
{
	_cleanup_talloc_ char *text = talloc_asprintf(NULL, "stillboot-handoff 7 %zu %08lx\n%s",
		strlen(body), crc32_z(0, (const unsigned char *)body, strlen(body)), body);

	return handoff_parse(text, strlen(text), NULL, h, err);
}

/* Of a later version what is understood is read, and what is of another type passed over. */
static void test_future(void **state)
{
	struct handoff *h;
	char *text;

	(void)state;
	assert_int_equal(parse("{\"boot_id\":\"x\",\"hops\":\"many\",\"new\":[{}],\"times\":7,"
			       "\"messages\":{\"a\":1},\"steps\":[{\"step\":\"beam\"}],"
			       "\"crash\":1}",
				 &h, NULL),
		0);
	assert_int_equal(h->version, 7);
	assert_string_equal(h->boot_id, "x");
	assert_int_equal(h->hops, 0);
	assert_int_equal(h->message_count, 0);
	assert_int_equal(h->journal.count, 0);
	assert_false(h->is_crash);
	assert_int_equal(handoff_saved(h, h, &text, NULL), -ENOENT);
	talloc_free(h);
	/* What nobody asks for makes no record unreadable. */
	assert_int_equal(parse("{\"saved\":\"????\"}", &h, NULL), 0);
	assert_int_equal(handoff_saved(h, h, &text, NULL), -EBADMSG);
	talloc_free(h);
	assert_int_equal(parse("{\"hops\":99999999999,\"messages\":[1,\"a\",null]}", &h, NULL), 0);
	assert_int_equal(h->hops, UINT_MAX);
	assert_int_equal(h->message_count, 1);
	talloc_free(h);
}

/* A body with this as its baseline. */
static int parse_packed(const char *packed, struct err *err)
{
	_cleanup_talloc_ char *body = talloc_asprintf(NULL, "{\"baseline\":\"%s\"}", packed);
	struct handoff *h;
	int rc = parse(body, &h, err);

	if (rc == 0)
		talloc_free(h);
	return rc;
}

static void test_packed_texts(void **state)
{
	static const char *const bad[] = {"", "A", "AAAA", "=AAA", "====", "A===", "eJwDAAAAAAE",
		"eJwDAAAAAA??", "eJwDAAAA", "AAA=AAAA"};
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	struct err err;
	char *text, *packed;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(parse_packed(bad[i], &err), -EBADMSG);
		assert_non_null(strstr(err.text, "its baseline cannot be unpacked"));
	}
	for (size_t len = 0; len < 300; len++) {
		text = talloc_zero_size(ctx, len + 1);
		for (size_t i = 0; i < len; i++)
			text[i] = (char)('a' + i * i % 23);
		packed = handoff_deflate(ctx, text);
		assert_int_equal(handoff_inflate(ctx, packed, len, &text), 0);
		assert_int_equal(strlen(text), len);
		/* Every end that comes too early is seen. */
		for (size_t cut = strlen(packed); len % 50 == 7 && cut--;)
			assert_int_equal(
				handoff_inflate(ctx, talloc_strndup(ctx, packed, cut), 4096, &text),
				-EBADMSG);
	}
}

/* A few hundred kilobytes of base64 that would be far more than any machine's configuration space. */
static void test_bomb(void **state)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	const size_t len = PCI_DUMP_MAX + 2;
	char *text = talloc_size(ctx, len), *packed;
	struct err err;

	(void)state;
	memset(text, 'a', len - 1);
	text[len - 1] = '\0';
	packed = handoff_deflate(ctx, text);
	assert_true(strlen(packed) < 200000);
	assert_int_equal(parse_packed(packed, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "too large"));
}

/* Only what the plan resets is saved. */
static void test_saved_config(void **state)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	static const uint8_t config[64] = {0x86, 0x80, 0x34, 0x12};
	struct pci_function functions[2] = {
		{.slot = "0000:00:01.0", .bus = 0, .dev = 1, .config = config, .config_len = 64},
		{.slot = "0000:00:02.0", .bus = 0, .dev = 2, .config = config, .config_len = 64}};
	struct plan_device devices[2] = {
		{.function = &functions[0], .steps = {STEP_UNBIND, STEP_FLR}, .step_count = 2},
		{.function = &functions[1], .steps = {STEP_UNBIND}, .step_count = 1}};
	struct plan plan = {.devices = devices, .count = 2};
	struct handoff h = {.saved = NULL};

	(void)state;
	assert_int_equal(handoff_save_config(&plan, ctx, &h, NULL), 0);
	assert_non_null(strstr(h.saved, "00:01.0"));
	assert_non_null(strstr(h.saved, "00: 86 80 34 12"));
	assert_null(strstr(h.saved, "00:02.0"));
	plan.devices++;
	plan.count--;
	assert_int_equal(handoff_save_config(&plan, ctx, &h, NULL), 0);
	assert_null(h.saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_cpio_reads_it),
		cmocka_unit_test(test_any_damage_is_seen),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_what_is_left_out),
		cmocka_unit_test(test_future),
		cmocka_unit_test(test_packed_texts),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_saved_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
