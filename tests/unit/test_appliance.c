// SPDX-License-Identifier: GPL-2.0-or-later
/* What the first process of a boot image reads: its consoles, what devices say of their drivers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/appliance/consoles.h"
#include "boot/appliance/drivers.h"
#include "boot/appliance/mounts.h"
#include "devices/kernel_words.h"
#include "tests/unit/scripted.h"
#include "tests/unit/tree.h"
#include "ui/persona.h"

struct fixture {
	struct tree tree;
	struct machine machine;
};

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	tree_new(&f->tree);
	tree_machine(&f->tree, &f->machine);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	machine_close(&f->machine);
	tree_remove(&f->tree);
	return talloc_free(f);
}

/* "a b c", the elements of a list. */
static const char *joined(void *ctx, const char *const *names)
{
	char *text = talloc_strdup(ctx, "");

	for (; *names; names++)
		text = talloc_asprintf_append(text, "%s%s", *text ? " " : "", *names);
	return text;
}

/* As a virtual machine of QEMU has them. */
static void aliases_of_all_buses(void **state)
{
	static const char *const devices[][2] = {
		{"pci/devices/0000:00:03.0",
			"pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00\n"},
		{"pci/devices/0000:00:04.0",
			"pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02\n"},
		{"pci/devices/0000:00:05.0",
			"pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02\n"},
		{"virtio/devices/virtio0", "virtio:d00000002v00001AF4\n"},
		{"serio/devices/serio0", "serio:ty06pr00id00ex00\n"},
		{"platform/devices/empty", "\n"},
	};
	struct fixture *f = *state;
	char **aliases;

	aliases = drivers_aliases(&f->machine, f);
	assert_null(aliases[0]); /* not even sysfs */
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		tree_file(&f->tree, talloc_asprintf(f, "sys/bus/%s/modalias", devices[i][0]),
			devices[i][1]);
	/* One without, and one that is a link, as all of them are. */
	tree_file(&f->tree, "sys/bus/clocksource/devices/clocksource0/uevent", "");
	tree_file(&f->tree, "sys/devices/pnp0/00:01/modalias", "acpi:PNP0501:\n");
	tree_link(&f->tree, "sys/bus/acpi/devices/00:01", "../../../devices/pnp0/00:01");
	aliases = drivers_aliases(&f->machine, f);
	assert_string_equal(joined(f, (const char *const *)aliases),
		"acpi:PNP0501: pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00 "
		"pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02 "
		"serio:ty06pr00id00ex00 virtio:d00000002v00001AF4");
}

static void consoles_of_kernels(void **state)
{
	static const struct {
		const char *active, *vt, *bound, *consoles;
	} cases[] = {
		{"ttyS0\n", "(S) dummy device\n", "1\n", "ttyS0"},
		{"ttyS0\n", "(M) frame buffer device\n", "1\n", "ttyS0 tty1"},
		{"ttyS0\n", "(M) frame buffer device\n", "0\n", "ttyS0"},
		{"tty0 ttyS0\n", "(S) VGA+\n", "1\n", "tty0 ttyS0"},
		{"ttyS0 hvc0 ttyS0\n", "(S) dummy device\n", "1\n", "ttyS0 hvc0"},
		{"\n", "(S) VGA+\n", "1\n", "tty1"},
		{"a b c d e f g h i j\n", "(S) VGA+\n", "1\n", "a b c d e f g h"},
	};
	struct fixture *f = *state;

	assert_null(*appliance_consoles(&f->machine, f));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		tree_file(&f->tree, "sys/class/tty/console/active", cases[i].active);
		tree_file(&f->tree, "sys/class/vtconsole/vtcon0/name", cases[i].vt);
		tree_file(&f->tree, "sys/class/vtconsole/vtcon0/bind", cases[i].bound);
		assert_string_equal(
			joined(f, appliance_consoles(&f->machine, f)), cases[i].consoles);
	}
}

static void values_of_words(void **state)
{
	static const struct {
		const char *cmdline, *value; /* of "a.b" */
	} cases[] = {
		{"", NULL},
		{"a.b", NULL},
		{"a.b=", ""},
		{"x a.b=1 y", "1"},
		{"a.b=1 a.b=2", "2"},
		{"a.b=\"1 2\" c", "1 2"},
		{"\"a.b=1 2\" c", "1 2"},
		{"xa.b=1 a.bc=1", NULL},
		{"a.b=1\n", "1"},
		{"-- a.b=1", "1"},
		{"a.b=1=2", "1=2"},
	};
	struct fixture *f = *state;

	assert_null(kernel_words_value(&f->machine, f, "a.b"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *value;

		tree_file(&f->tree, "proc/cmdline", cases[i].cmdline);
		value = kernel_words_value(&f->machine, f, "a.b");
		assert_int_equal(!value, !cases[i].value);
		if (value)
			assert_string_equal(value, cases[i].value);
	}
}

/* Without what nothing works, there is an end; without the others there is not. */
static void mounts(void **state)
{
	struct scripted *s = scripted_new();
	struct err err;

	(void)state;
	assert_int_equal(appliance_mount(&s->machine, &err), 0);
	assert_int_equal(s->log_count, 7);
	assert_int_equal(scripted_find(s, "perform mount proc on proc"), 0);
	s->log_count = 0;
	s->fail_at = 1;
	assert_true(appliance_mount(&s->machine, &err) < 0);
	assert_int_equal(s->log_count, 1);
	scripted_free(s);
	s = scripted_new();
	s->fail_at = 7;
	assert_int_equal(appliance_mount(&s->machine, &err), 0);
	scripted_free(s);
}

static void names_that_the_kernel_calls(void **state)
{
	(void)state;
	assert_string_equal(persona_called("/init")->name, "init");
	assert_string_equal(persona_called("/sbin/modprobe")->name, "modprobe");
	assert_null(persona_called("stillboot"));
	assert_null(persona_called("./initrd"));
	assert_null(persona_called(""));
	assert_null(persona_called("/init/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(aliases_of_all_buses, setup, teardown),
		cmocka_unit_test_setup_teardown(consoles_of_kernels, setup, teardown),
		cmocka_unit_test_setup_teardown(values_of_words, setup, teardown),
		cmocka_unit_test(mounts),
		cmocka_unit_test(names_that_the_kernel_calls),
	};

	return cmocka_run_group_tests_name("appliance", tests, NULL, NULL);
}
