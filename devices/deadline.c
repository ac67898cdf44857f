// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/clock.h"

#define KILLED_MS 500 /* for what was killed to be gone */

struct answer {
	int rc;
	struct err err;
};

/* Until something can be read, or the other end is closed. */
static int wait_readable(int fd, uint64_t deadline_us)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	for (;;) {
		uint64_t now = clock_now_us();
		int left_ms = now < deadline_us ? (int)((deadline_us - now + 999) / 1000) : 0;
		int n = poll(&ready, 1, left_ms);

		if (n > 0 || (n == 0 && !left_ms))
			return n;
		if (n < 0 && errno != EINTR)
			return 0;
	}
}

/* A zombie that stays behind is init's. */
static void end(pid_t pid, int fd)
{
	kill(pid, SIGKILL);
	if (wait_readable(fd, clock_now_us() + KILLED_MS * 1000))
		waitpid(pid, NULL, 0);
}

__attribute__((noreturn)) static void do_it(int fd, machine_action *action, void *argument)
{
	struct answer answer = {.err.text = ""};

	answer.rc = action(argument, &answer.err);
	_exit(write(fd, &answer, sizeof(answer)) != sizeof(answer));
}

int deadline_run(unsigned int ms, machine_action *action, void *argument, struct err *err)
{
	_cleanup_fd_ int from = -1, to = -1;
	struct answer answer;
	int ends[2], is_whole;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, -errno, "begin it");
	from = ends[0];
	to = ends[1];
	pid = fork();
	if (pid == 0)
		do_it(to, action, argument);
	close(fd_take(&to));
	if (pid < 0)
		return err_errno(err, -errno, "begin it");
	if (!wait_readable(from, clock_now_us() + (uint64_t)ms * 1000)) {
		end(pid, from);
		return err_set(err, -ETIME, "it did not end within %u s", ms / 1000);
	}
	is_whole = read(from, &answer, sizeof(answer)) == sizeof(answer);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (!is_whole)
		return err_set(err, -ECHILD, "whoever did it died");
	return answer.rc < 0 ? err_set(err, answer.rc, "%s", answer.err.text) : answer.rc;
}
