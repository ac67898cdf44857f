// SPDX-License-Identifier: GPL-2.0-or-later
/* Nodes that a process has open and that a driver waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "devices/usage.h"
#include "tests/unit/scripted.h"

struct fixture {
	struct scripted *s;
	struct pci_snapshot *snap;
};

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	f->s = scripted_new();
	f->snap = snapshot_new(f);
	snapshot_add(f->snap, "0000:00:1b.0", 0x040300, "snd_hda_intel");
	snapshot_add(f->snap, "0000:00:1f.3", 0x0c0500, "i801_smbus");
	pci_link_tree(f->snap);
	scripted_link(f->s, "sys/class/i2c-dev/i2c-3",
		"../../devices/pci0000:00/0000:00:1f.3/i2c-3/i2c-dev/i2c-3");
	scripted_link(f->s, "sys/class/sound/pcmC0D0p",
		"../../devices/pci0000:00/0000:00:1b.0/sound/card0/pcmC0D0p");
	scripted_link(f->s, "sys/class/sound/timer", "../../devices/virtual/sound/timer");
	scripted_file(f->s, "proc/812/comm", "sensord\n");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	scripted_free(f->s);
	return talloc_free(f);
}

static const struct pci_function *read_usage(struct fixture *f, const char *node, size_t which)
{
	unlinkat(f->s->machine.root_fd, "proc/812/fd/9", 0);
	scripted_link(f->s, "proc/812/fd/9", node);
	assert_int_equal(usage_read(&f->s->machine, f->snap, NULL), 0);
	assert_int_equal(f->snap->functions[1 - which].uses, 0);
	return &f->snap->functions[which];
}

static void an_open_bus_keeps_its_controller(void **state)
{
	const struct pci_function *f = read_usage(*state, "/dev/i2c-3", 1);

	assert_int_equal(f->uses, PCI_USE_OPEN);
	assert_string_equal(f->use, "i2c-3 is held open by pid 812 sensord");
}

static void an_open_sound_device_keeps_its_card(void **state)
{
	const struct pci_function *f = read_usage(*state, "/srv/jail/dev/snd/pcmC0D0p", 0);

	assert_int_equal(f->uses, PCI_USE_OPEN);
	assert_string_equal(f->use, "pcmC0D0p is held open by pid 812 sensord");
}

static void others_keep_nothing(void **state)
{
	static const char *const nodes[] = {
		"/dev/i2c-4", "/dev/snd/timer", "/dev/snd/", "/dev/null", "/home/dev-i2c-3"};

	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
		assert_int_equal(read_usage(*state, nodes[i], 0)->uses, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_open_bus_keeps_its_controller, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_open_sound_device_keeps_its_card, setup, teardown),
		cmocka_unit_test_setup_teardown(others_keep_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
