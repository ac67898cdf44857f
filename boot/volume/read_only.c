// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/read_only.h"

#include <errno.h>
#include <fcntl.h>
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

#include "devices/cleanup.h"
#include "devices/descriptors.h"

#define DEVICES_MAX 4096
#define ANSWER_MS 3000 /* BLKROSET takes no time; but it may be a busy machine */

struct read_only {
	pid_t pid;
	int socket;
};

/* The keeper's own. It alone changes devices, so that none is made read-only that it does not know of, or
 * after its end has begun. */
struct keeper {
	int socket, parent;
	int until_writable;
	int is_ending; /* what is asked for from now on is refused */
	int devices[DEVICES_MAX];
	size_t count;
};

/* What a child sends: the device, and a pipe for the answer. */
enum { DEVICE, ANSWER, SENT };

union control {
	struct cmsghdr header;
	uint8_t bytes[CMSG_SPACE(SENT * sizeof(int))];
};

static void make_writable(struct keeper *k)
{
	int off = 0;

	for (size_t i = 0; i < k->count; i++) {
		ioctl(k->devices[i], BLKROSET, &off);
		close(k->devices[i]);
	}
	k->count = 0;
	k->is_ending = 1;
	if (k->until_writable >= 0)
		close(k->until_writable);
	k->until_writable = -1;
}

/* 0 or -errno. */
static int make_read_only(struct keeper *k, int device)
{
	int on = 1, was = 0, copy;

	if (k->is_ending)
		return -ECANCELED;
	if (ioctl(device, BLKROGET, &was) < 0)
		return -errno;
	if (was)
		return 0;
	copy = k->count < DEVICES_MAX ? fcntl(device, F_DUPFD_CLOEXEC, 3) : -1;
	if (copy < 0)
		return -EMFILE;
	k->devices[k->count++] = copy;
	return ioctl(copy, BLKROSET, &on) < 0 ? -errno : 0;
}

static void answer(struct keeper *k, int device, int to)
{
	int rc = make_read_only(k, device);

	if (write(to, &rc, sizeof(rc)) < 0)
		return; /* who asked is gone */
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
	int files[SENT];

	if (len <= 0)
		return 0;
	if (!rights || rights->cmsg_len != CMSG_LEN(sizeof(files))) {
		make_writable(k);
		send(k->socket, &byte, 1, MSG_NOSIGNAL);
		return 1;
	}
	memcpy(files, CMSG_DATA(rights), sizeof(files));
	answer(k, files[DEVICE], files[ANSWER]);
	close(files[DEVICE]);
	close(files[ANSWER]);
	return 1;
}

/* A job that hangs may keep the socket open long after the parent is dead. */
__attribute__((noreturn)) static void keep(struct machine *m, struct keeper k)
{
	const int files[] = {k.socket, k.parent, k.until_writable};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	/* Before there is anything to keep; also in a dry run, which mounts as well. */
	machine_linux_effects.write_attr(m, "proc/self/oom_score_adj", "-1000", NULL);
	descriptors_close_all_but(files, 3);
	for (;;) {
		struct pollfd fds[] = {{k.socket, POLLIN, 0}, {k.parent, POLLIN, 0}};

		poll(fds, 2, -1);
		if (fds[1].revents) {
			make_writable(&k);
			k.parent = -1;
		} else if (fds[0].revents && !take_message(&k)) {
			break;
		}
	}
	make_writable(&k);
	_exit(0);
}

struct read_only *read_only_new(struct machine *m, void *ctx, int until_writable)
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
		keep(m, (struct keeper){.socket = theirs,
				.parent = parent,
				.until_writable = until_writable});
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

static int ask(int socket, int device, int answer)
{
	union control control = {0};
	struct iovec bytes = {(char[1]){0}, 1};
	struct msghdr header = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	const int files[SENT] = {[DEVICE] = device, [ANSWER] = answer};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(files));
	memcpy(CMSG_DATA(&control.header), files, sizeof(files));
	return sendmsg(socket, &header, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

/* The pipe's end comes when the keeper is gone. */
int read_only_set(int socket, int device_fd)
{
	_cleanup_fd_ int answer = -1, theirs = -1;
	int pipe[2], rc, said;
	ssize_t n;

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return -errno;
	answer = pipe[0];
	theirs = pipe[1];
	rc = ask(socket, device_fd, theirs);
	close(fd_take(&theirs));
	if (rc < 0)
		return rc;
	do
		n = read(answer, &said, sizeof(said));
	while (n < 0 && errno == EINTR);
	return n == sizeof(said) ? said : -ECANCELED;
}
