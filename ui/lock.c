// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "devices/log.h"

#define DIRECTORY "run/stillboot"
#define ENDING_MS 2000 /* for one that is just ending */

enum exit_code lock_take_within(struct session *s, int patience_ms)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	int fd, ms = 0;

	if (s->options.given & OPT_DRY_RUN || s->lock)
		return EXIT_DONE;
	mkdirat(s->machine.root_fd, DIRECTORY, 0700);
	fd = openat(s->machine.root_fd, DIRECTORY "/lock",
		O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) { /* an initramfs without /run: nobody is stranded for want of a lock */
		log_debug("no lock: open /%s/lock: %s", DIRECTORY, strerror(errno));
		return EXIT_DONE;
	}
	for (; flock(fd, LOCK_EX | LOCK_NB) < 0; ms += 20) {
		if (errno != EWOULDBLOCK || ms >= patience_ms) {
			log_error("another stillboot is at work on the devices, or a step of one "
				  "hangs: wait for it (`fuser -v /%s/lock` names it)",
				DIRECTORY);
			close(fd);
			return EXIT_REFUSED;
		}
		nanosleep(&pause, NULL);
	}
	s->lock = fd; /* never 0: the standard files are open */
	return EXIT_DONE;
}

enum exit_code lock_take(struct session *s)
{
	return lock_take_within(s, ENDING_MS);
}

void lock_release(struct session *s)
{
	if (s->lock)
		close(s->lock);
	s->lock = 0;
}
