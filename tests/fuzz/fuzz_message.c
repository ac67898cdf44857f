// SPDX-License-Identifier: GPL-2.0-or-later
/* What an engine that has gone mad sends: the first byte is how much comes at once. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

#include "ui/menu/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_all(struct messages *m)
{
	struct err err;
	json_t *message;
	int rc;

	while ((rc = messages_read(m, &message, &err)) > 0) {
		if (!json_is_object(message))
			abort();
		json_decref(message);
	}
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct messages *m;
	int sockets[2], rc = 0;
	size_t step;

	if (size < 1 || size > 65536 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		return 0;
	m = messages_new(NULL, sockets[0]);
	step = 1 + data[0] * 16;
	for (size_t i = 1; i < size && rc == 0; i += step) {
		const size_t n = size - i < step ? size - i : step;

		if (send(sockets[1], data + i, n, 0) != (ssize_t)n)
			abort();
		rc = read_all(m);
	}
	close(sockets[1]);
	if (read_all(m) == 0) /* the end is told */
		abort();
	talloc_free(m);
	close(sockets[0]);
	return 0;
}
