// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/outbox.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

void outbox_add(struct outbox *box, void *ctx, const char *bytes, size_t len, size_t max)
{
	const size_t waiting = box->count - box->sent;
	char *more;

	if (!len || (max && waiting + len > max))
		return;
	if (box->sent) {
		memmove(box->bytes, box->bytes + box->sent, waiting);
		box->count = waiting;
		box->sent = 0;
	}
	if (talloc_get_size(box->bytes) < box->count + len) {
		more = talloc_realloc(ctx, box->bytes, char, box->count + len);
		if (!more)
			return;
		box->bytes = more;
	}
	memcpy(box->bytes + box->count, bytes, len);
	box->count += len;
}

int outbox_pending(const struct outbox *box)
{
	return box->sent < box->count;
}

void outbox_forget(struct outbox *box)
{
	TALLOC_FREE(box->bytes);
	box->sent = box->count = 0;
}

/* A pipe that says POLLOUT takes this much at once (pipe(7)). */
static int takes_more(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	return poll(&p, 1, 0) > 0;
}

int outbox_flush(struct outbox *box, struct err *err)
{
	while (outbox_pending(box)) {
		const size_t waiting = box->count - box->sent;
		ssize_t n;

		if (!takes_more(box->fd))
			return 0;
		n = write(box->fd, box->bytes + box->sent, waiting < PIPE_BUF ? waiting : PIPE_BUF);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_errno(err, -errno, "write to a console");
		if (n > 0)
			box->sent += (size_t)n;
	}
	outbox_forget(box);
	return 0;
}
