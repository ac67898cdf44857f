/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_MESSAGE_H
#define MENU_MESSAGE_H

/*
 * The messages of engine.h on their way: each is a JSON object on a line of its own, of at most
 * ENGINE_MESSAGE_MAX bytes, over a stream socket. Nobody trusts the other end's bytes: the engine parses
 * what is on disks.
 *
 * The front never waits: it takes what is there, and queues what it sends. The engine has nothing else to
 * do and waits. None of this raises SIGPIPE or depends on the socket's own O_NONBLOCK.
 */

#include <jansson.h>

#include "devices/err.h"

/* What may wait to be sent. Requests are small: an engine that leaves so much unread does not live. */
#define MESSAGE_QUEUE_MAX (4 << 20)

struct messages;

/* One end of a connection, below ctx. The socket is borrowed. NULL when memory ran out. */
struct messages *messages_new(void *ctx, int socket);

/* From now on what JSON frees is wiped, in all of the process: passphrases come in messages. What messages
 * themselves were sent and read in is, always. */
void messages_wipe_json(void);

/* The next message. 1 with *message the caller's to decref; 0 if no whole one is there yet; -EPIPE when the
 * other end is closed, in the middle of a line or not; -EPROTO for a line that is no message; another errno
 * of the socket. After an error there is none any more. Never waits. Call it until it returns 0. */
int messages_read(struct messages *messages, json_t **message, struct err *err);

/* The same, waiting for it; the timeout in milliseconds is for something to happen, -1 for none. */
int messages_wait(struct messages *messages, int timeout_ms, json_t **message, struct err *err);

/* Queue a message, and send what can be sent without waiting. -EMSGSIZE for one that is too large, which is
 * dropped; -ENOBUFS when too much waits; -EPIPE when the other end is closed. */
int messages_send(struct messages *messages, const json_t *message, struct err *err);

/* Is there something that waits for POLLOUT? Then this is to be called at that. */
int messages_pending(const struct messages *messages);
int messages_flush(struct messages *messages, struct err *err);

/* Send a message and wait until it is on its way whole. */
int messages_say(struct messages *messages, const json_t *message, struct err *err);

#endif
