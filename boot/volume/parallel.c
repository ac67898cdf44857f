// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/parallel.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/descriptors.h"

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
static int receive_message(int socket, void *output, size_t size, int *received)
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
	ssize_t len = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *rights = len < 0 ? NULL : CMSG_FIRSTHDR(&header);
	_cleanup_fd_ int fd = -1;

	if (rights && rights->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(rights), sizeof(fd));
	if (len != (ssize_t)(offsetof(struct message, output) + size))
		return -ECHILD;
	if (size)
		memcpy(output, message.output, size);
	if (message.rc == 0)
		*received = fd_take(&fd);
	return message.rc;
}

__attribute__((noreturn)) static void child(
	parallel_work *work, const struct parallel_input *input, int socket)
{
	const int keep[] = {socket, input->keep[0], input->keep[1]};
	struct message message = {0};
	sigset_t all;
	int fd = -1;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	descriptors_close_all_but(keep, sizeof(keep) / sizeof(*keep));
	message.rc = work(input->input, message.output, &fd);
	send_message(socket, &message, input->output_size, fd);
	_exit(0);
}

int parallel_start(
	struct parallel_job *job, parallel_work *work, const struct parallel_input *input)
{
	_cleanup_fd_ int ours = -1, theirs = -1;
	int sockets[2];

	assert(input->output_size <= PARALLEL_OUTPUT_MAX);
	*job = (struct parallel_job){.pid_fd = -1, .socket = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	ours = sockets[0];
	theirs = sockets[1];
	job->pid = fork();
	if (job->pid < 0)
		return -errno;
	if (job->pid == 0)
		child(work, input, theirs);
	job->pid_fd = pidfd_open(job->pid, 0);
	if (job->pid_fd < 0)
		return -errno; /* it has no one to talk to, and ends */
	job->socket = fd_take(&ours);
	return 0;
}

void parallel_abandon(struct parallel_job *job)
{
	if (job->pid_fd >= 0)
		close(job->pid_fd);
	if (job->socket >= 0)
		close(job->socket);
	job->pid_fd = job->socket = -1;
}

int parallel_end(struct parallel_job *job, void *output, size_t output_size, int *fd)
{
	int rc;

	*fd = -1;
	waitpid(job->pid, NULL, 0);
	rc = receive_message(job->socket, output, output_size, fd);
	parallel_abandon(job);
	return rc;
}
