// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's command line: who starts the machine writes it, and so do boot loaders. What is to
 * be left alone, and settings of the menu. */
#include <assert.h>
#include <stdint.h>
#include <talloc.h>

#include "boot/settings/settings.h"
#include "devices/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_settings(void *ctx, const char *cmdline)
{
	struct settings *s = settings_new(ctx);

	assert(s && settings_of_command_line(s, cmdline) == 0);
	assert(s->problem_count <= SETTINGS_PROBLEMS_MAX);
	for (int i = 0; i < SETTINGS; i++)
		assert(!s->values[i] || !setting_check((enum setting)i, s->values[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host host = {.cmdline = talloc_strndup(NULL, (const char *)data, size)};
	struct bus_device device = {.bus = "usb", .name = "1-1:1.0", .driver = "a b"};
	struct pci_function f = {.slot = "0000:01:00.0", .driver = "nvme"};
	struct host_optouts o;

	if (host_optouts(&host, (void *)host.cmdline, &o) == 0) {
		assert(o.leave_count <= HOST_LEAVE_MAX);
		host_leaves_function(&o, &f);
		host_leaves_device(&o, &device);
	}
	take_settings((void *)host.cmdline, host.cmdline);
	talloc_free((void *)host.cmdline);
	return 0;
}
