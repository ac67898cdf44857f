// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages over a socket, whole, in pieces, and bytes that are none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "ui/menu/engine.h"
#include "ui/menu/message.h"

struct pair {
	int sockets[2];
	struct messages *front, *engine;
	struct err err;
};

static int set_up(void **state)
{
	struct pair *p = talloc_zero(NULL, struct pair);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->sockets), 0);
	p->front = messages_new(p, p->sockets[0]);
	p->engine = messages_new(p, p->sockets[1]);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct pair *p = *state;

	close(p->sockets[0]);
	if (p->sockets[1] >= 0)
		close(p->sockets[1]);
	talloc_free(p);
	return 0;
}

static void put(struct pair *p, const char *bytes, size_t len)
{
	assert_int_equal(send(p->sockets[1], bytes, len, 0), len);
}

static void hang_up(struct pair *p)
{
	close(p->sockets[1]);
	p->sockets[1] = -1;
}

/* The next message's "say". */
static void expect(struct messages *m, const char *say)
{
	struct err err = {""};
	json_t *message = NULL;
	int rc = messages_read(m, &message, &err);

	if (rc != 1)
		fail_msg("%d instead of \"%s\": %s", rc, say, err.text);
	assert_string_equal(json_string_value(json_object_get(message, "say")), say);
	json_decref(message);
}

static void expect_error(struct pair *p, int rc, const char *sentence)
{
	json_t *message = NULL;

	assert_int_equal(messages_read(p->front, &message, &p->err), rc);
	assert_null(message);
	if (!strstr(p->err.text, sentence))
		fail_msg("\"%s\" is not in \"%s\"", sentence, p->err.text);
	/* And nothing after it. */
	assert_int_equal(messages_read(p->front, &message, &p->err), rc);
}

static void test_pieces(void **state)
{
	static const char bytes[] = "{\"say\":\"one\"}\n{\"say\":\"two\"}\n{\"say\":\"thr";
	struct pair *p = *state;
	json_t *message = NULL;

	assert_int_equal(messages_read(p->front, &message, &p->err), 0);
	put(p, bytes, sizeof(bytes) - 1);
	expect(p->front, "one");
	expect(p->front, "two");
	assert_int_equal(messages_read(p->front, &message, &p->err), 0);
	put(p, "ee\"}", 4);
	assert_int_equal(messages_read(p->front, &message, &p->err), 0);
	put(p, "\n", 1);
	expect(p->front, "three");
	for (const char *c = "{\"say\":\"bytes\"}\n"; *c; c++) {
		assert_int_equal(messages_read(p->front, &message, &p->err), 0);
		put(p, c, 1);
	}
	expect(p->front, "bytes");
	hang_up(p);
	expect_error(p, -EPIPE, "was closed");
}

static void test_hostile(void **state)
{
	static const struct {
		const char *line, *sentence;
	} cases[] = {
		{"\n", "no JSON"},
		{"say\n", "no JSON"},
		{"{\"say\":\n", "no JSON"},
		{"{\"say\":\"a\",\"say\":\"b\"}\n", "no JSON (duplicate"},
		{"{\"say\":\"\\u0000\"}\n", "no JSON"},
		{"{\"say\":\"\xff\"}\n", "no JSON"},
		{"{} {}\n", "no JSON"},
		{"[1]\n", "no object: [1]"},
		{"7\n", "no"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pair *p;

		set_up((void **)&p);
		put(p, cases[i].line, strlen(cases[i].line));
		expect_error(p, -EPROTO, cases[i].sentence);
		tear_down((void **)&p);
	}
	(void)state;
}

static void test_closed_within(void **state)
{
	struct pair *p = *state;

	put(p, "{\"say\":\"last\"}\n{\"say", 20);
	hang_up(p);
	expect(p->front, "last");
	expect_error(p, -EPIPE, "in the middle");
}

/* Another process sends: a socket holds less than this. */
static pid_t send_in_child(struct pair *p, const char *bytes, size_t len)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	while (len) {
		ssize_t n = send(p->sockets[1], bytes, len, MSG_NOSIGNAL);

		if (n < 0)
			_exit(1);
		bytes += n;
		len -= (size_t)n;
	}
	_exit(0);
}

static void expect_of_child(struct pair *p, size_t len, int rc)
{
	char *bytes = talloc_size(p, len + 1);
	json_t *message = NULL;
	pid_t pid;
	int got, status;

	memset(bytes, ' ', len);
	memcpy(bytes, "{\"say\":\"long\"}", 14);
	bytes[len - 1] = '\n';
	pid = send_in_child(p, bytes, len);
	do
		got = messages_wait(p->front, -1, &message, &p->err);
	while (got == 0);
	assert_int_equal(got, rc);
	json_decref(message);
	hang_up(p);
	shutdown(p->sockets[0], SHUT_RDWR);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void test_longest(void **state)
{
	expect_of_child(*state, ENGINE_MESSAGE_MAX, 1);
}

static void test_too_long(void **state)
{
	struct pair *p = *state;

	expect_of_child(p, ENGINE_MESSAGE_MAX + 8000, -EPROTO);
	assert_non_null(strstr(p->err.text, "longer than 1048576 bytes"));
}

/* The front queues what the engine does not read, up to a limit, and never waits. */
static void test_queue(void **state)
{
	struct pair *p = *state;
	char *text = talloc_size(p, 100001);
	json_t *message;
	int sent = 0, rc;

	memset(text, 'x', 100000);
	text[100000] = '\0';
	message = json_pack("{ssss}", "say", "much", "text", text);
	while ((rc = messages_send(p->front, message, &p->err)) == 0)
		sent++;
	assert_int_equal(rc, -ENOBUFS);
	assert_in_range(sent, MESSAGE_QUEUE_MAX / 100000, 2 * MESSAGE_QUEUE_MAX / 100000);
	assert_true(messages_pending(p->front));
	while (sent--) {
		json_t *got = NULL;

		do
			assert_int_equal(messages_flush(p->front, &p->err), 0);
		while ((rc = messages_read(p->engine, &got, &p->err)) == 0);
		assert_int_equal(rc, 1);
		assert_true(json_equal(got, message));
		json_decref(got);
	}
	assert_false(messages_pending(p->front));
	json_decref(message);
}

static void test_send_errors(void **state)
{
	struct pair *p = *state;
	char *text = talloc_size(p, ENGINE_MESSAGE_MAX + 1);
	json_t *message;

	memset(text, 'x', ENGINE_MESSAGE_MAX);
	text[ENGINE_MESSAGE_MAX] = '\0';
	message = json_pack("{ss}", "say", text);
	assert_int_equal(messages_send(p->front, message, &p->err), -EMSGSIZE);
	json_decref(message);
	message = json_pack("{ss}", "say", "small");
	/* Nothing of the long one was sent. */
	assert_int_equal(messages_say(p->front, message, &p->err), 0);
	expect(p->engine, "small");
	hang_up(p);
	assert_int_equal(messages_send(p->front, message, &p->err), -EPIPE);
	json_decref(message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pieces, set_up, tear_down),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test_setup_teardown(test_closed_within, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_longest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_long, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_queue, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_send_errors, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
