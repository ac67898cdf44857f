// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's command line: who starts the machine writes it, and so do boot loaders. */
#include <assert.h>
#include <stdint.h>
#include <talloc.h>

#include "devices/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	talloc_free((void *)host.cmdline);
	return 0;
}
