// SPDX-License-Identifier: GPL-2.0-or-later
/* Functions behind device nodes that a process has open, where remove() waits for that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "devices/usage.h"
#include "tests/unit/scripted.h"

struct fixture {
	struct scripted *s;
	struct pci_snapshot *snap;
	int opened; /* files */
};

/* A node: its number, its name, what it is, and the place of its device below sys/devices. */
static const struct node {
	const char *number, *name, *subsystem, *place;
} nodes[] = {
	{"89:3", "i2c-3", "class/i2c-dev", "pci0000:00/0000:00:01.0/i2c-3/i2c-dev/i2c-3"},
	{"116:2", "snd/pcmC0D0p", "class/sound", "pci0000:00/0000:00:02.0/sound/card0/pcmC0D0p"},
	{"116:9", "snd/pcmC1D0p", "class/sound",
		"pci0000:00/0000:00:03.0/usb1/1-2/1-2:1.0/sound/card1/pcmC1D0p"},
	{"89:4", "i2c-4", "class/i2c-dev",
		"pci0000:00/0000:00:03.0/usb1/1-3/1-3:1.0/i2c-4/i2c-dev/i2c-4"},
	{"509:0", "vhost-vdpa-0", NULL, "pci0000:00/0000:00:04.0/vdpa0/vhost-vdpa-0"},
	{"4:68", "ttyS4", "class/tty", "pci0000:00/0000:00:05.0/tty/ttyS4"},
	{"13:64", "input/event0", "class/input",
		"pci0000:00/0000:00:03.0/usb1/1-1/1-1:1.0/input/input0/event0"},
	{"89:7", "i2c-7", "class/i2c-dev", "platform/soc/fe804000.i2c/i2c-7/i2c-dev/i2c-7"},
};

static void add_node(struct scripted *s, const struct node *node)
{
	char path[200], text[300];

	snprintf(path, sizeof(path), "sys/dev/char/%s", node->number);
	snprintf(text, sizeof(text), "../../devices/%s", node->place);
	scripted_link(s, path, text);
	snprintf(path, sizeof(path), "sys/devices/%s/uevent", node->place);
	snprintf(text, sizeof(text), "MAJOR=1\nMINOR=2\nDEVNAME=%s\n", node->name);
	scripted_file(s, path, text);
	if (!node->subsystem)
		return;
	snprintf(path, sizeof(path), "sys/devices/%s/subsystem", node->place);
	snprintf(text, sizeof(text), "../../../../../%s", node->subsystem);
	scripted_link(s, path, text);
}

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	f->s = scripted_new();
	f->snap = snapshot_new(f);
	for (int i = 0; i < 5; i++) {
		char slot[PCI_SLOT_MAX];

		snprintf(slot, sizeof(slot), "0000:00:%02x.0", i + 1);
		snapshot_add(f->snap, slot, 0x0c0500, "driver");
	}
	pci_link_tree(f->snap);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
		add_node(f->s, &nodes[i]);
	scripted_file(f->s, "proc/812/comm", "sensord\n");
	scripted_link(f->s, "proc/812/fd/0", "/dev/null");
	scripted_link(f->s, "proc/812/fd/1", "socket:[4711]");
	scripted_link(f->s, "proc/self", "900");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	scripted_free(f->s);
	return talloc_free(f);
}

/* Open a file in a process; then the functions that are marked, as in "2 3". */
static const char *marked_by(struct fixture *f, const char *pid, const char *file)
{
	char *text = talloc_strdup(f, ""), fd[64];

	snprintf(fd, sizeof(fd), "proc/%s/fd/%d", pid, 10 + f->opened++);
	scripted_link(f->s, fd, file);
	assert_int_equal(usage_read(&f->s->machine, f->snap, NULL), 0);
	for (size_t i = 0; i < f->snap->count; i++)
		if (f->snap->functions[i].uses & PCI_USE_OPEN)
			text = talloc_asprintf_append(text, *text ? " %zu" : "%zu", i + 1);
	return text;
}

static const char *marked_with(struct fixture *f, const char *file)
{
	return marked_by(f, "812", file);
}

static void an_i2c_bus(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(marked_with(f, "/dev/i2c-3"), "1");
	assert_string_equal(f->snap->functions[0].use, "i2c-3 is held open by sensord (pid 812)");
}

static void a_sound_card(void **state)
{
	assert_string_equal(marked_with(*state, "/dev/snd/pcmC0D0p"), "2");
}

static void a_node_in_another_root(void **state)
{
	assert_string_equal(marked_with(*state, "/srv/dev/jail/dev/snd/pcmC0D0p"), "2");
}

static void a_node_of_no_class(void **state)
{
	assert_string_equal(marked_with(*state, "/dev/vhost-vdpa-0"), "4");
}

/* A headset that somebody listens to does not keep the controller with all that is on it; an
 * adapter for I2C does. */
static void on_usb(void **state)
{
	assert_string_equal(marked_with(*state, "/dev/snd/pcmC1D0p"), "");
	assert_string_equal(marked_with(*state, "/dev/i2c-4"), "3");
}

static void kinds_that_let_go(void **state)
{
	assert_string_equal(marked_with(*state, "/dev/ttyS4"), "");
	assert_string_equal(marked_by(*state, "813", "/dev/input/event0"), "");
}

/* Another's name begins alike; a device is gone, and its number may be another's. */
static void names_that_are_none(void **state)
{
	assert_string_equal(marked_with(*state, "/dev/i2c-33"), "");
	assert_string_equal(marked_by(*state, "813", "/dev/i2c-3 (deleted)"), "");
	assert_string_equal(marked_by(*state, "814", "/home/i2c-3"), "");
}

static void our_own_do_not_count(void **state)
{
	assert_string_equal(marked_by(*state, "900", "/dev/i2c-3"), "");
}

static void a_process_that_ends_meanwhile(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(marked_by(f, "813", "/dev/i2c-3"), "1");
	assert_string_equal(f->snap->functions[0].use, "i2c-3 is held open by a process (pid 813)");
}

/* What a process calls itself is its own choice. */
static void a_hostile_name(void **state)
{
	struct fixture *f = *state;

	scripted_file(f->s, "proc/812/comm", "a\x1b[2Jb\nc\xff\n");
	assert_string_equal(marked_with(f, "/dev/i2c-3"), "1");
	assert_string_equal(f->snap->functions[0].use, "i2c-3 is held open by a?[2Jb?c? (pid 812)");
}

static void one_user_for_each_node(void **state)
{
	struct fixture *f = *state;

	scripted_link(f->s, "proc/812/fd/7", "/dev/i2c-3");
	scripted_link(f->s, "proc/813/fd/7", "/dev/i2c-3");
	assert_string_equal(marked_with(f, "/dev/i2c-3"), "1");
	assert_int_equal(f->snap->user_count, 1);
}

static void on_another_bus(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(marked_with(f, "/dev/i2c-7"), "");
	assert_int_equal(f->snap->user_count, 1);
	assert_string_equal(
		f->snap->users[0].path, "platform/soc/fe804000.i2c/i2c-7/i2c-dev/i2c-7");
	assert_int_equal(f->snap->users[0].uses, PCI_USE_OPEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_i2c_bus),
		TEST(a_sound_card),
		TEST(a_node_in_another_root),
		TEST(a_node_of_no_class),
		TEST(on_usb),
		TEST(kinds_that_let_go),
		TEST(names_that_are_none),
		TEST(our_own_do_not_count),
		TEST(a_process_that_ends_meanwhile),
		TEST(a_hostile_name),
		TEST(one_user_for_each_node),
		TEST(on_another_bus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
