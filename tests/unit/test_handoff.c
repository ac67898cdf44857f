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
#include <sys/mman.h>
#include <unistd.h>

#include "boot/handoff.h"
#include "tests/unit/scripted.h"
#include "tests/unit/tree.h"

/* Longer than a journal takes it, and much to escape. */
#define SUBJECT                                                                                    \
	"sys/class/net/"                                                                           \
	"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\" \
	"\\\\\\\\\\\\"

struct fixture {
	struct journal *journal;
	char *archive;
	size_t room, len;
};

static struct fixture make(void)
{
	struct plan_device devices[2] = {{.step_count = 2}, {.step_count = 0}};
	struct plan_errand errand = {.step = STEP_WRITE};
	const struct plan plan = {
		.devices = devices, .count = 2, .errands = &errand, .errand_count = 1};
	struct journal *j = journal_new(NULL, &plan);
	struct journal_entry *e = journal_begin(j, "0000:01:00.0", STEP_UNBIND, "a.lua:3", 12);
	struct fixture f = {.journal = j, .room = handoff_size_max(&plan)};
	struct handoff h = {.boot_id = "the boot",
		.kernel = "6.1",
		.entry = "Gr\xc3\xb6\xc3\x9f\xc3\xa9\xff\n"};

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
	h.journal = *j;
	assert_int_equal(handoff_pack(j, handoff_pack_room(&plan, f.room), &h, NULL), 0);
	f.archive = talloc_zero_size(j, f.room);
	assert_int_equal(handoff_write(&h, f.archive, f.room, &f.len, NULL), 0);
	return f;
}

/* The file in the archive, as the kernel unpacks it: cpio headers of 110 bytes and names, each
 * padded to four. */
static const char *record(const struct fixture *f, size_t *len)
{
	char size[9] = "";
	const char *at = f->archive;

	assert_memory_equal(at, "070701", 6);
	at += 110 + sizeof("stillboot");
	at += (4 - (at - f->archive) % 4) % 4;
	memcpy(size, at + 6 + 6 * 8, 8);
	*len = strtoul(size, NULL, 16);
	at += 110 + sizeof("stillboot/handoff");
	at += (4 - (at - f->archive) % 4) % 4;
	return at;
}

static void test_round_trip(void **state)
{
	struct fixture f = make();
	struct handoff *h;
	size_t len;
	const char *bytes = record(&f, &len);

	(void)state;
	assert_int_equal(f.len % 4, 0);
	assert_int_equal(handoff_parse(bytes, len, f.journal, &h, NULL), 0);
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
	assert_int_equal(write(fd, f.archive, f.len), f.len);
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
	size_t len;
	struct err err;

	(void)state;
	for (size_t room = 0; room < 600; room++)
		assert_int_equal(handoff_write(&h, f.archive, room, &len, &err), -ENOSPC);
	talloc_free(f.journal);
}

static void test_places(void **state)
{
	struct scripted *s = scripted_new();
	struct fixture f = make();
	struct handoff *h;
	struct err err;
	size_t len;
	const char *bytes = record(&f, &len);
	char *text = talloc_strndup(f.journal, bytes, len);

	(void)state;
	assert_int_equal(handoff_read(&s->machine, f.journal, &h, &err), -ENOENT);
	scripted_file(s, "stillboot/handoff", text);
	assert_int_equal(handoff_read(&s->machine, f.journal, &h, &err), 0);
	scripted_file(s, "run/stillboot/handoff", "garbage");
	assert_int_equal(handoff_read(&s->machine, f.journal, &h, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "run/stillboot/handoff"));
	talloc_free(f.journal);
	scripted_free(s);
}

/* An image that is loaded before there is a journal says so; what is written over it later leaves nothing
 * of it. */
static void test_first(void **state)
{
	struct fixture f = make();
	struct tree tree;
	struct pinned pinned = {.initrd_fd = memfd_create("initrd", 0), .handoff_room = f.room};
	struct machine m;
	struct handoff *h;
	size_t len;
	char *room = talloc_zero_size(f.journal, f.room);

	(void)state;
	tree_new(&tree);
	tree_file(&tree, "proc/sys/kernel/random/boot_id", "b00t\n");
	assert_int_equal(machine_open(&m, tree.path, NULL), 0);
	assert_int_equal(handoff_write_first(&m, &pinned, "Title", HANDOFF_FIRST_JUMP, NULL), 0);
	assert_true(pread(pinned.initrd_fd, room, f.room, 0) > 0);
	len = f.room;
	struct fixture first = {.archive = room, .room = f.room};
	const char *bytes = record(&first, &len);

	assert_int_equal(handoff_parse(bytes, len, f.journal, &h, NULL), 0);
	assert_string_equal(h->boot_id, "b00t");
	assert_string_equal(h->entry, "Title");
	assert_non_null(strstr(h->incomplete, "memory was short"));
	assert_int_equal(h->journal.count, 0);

	assert_int_equal(pin_write_handoff(&m, &pinned, f.archive, f.room, NULL), 0);
	assert_int_equal(pread(pinned.initrd_fd, room, f.room, 0), f.room);
	assert_memory_equal(room, f.archive, f.room);
	bytes = record(&first, &len);
	assert_int_equal(handoff_parse(bytes, len, f.journal, &h, NULL), 0);
	assert_null(h->incomplete);
	assert_true(h->journal.count > 0);
	/* Without a room there is nothing to write. */
	pinned.handoff_room = 0;
	assert_int_equal(handoff_write_first(&m, &pinned, "Title", HANDOFF_FIRST_JUMP, NULL), 1);
	machine_close(&m);
	close(pinned.initrd_fd);
	tree_remove(&tree);
	talloc_free(f.journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_cpio_reads_it),
		cmocka_unit_test(test_any_damage_is_seen),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
