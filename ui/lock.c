// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "devices/log.h"

#define DIRECTORY "run/stillboot"
#define ENDING_MS 2000 /* for one that is just ending */

/* A lock of ours: its file in DIRECTORY, and who holds it. */
struct kind {
	const char *name, *holder;
};

static const struct kind devices = {
	"lock", "another stillboot is at work on the devices, or a step of one hangs"};
static const struct kind crash = {"crash.lock", "another stillboot is at work on the crash kernel"};

static int open_file(struct session *s, const struct kind *kind)
{
	char path[64];
	int fd;

	mkdirat(s->machine.root_fd, DIRECTORY, 0700);
	snprintf(path, sizeof(path), DIRECTORY "/%s", kind->name);
	fd = openat(s->machine.root_fd, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		log_debug("no lock: open /%s: %s", path, strerror(errno));
	return fd;
}

static enum exit_code take(struct session *s, const struct kind *kind, int patience_ms)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	int fd, ms = 0;

	if (s->options.given & OPT_DRY_RUN || s->lock)
		return EXIT_DONE;
	fd = open_file(s, kind);
	if (fd < 0) /* an initramfs without /run: nobody is stranded for want of a lock */
		return EXIT_DONE;
	for (; flock(fd, LOCK_EX | LOCK_NB) < 0; ms += 20) {
		if (errno != EWOULDBLOCK || ms >= patience_ms) {
			log_error("%s: wait for it (`fuser -v /%s/%s` names it)", kind->holder,
				DIRECTORY, kind->name);
			close(fd);
			return EXIT_REFUSED;
		}
		nanosleep(&pause, NULL);
	}
	s->lock = fd; /* never 0: the standard files are open */
	return EXIT_DONE;
}

enum exit_code lock_take_within(struct session *s, int patience_ms)
{
	return take(s, &devices, patience_ms);
}

enum exit_code lock_take(struct session *s)
{
	return take(s, &devices, ENDING_MS);
}

enum exit_code lock_take_crash(struct session *s)
{
	return take(s, &crash, ENDING_MS);
}

void lock_release(struct session *s)
{
	if (s->lock)
		close(s->lock);
	s->lock = 0;
}
