// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's log, as dev/kmsg would give it: names of devices and what they say are in there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/kernel_log.h"
#include "devices/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct kernel_log *log)
{
	struct pci_slot slot;

	if (log->count > KERNEL_MESSAGES_MAX || log->total < log->count)
		abort();
	for (size_t i = 0; i < log->count; i++) {
		const struct kernel_message *message = &log->messages[i];

		if (!utf8_is_valid(message->text) ||
			(*message->slot && pci_parse_slot(message->slot, &slot) < 0))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine m = {.root_fd = -1, .root = ""}; /* there is nothing to tie anything to */
	struct kernel_log *log = talloc_zero(NULL, struct kernel_log);
	int fd = memfd_create("kmsg", MFD_CLOEXEC);

	if (write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) < 0)
		abort();
	kernel_log_take(&m, fd, log);
	check(log);
	close(fd);
	talloc_free(log);
	return 0;
}
