// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/read_only.h"

#include <errno.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/parallel.h"
#include "devices/cleanup.h"

#define DEVICES_MAX 4096
#define ANSWER_MS 3000 /* BLKROSET takes no time; but it may be a busy machine */

struct read_only {
	pid_t pid;
	int socket;
};

/* The keeper's own. */
struct keeper {
	int socket, parent;
	int devices[DEVICES_MAX];
	size_t count;
};

union control {
	struct cmsghdr header;
	uint8_t bytes[CMSG_SPACE(sizeof(int))];
};

static void make_writable(struct keeper *k)
{
	int off = 0;

	for (size_t i = 0; i < k->count; i++) {
		ioctl(k->devices[i], BLKROSET, &off);
		close(k->devices[i]);
	}
	k->count = 0;
}

/* A device, or a message without one: make them writable, and say so. 0 when nobody is left who
 * could send anything. */
static int take_message(struct keeper *k)
{
	char byte;
	union control control;
	struct iovec bytes = {&byte, 1};
	struct msghdr header = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t len = recvmsg(k->socket, &header, MSG_CMSG_CLOEXEC);
	struct cmsghdr *rights = len > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	int fd;

	if (len <= 0)
		return 0;
	if (!rights) {
		make_writable(k);
		send(k->socket, &byte, 1, MSG_NOSIGNAL);
		return 1;
	}
	memcpy(&fd, CMSG_DATA(rights), sizeof(fd));
	if (k->count < DEVICES_MAX)
		k->devices[k->count++] = fd;
	return 1;
}

/* A job that hangs may keep the socket open long after the parent is dead. */
__attribute__((noreturn)) static void keep(int socket, int parent)
{
	struct keeper k = {.socket = socket, .parent = parent};
	const int files[] = {socket, parent};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	parallel_close_all_but(files, 2);
	for (;;) {
		struct pollfd fds[] = {{k.socket, POLLIN, 0}, {k.parent, POLLIN, 0}};

		poll(fds, 2, -1);
		if (fds[0].revents) {
			if (!take_message(&k))
				break;
		} else if (fds[1].revents) {
			make_writable(&k);
			k.parent = -1;
		}
	}
	make_writable(&k);
	_exit(0);
}

struct read_only *read_only_new(void *ctx)
{
	_cleanup_talloc_ struct read_only *keeper = talloc_zero(ctx, struct read_only);
	_cleanup_fd_ int parent = pidfd_open(getpid(), 0), ours = -1, theirs = -1;
	struct read_only *made = keeper;
	int sockets[2];

	if (!keeper || parent < 0 ||
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return NULL;
	ours = sockets[0];
	theirs = sockets[1];
	keeper->pid = fork();
	if (keeper->pid < 0)
		return NULL;
	if (keeper->pid == 0)
		keep(theirs, parent);
	keeper->socket = fd_take(&ours);
	keeper = NULL;
	return made;
}

void read_only_free(struct read_only *keeper)
{
	struct pollfd answer;

	if (!keeper)
		return;
	answer = (struct pollfd){keeper->socket, POLLIN, 0};
	if (send(keeper->socket, "", 1, MSG_NOSIGNAL) == 1)
		poll(&answer, 1, ANSWER_MS);
	close(keeper->socket);
	waitpid(keeper->pid, NULL, WNOHANG);
	talloc_free(keeper);
}

int read_only_socket(const struct read_only *keeper)
{
	return keeper ? keeper->socket : -1;
}

/* The keeper knows of it before it happens. */
int read_only_set(int socket, int device_fd)
{
	union control control = {0};
	struct iovec bytes = {(char[1]){0}, 1};
	struct msghdr header = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	int on = 1, was = 0;

	if (ioctl(device_fd, BLKROGET, &was) < 0)
		return -errno;
	if (was)
		return 0;
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &device_fd, sizeof(device_fd));
	if (sendmsg(socket, &header, MSG_NOSIGNAL) != 1)
		return -errno;
	return ioctl(device_fd, BLKROSET, &on) < 0 ? -errno : 0;
}
