// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/keeper.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/descriptors.h"

__attribute__((noreturn)) static void keep(
	struct machine *m, const struct keeper *keeper, int socket, int held)
{
	const int files[] = {socket, held, m->root_fd};
	sigset_t all;
	char byte;
	ssize_t n;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	setsid();
	machine_linux_effects.write_attr(m, "proc/self/oom_score_adj", "-1000", NULL);
	descriptors_close_all_but(files, sizeof(files) / sizeof(*files));
	do
		n = recv(socket, &byte, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n != 1) /* its end without a word */
		keeper->undo(keeper->argument);
	_exit(0);
}

int keeper_start(struct machine *m, keeper_undo *undo, void *argument, int held,
	struct keeper *keeper, struct err *err)
{
	int ends[2], rc;

	*keeper = (struct keeper){.socket = -1, .undo = undo, .argument = argument};
	if (m->effects->pretends)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_errno(err, -errno, "start a process that undoes");
	keeper->pid = fork();
	if (keeper->pid == 0) {
		close(ends[1]);
		keep(m, keeper, ends[0], held);
	}
	rc = keeper->pid < 0 ? -errno : 0;
	close(ends[0]);
	if (rc < 0) {
		close(ends[1]);
		keeper->pid = 0;
		return err_errno(err, rc, "start a process that undoes");
	}
	keeper->socket = ends[1];
	return 0;
}

static void end(struct keeper *keeper)
{
	close(keeper->socket);
	while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
		;
	keeper->pid = 0;
}

void keeper_dismiss(struct keeper *keeper)
{
	keeper->undo = NULL;
	if (!keeper->pid)
		return;
	if (send(keeper->socket, "", 1, MSG_NOSIGNAL) == 1)
		end(keeper);
}

void keeper_call(struct keeper *keeper)
{
	if (keeper->pid)
		end(keeper);
	else if (keeper->undo)
		keeper->undo(keeper->argument);
	keeper->undo = NULL;
}
