// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

const int signals_to_end[] = {SIGHUP, SIGINT, SIGTERM, 0};

int signals_open(const int *signals, struct err *err)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (; *signals; signals++)
		sigaddset(&set, *signals);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_errno(err, -errno, "wait for signals") : fd;
}
