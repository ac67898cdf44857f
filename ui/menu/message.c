// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/message.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>

#include "ui/menu/engine.h"

#define CHUNK 4096

/* Bytes in the order in which they came; those before begin are done with. */
struct buffer {
	char *bytes;
	size_t begin, end, size;
};

struct messages {
	int socket;
	struct buffer in, out;
	size_t searched; /* no line feed in so many bytes of in */
	int failed;      /* a negative errno: nothing comes any more */
};

struct messages *messages_new(void *ctx, int socket)
{
	struct messages *m = talloc_zero(ctx, struct messages);

	if (m)
		m->socket = socket;
	return m;
}

/* A passphrase may be among them: nothing that was sent or read is left in memory. */
static void wipe(struct buffer *b, size_t from, size_t to)
{
	if (to > from)
		explicit_bzero(b->bytes + from, to - from);
}

static void wipe_and_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

void messages_wipe_json(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}

/* Make room for so many bytes more at the end. */
static int make_room(struct messages *m, struct buffer *b, size_t count)
{
	size_t size = b->size ? b->size : CHUNK;
	char *bytes;

	if (b->begin) {
		memmove(b->bytes, b->bytes + b->begin, b->end - b->begin);
		wipe(b, b->end - b->begin, b->end);
		b->end -= b->begin;
		b->begin = 0;
	}
	while (size - b->end < count)
		size *= 2;
	if (size == b->size)
		return 0;
	bytes = talloc_array(m, char, size);
	if (!bytes)
		return -ENOMEM;
	if (b->end)
		memcpy(bytes, b->bytes, b->end);
	wipe(b, 0, b->end);
	talloc_free(b->bytes);
	b->bytes = bytes;
	b->size = size;
	return 0;
}

/* So many bytes are done with. What one long message needed is not kept for good. */
static void drop(struct buffer *b, size_t count)
{
	wipe(b, b->begin, b->begin + count);
	b->begin += count;
	if (b->begin < b->end)
		return;
	b->begin = b->end = 0;
	if (b->size > 16 * CHUNK) {
		TALLOC_FREE(b->bytes);
		b->size = 0;
	}
}

/* What is no message is shown by its beginning. */
#define SHOWN 40

static int parse(const char *line, size_t len, json_t **message, struct err *err)
{
	json_error_t why;
	json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
	const int shown = (int)(len < SHOWN ? len : SHOWN);

	if (!json)
		return err_set(err, -EPROTO, "a message is no JSON (%s at byte %d): %.*s", why.text,
			why.position, shown, line);
	if (!json_is_object(json)) {
		json_decref(json);
		return err_set(err, -EPROTO, "a message is JSON but no object: %.*s", shown, line);
	}
	*message = json;
	return 1;
}

/* A line that is whole. */
static int take_line(struct messages *m, json_t **message, struct err *err)
{
	const char *line = m->in.bytes + m->in.begin;
	const size_t len = m->in.end - m->in.begin;
	const char *end = len > m->searched ? memchr(line + m->searched, '\n', len - m->searched)
					    : NULL;
	int rc;

	if (!end) {
		m->searched = len;
		if (len < ENGINE_MESSAGE_MAX)
			return 0;
	}
	if (!end || (size_t)(end - line) >= ENGINE_MESSAGE_MAX)
		return err_set(err, -EPROTO, "a message is longer than %d bytes: %.*s",
			ENGINE_MESSAGE_MAX, SHOWN, line);
	m->searched = 0;
	rc = parse(line, (size_t)(end - line), message, err);
	drop(&m->in, (size_t)(end - line) + 1);
	return rc;
}

/* 1 if something came, 0 if nothing is there. */
static int receive(struct messages *m, struct err *err)
{
	ssize_t n;

	if (make_room(m, &m->in, CHUNK) < 0)
		return err_set(err, -ENOMEM, "no memory for a message");
	do
		n = recv(m->socket, m->in.bytes + m->in.end, m->in.size - m->in.end, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return err_set(err, -EPIPE, "the connection was closed%s",
			m->in.end > m->in.begin ? " in the middle of a message" : "");
	if (n < 0)
		return err_errno(err, -errno, "receive a message");
	m->in.end += (size_t)n;
	return 1;
}

int messages_read(struct messages *m, json_t **message, struct err *err)
{
	int rc;

	if (m->failed)
		return err_set(err, m->failed, "the connection has failed");
	do
		rc = take_line(m, message, err);
	while (rc == 0 && (rc = receive(m, err)) > 0);
	if (rc < 0)
		m->failed = rc;
	return rc;
}

static int wait_for(const struct messages *m, short events, int timeout_ms, struct err *err)
{
	struct pollfd fd = {.fd = m->socket, .events = events};

	if (poll(&fd, 1, timeout_ms) < 0 && errno != EINTR)
		return err_errno(err, -errno, "wait for the other half of the menu");
	return 0;
}

int messages_wait(struct messages *m, int timeout_ms, json_t **message, struct err *err)
{
	int rc = messages_read(m, message, err);

	if (rc == 0)
		rc = wait_for(m, POLLIN, timeout_ms, err);
	return rc ? rc : messages_read(m, message, err);
}

int messages_pending(const struct messages *m)
{
	return m->out.end > m->out.begin;
}

int messages_flush(struct messages *m, struct err *err)
{
	while (messages_pending(m)) {
		ssize_t n = send(m->socket, m->out.bytes + m->out.begin, m->out.end - m->out.begin,
			MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_errno(
				err, errno == ECONNRESET ? -EPIPE : -errno, "send a message");
		if (n > 0)
			drop(&m->out, (size_t)n);
	}
	return 0;
}

static int append(const char *bytes, size_t len, void *data)
{
	struct messages *m = data;

	if (make_room(m, &m->out, len) < 0)
		return -1;
	memcpy(m->out.bytes + m->out.end, bytes, len);
	m->out.end += len;
	return 0;
}

int messages_send(struct messages *m, const json_t *message, struct err *err)
{
	const size_t before = m->out.end - m->out.begin;
	size_t len;

	if (before > MESSAGE_QUEUE_MAX)
		return err_set(err, -ENOBUFS, "%zu bytes of messages wait to be read", before);
	if (json_dump_callback(message, append, m, JSON_COMPACT | JSON_ENSURE_ASCII) < 0 ||
		append("\n", 1, m) < 0) {
		m->out.end = m->out.begin + before;
		return err_set(err, -EINVAL, "a message cannot be written as JSON");
	}
	len = m->out.end - m->out.begin - before;
	if (len > ENGINE_MESSAGE_MAX) {
		m->out.end = m->out.begin + before;
		return err_set(err, -EMSGSIZE, "a message of %zu bytes is too long", len);
	}
	return messages_flush(m, err);
}

int messages_say(struct messages *m, const json_t *message, struct err *err)
{
	int rc = messages_send(m, message, err);

	while (rc == 0 && messages_pending(m)) {
		rc = wait_for(m, POLLOUT, -1, err);
		if (rc == 0)
			rc = messages_flush(m, err);
	}
	return rc;
}
