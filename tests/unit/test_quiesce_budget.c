// SPDX-License-Identifier: GPL-2.0-or-later
/* `quiesce --budget`: whoever gave the time calls the kexec when it is over, unless that would never end. */
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/service/record.h"
#include "devices/log.h"
#include "tests/unit/scripted.h"
#include "ui/command.h"

#define SLOT "0000:01:00.0"
#define HOME "sys/bus/pci/devices/" SLOT
#define INDICATIONS "sys/firmware/efi/efivars/OsIndications-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define EMERGENCY "write proc/sysrq-trigger b"

static void write_bytes(struct scripted *s, const char *path, const void *bytes, size_t len)
{
	int fd;

	scripted_file(s, path, "");
	fd = openat(s->machine.root_fd, path, O_WRONLY);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

/* One device with a driver, and nothing mounted. */
static struct scripted *machine(unsigned int traits)
{
	static const char *const attributes[][2] = {{"vendor", "0x1234"}, {"device", "0x11e8"},
		{"class", "0x00ff00"}, {"irq", "0"}, {"resource", ""}, {"power/control", "auto"}};
	const struct pci_function f = {
		.slot = SLOT, .vendor = 0x1234, .device = 0x11e8, .driver = "faulty"};
	struct scripted *s = scripted_new();
	struct scripted_function *sf = scripted_add(s, &f, traits);
	char path[96];

	sf->config[PCI_CLASS_DEVICE + 1] = 0xff;
	s->effects.parallel = 1;
	write_bytes(s, HOME "/config", sf->config, sf->config_size);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
		snprintf(path, sizeof(path), HOME "/%s", attributes[i][0]);
		scripted_file(s, path, attributes[i][1]);
	}
	scripted_link(s, HOME "/driver", "../../drivers/faulty");
	scripted_file(s, "sys/bus/pci/drivers/faulty/unbind", "");
	scripted_file(s, "proc/sysrq-trigger", "");
	scripted_file(s, "proc/swaps", "Filename\n");
	scripted_file(s, "proc/self/mountinfo", "1 1 0:2 / / rw - rootfs rootfs rw\n");
	return s;
}

/* In a child: it blocks signals and takes standard output. A captured tree is asked in a dry run only. */
static int quiesce(struct scripted *s, const char *budget)
{
	static const char *const none[] = {NULL};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct session session = {.machine = s->machine, .memory = talloc_new(NULL)};

		session.options = (struct options){.command = "quiesce",
			.arguments = none,
			.given = OPT_DRY_RUN | OPT_FORCE | (budget ? OPT_BUDGET : 0),
			.budget = budget};
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		log_setup(STDOUT_FILENO, STDOUT_FILENO, LOG_ERROR);
		_exit((int)command_quiesce(&session));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void it_stills(void **state)
{
	struct scripted *s = machine(0);

	(void)state;
	assert_int_equal(quiesce(s, "80"), EXIT_DONE);
	assert_true(scripted_find(s, "write sys/bus/pci/drivers/faulty/unbind " SLOT) >= 0);
	assert_int_equal(scripted_find(s, EMERGENCY), -1);
	scripted_free(s);
}

/* The kexec that follows finds no kernel, and goes there. */
static void the_firmware_comes_first(void **state)
{
	static const char asked_for_setup[] = {7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
	struct scripted *s = machine(0);

	(void)state;
	write_bytes(s, INDICATIONS, asked_for_setup, sizeof(asked_for_setup));
	scripted_file(s, RECORD_PRELOADED, "");
	assert_int_equal(quiesce(s, "80"), EXIT_DONE);
	assert_string_equal(s->log[0], "load - - 1 -");
	assert_int_equal(faccessat(s->machine.root_fd, RECORD_PRELOADED, F_OK, 0), -1);
	assert_int_equal(scripted_find(s, "write "), -1);
	scripted_free(s);
	/* Nor is the kexec left to who has a kernel that cannot be unloaded. */
	s = machine(0);
	write_bytes(s, INDICATIONS, asked_for_setup, sizeof(asked_for_setup));
	s->fail_at = 1;
	assert_int_equal(quiesce(s, "80"), EXIT_FAILED);
	assert_true(scripted_find(s, "reboot firmware") > 0);
	scripted_free(s);
}

/* Where there is no way out, nothing is begun. */
static void the_way_out_is_looked_at_first(void **state)
{
	struct scripted *s = machine(0);

	(void)state;
	scripted_link(s, "proc/self/ns/pid", "pid:[4026532999]");
	assert_int_equal(quiesce(s, "80"), EXIT_REFUSED);
	assert_int_equal(s->log_count, 0);
	scripted_free(s);
}

/* What may last longer than the time is not begun: nobody knows then whether it hangs. */
static void too_little_time(void **state)
{
	struct scripted *s = machine(0);

	(void)state;
	assert_int_equal(quiesce(s, "9"), EXIT_FAILED);
	assert_int_equal(scripted_find(s, "write sys/bus/pci/drivers/"), -1);
	assert_int_equal(scripted_find(s, "write " HOME "/power/control on"), -1);
	assert_int_equal(scripted_find(s, EMERGENCY), -1);
	scripted_free(s);
}

/* Nobody would come out of the kexec; where nobody calls one, nothing is lost. */
static void a_driver_that_hangs_before(void **state)
{
	static const struct {
		const char *budget;
		unsigned int traits;
		const char *kills; /* a worker, which the kernel does with the lock held */
	} cases[] = {
		{"80", TRAIT_HELD, NULL},
		{"80", 0, "write " HOME "/power/control"},
		{NULL, 0, "write " HOME "/power/control"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scripted *s = machine(cases[i].traits);

		s->kills = cases[i].kills;
		assert_int_equal(quiesce(s, cases[i].budget), EXIT_FAILED);
		assert_int_equal(scripted_find(s, "write sys/bus/pci/drivers/"), -1);
		if (cases[i].budget)
			assert_string_equal(s->log[s->log_count - 1], EMERGENCY);
		else
			assert_int_equal(scripted_find(s, EMERGENCY), -1);
		scripted_free(s);
	}
}

/* A rule says that a disk in use may be stilled: at the end of a system it is not in use any more, but
 * before it is. */
static void a_disk_in_use_is_left(void **state)
{
	static const char *const budgets[] = {"80", NULL};

	(void)state;
	for (size_t i = 0; i < sizeof(budgets) / sizeof(*budgets); i++) {
		struct scripted *s = machine(0);

		scripted_file(s, "etc/stillboot/policy.d/mine.lua",
			"device { driver = \"faulty\", use = \"disk\", steps = { \"unbind\" } }\n");
		scripted_file(s, HOME "/sda1/dev", "8:1\n");
		scripted_link(s, "sys/class/block/sda1", "../../bus/pci/devices/" SLOT "/sda1");
		scripted_file(s, "proc/self/mountinfo",
			"1 1 0:2 / / rw - rootfs rootfs rw\n"
			"2 1 8:1 / /oldroot rw - ext4 /dev/sda1 rw\n");
		assert_int_equal(quiesce(s, budgets[i]), EXIT_DONE);
		assert_int_equal(scripted_find(s, "write sys/bus/pci/drivers/faulty/unbind") >= 0,
			!budgets[i]);
		scripted_free(s);
	}
}

/* Nor out of one that waits for a disk. */
static void a_disk_that_takes_nothing(void **state)
{
	struct scripted *s = machine(0);

	(void)state;
	s->hangs = "sync";
	assert_int_equal(quiesce(s, "1"), EXIT_FAILED);
	assert_string_equal(s->log[s->log_count - 2], "reboot firmware");
	assert_string_equal(s->log[s->log_count - 1], EMERGENCY);
	assert_int_equal(scripted_find(s, "write sys/bus/pci"), -1);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_stills),
		cmocka_unit_test(a_disk_in_use_is_left),
		cmocka_unit_test(the_firmware_comes_first),
		cmocka_unit_test(the_way_out_is_looked_at_first),
		cmocka_unit_test(too_little_time),
		cmocka_unit_test(a_disk_that_takes_nothing),
		cmocka_unit_test(a_driver_that_hangs_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
