// SPDX-License-Identifier: GPL-2.0-or-later
/* The real effects, as far as they do no harm here. */
#include <net/if.h>
#include <sched.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <talloc.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/machine.h"
#include "tests/unit/tree.h"

/* On the loopback interface of a network of its own: 0 when it comes down, and only once. */
static int take_loopback_down(struct machine *m)
{
	struct ifreq up = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	struct err err;
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		return 77;
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (machine_linux_effects.link_down(m, "lo", &err) != 1 ||
		strcmp(err.text, "it is down already"))
		return 1;
	if (ioctl(fd, SIOCSIFFLAGS, &up) < 0 || machine_linux_effects.link_down(m, "lo", &err) != 0)
		return 2;
	return machine_linux_effects.link_down(m, "lo", &err) == 1 ? 0 : 3;
}

static void modules_and_links(void **state)
{
	static const char *const names[] = {
		"stillboot0", "an interface of a name that is too long"};
	struct machine m;
	struct err err;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(machine_open(&m, NULL, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(machine_linux_effects.link_down(&m, names[i], &err), 1);
		assert_non_null(strstr(err.text, "no such interface"));
	}
	if (machine_linux_effects.unload_module(&m, "stillboot_none", &err) != 1)
		assert_non_null(strstr(err.text, "stillboot_none")); /* not allowed to */
	pid = fork();
	if (pid == 0)
		_exit(take_loopback_down(&m));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != 77)
		assert_int_equal(WEXITSTATUS(status), 0);
	machine_close(&m);
}

/* A captured tree may hold any link. */
static void no_link_leads_out_of_a_tree(void **state)
{
	struct tree tree;
	struct machine m;
	char *text;

	(void)state;
	tree_new(&tree);
	tree_machine(&tree, &m);
	tree_link(&tree, "proc/version", "/etc/passwd");
	tree_link(&tree, "proc/uptime", "../../../../../../../../etc/passwd");
	tree_link(&tree, "sys", "/");
	assert_int_equal(
		machine_read_file(&m, NULL, "proc/version", 1 << 16, &text, NULL), -ENOENT);
	assert_int_equal(machine_read_file(&m, NULL, "proc/uptime", 1 << 16, &text, NULL), -ENOENT);
	tree_file(&tree, "etc/passwd", "ours\n");
	assert_int_equal(machine_read_file(&m, NULL, "proc/version", 1 << 16, &text, NULL), 0);
	assert_string_equal(text, "ours");
	talloc_free(text);
	machine_close(&m);
	tree_remove(&tree);
}

/* Another root has the sysfs by now. */
static void sysfs_is_found_wherever_it_goes(void **state)
{
	const struct machine_effects *real = &machine_linux_effects;
	struct tree tree;
	struct machine m;
	char byte, *text;

	(void)state;
	tree_new(&tree);
	tree_machine(&tree, &m);
	tree_file(&tree, "sys/bus/pci/devices/0000:01:00.0/config", "abcd");
	tree_file(&tree, "sys/bus/pci/devices/0000:01:00.0/reset", "0");
	m.sysfs_fd = openat(m.root_fd, "sys", O_PATH | O_CLOEXEC);
	assert_int_equal(renameat(m.root_fd, "sys", m.root_fd, "moved"), 0);
	assert_int_equal(
		real->write_attr(&m, "sys/bus/pci/devices/0000:01:00.0/reset", "1", NULL), 0);
	assert_int_equal(real->write_config(&m, "0000:01:00.0", 0, 1, 'x', NULL), 0);
	assert_int_equal(real->read_config(&m, "0000:01:00.0", &byte, 1, NULL), 1);
	assert_int_equal(byte, 'x');
	assert_int_equal(machine_read_file(&m, NULL, "moved/bus/pci/devices/0000:01:00.0/reset", 8,
				 &text, NULL),
		0);
	assert_string_equal(text, "1");
	talloc_free(text);
	/* Nothing else lies there. */
	assert_int_equal(real->write_attr(&m, "bus/pci/rescan", "1", NULL), -ENOENT);
	close(m.sysfs_fd);
	machine_close(&m);
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_and_links),
		cmocka_unit_test(no_link_leads_out_of_a_tree),
		cmocka_unit_test(sysfs_is_found_wherever_it_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
