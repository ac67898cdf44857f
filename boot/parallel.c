// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/parallel.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "devices/cleanup.h"

/* What a child sends: the return code and the output, and the descriptor beside them. */
struct message {
	int rc;
	uint8_t output[PARALLEL_OUTPUT_MAX];
};

union control {
	struct cmsghdr header;
	uint8_t bytes[CMSG_SPACE(sizeof(int))];
};

static void send_message(int socket, struct message *message, size_t size, int fd)
{
	union control control = {0};
	struct iovec bytes = {message, offsetof(struct message, output) + size};
	struct msghdr header = {.msg_iov = &bytes, .msg_iovlen = 1};

	if (fd >= 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = sizeof(control.bytes);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	sendmsg(socket, &header, MSG_NOSIGNAL);
}

/* The child is gone: what it sent is there or will never come. */
static int receive_message(struct parallel_job *job, size_t size)
{
	struct message message;
	union control control;
	struct iovec bytes = {&message, sizeof(message)};
	struct msghdr header = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t len = recvmsg(job->socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *rights = len < 0 ? NULL : CMSG_FIRSTHDR(&header);
	_cleanup_fd_ int fd = -1;

	if (rights && rights->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(rights), sizeof(fd));
	if (len != (ssize_t)(offsetof(struct message, output) + size))
		return -ECHILD;
	if (size)
		memcpy(job->output, message.output, size);
	if (message.rc == 0)
		job->fd = fd_take(&fd);
	return message.rc;
}

__attribute__((noreturn)) static void child(
	const struct parallel_job *job, parallel_work *work, size_t size, int socket)
{
	struct message message = {0};
	sigset_t all;
	int fd = -1;

	/* It may be holding a device in a state that only it puts right again (volume_mount.c): so
	 * nothing ends it but its own end, however late that is. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	message.rc = work(job->input, message.output, &fd);
	send_message(socket, &message, size, fd);
	_exit(0);
}

static int start(struct parallel_job *job, parallel_work *work, size_t size)
{
	_cleanup_fd_ int ours = -1, theirs = -1;
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	ours = sockets[0];
	theirs = sockets[1];
	job->pid = fork();
	if (job->pid < 0)
		return -errno;
	if (job->pid == 0)
		child(job, work, size, theirs);
	job->pid_fd = pidfd_open(job->pid, 0);
	if (job->pid_fd < 0) {
		int rc = -errno;

		kill(job->pid, SIGKILL);
		return rc;
	}
	job->socket = fd_take(&ours);
	return 0;
}

/* A descriptor of a process can be read from once that has ended. */
static void finish_ended(struct parallel_job *job, size_t size)
{
	struct pollfd ended = {.fd = job->pid_fd, .events = POLLIN};

	if (job->rc != -EINPROGRESS || poll(&ended, 1, 0) <= 0)
		return;
	waitpid(job->pid, NULL, 0);
	job->rc = receive_message(job, size);
}

static int milliseconds_left(const struct timespec *begin, unsigned int deadline_ms)
{
	struct timespec now;
	int64_t passed;

	clock_gettime(CLOCK_MONOTONIC, &now);
	passed = (now.tv_sec - begin->tv_sec) * 1000 + (now.tv_nsec - begin->tv_nsec) / 1000000;
	return passed < deadline_ms ? (int)(deadline_ms - passed) : 0;
}

/* ended has room for as many as there are jobs. */
static void wait_for_all(struct parallel_job *jobs, size_t count, size_t size,
	unsigned int deadline_ms, struct pollfd *ended)
{
	struct timespec begin;
	int left;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		nfds_t waiting = 0;

		for (size_t i = 0; i < count; i++) {
			finish_ended(&jobs[i], size);
			if (jobs[i].rc == -EINPROGRESS)
				ended[waiting++] = (struct pollfd){jobs[i].pid_fd, POLLIN, 0};
		}
		left = waiting ? milliseconds_left(&begin, deadline_ms) : 0;
		if (left)
			poll(ended, waiting, left);
	} while (left);
}

static void give_up(struct parallel_job *job)
{
	if (job->rc == -EINPROGRESS)
		job->rc = -ETIME;
	if (job->socket >= 0)
		close(job->socket);
	if (job->pid_fd >= 0)
		close(job->pid_fd);
}

void parallel_run(struct parallel_job *jobs, size_t count, parallel_work *work, size_t output_size,
	unsigned int deadline_ms)
{
	_cleanup_talloc_ struct pollfd *ended = talloc_array(NULL, struct pollfd, count);

	assert(output_size <= PARALLEL_OUTPUT_MAX);
	for (size_t i = 0; i < count; i++) {
		int rc = -ENOMEM;

		jobs[i].fd = jobs[i].socket = jobs[i].pid_fd = -1;
		if (ended)
			rc = start(&jobs[i], work, output_size);
		jobs[i].rc = rc < 0 ? rc : -EINPROGRESS;
	}
	if (ended)
		wait_for_all(jobs, count, output_size, deadline_ms, ended);
	for (size_t i = 0; i < count; i++)
		give_up(&jobs[i]);
}
