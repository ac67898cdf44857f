// SPDX-License-Identifier: GPL-2.0-or-later
/* The beginning and the end of the first process. */
#include "ui/appliance_parts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/appliance/consoles.h"
#include "boot/appliance/mounts.h"
#include "boot/jump.h"
#include "devices/cleanup.h"
#include "devices/kernel_words.h"

#define HOSTNAME "stillboot"
#define PROGRAMS "/usr/sbin:/usr/bin:/sbin:/bin"
#define PRINTK "proc/sys/kernel/printk"
#define PANIC "proc/sys/kernel/panic"
#define PANIC_SECONDS "10"
#define RESTART_MS 10000
#define ATTRIBUTE_MAX 256

static void change(struct appliance *a, const char *path, const char *value)
{
	struct err err;

	if (a->machine.effects->write_attr(&a->machine, path, value, &err) < 0)
		log_debug("%s", err.text);
}

/* The death of the first process is a panic, and that lasts for ever where nobody said how long. */
static void make_panics_end(struct appliance *a)
{
	_cleanup_talloc_ char *seconds = NULL;

	if (machine_read_file(&a->machine, NULL, PANIC, ATTRIBUTE_MAX, &seconds, NULL) == 0 &&
		!strcmp(seconds, "0"))
		change(a, PANIC, PANIC_SECONDS);
}

static int has_shell(struct appliance *a)
{
	static const char *const refusals[] = {"no", "off", "0"};
	_cleanup_talloc_ char *word = kernel_words_value(&a->machine, NULL, "stillboot.shell");

	for (size_t i = 0; word && i < sizeof(refusals) / sizeof(*refusals); i++)
		if (!strcmp(word, refusals[i]))
			return 0;
	return faccessat(a->machine.root_fd, "bin/sh", X_OK, 0) == 0;
}

static void read_printk(struct appliance *a)
{
	char *text;

	if (machine_read_file(&a->machine, NULL, PRINTK, ATTRIBUTE_MAX, &text, NULL) == 0)
		a->printk = text;
}

int appliance_be_born(struct appliance *a, struct err *err)
{
	int rc = machine_open(&a->machine, NULL, err);

	if (rc == 0)
		rc = appliance_mount(&a->machine, err);
	if (rc < 0)
		return rc;
	/* Whoever stops a line (^S) does not stop the first process, which has words to say
	 * there. */
	fcntl(STDERR_FILENO, F_SETFL, O_RDWR | O_NONBLOCK);
	setenv("PATH", PROGRAMS, 1);
	change(a, "proc/sys/kernel/hostname", HOSTNAME);
	make_panics_end(a);
	read_printk(a);
	a->has_shell = has_shell(a);
	return 0;
}

void appliance_mend(struct appliance *a)
{
	for (const char **console = a->consoles; console && *console; console++)
		appliance_console_reset(&a->machine, *console);
	if (a->printk)
		change(a, PRINTK, a->printk);
}

_Noreturn void appliance_restart(struct appliance *a, const char *why)
{
	struct machine *m = &a->machine;
	struct err err;

	log_error("%s; restarting through the firmware in %d s", why, RESTART_MS / 1000);
	m->effects->settle(m, RESTART_MS, &err);
	m->effects->sync(m, &err);
	if (m->effects->reboot(m, MACHINE_REBOOT_FIRMWARE, &err) < 0 &&
		jump_out(m, JUMP_HANG_RESTART, &err) < 0)
		log_error("%s", err.text);
	for (;;)
		pause();
}
