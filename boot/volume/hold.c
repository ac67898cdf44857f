// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

struct volume_hold *volume_hold_new(struct machine *m)
{
	struct volume_hold *hold = talloc(NULL, struct volume_hold);

	if (!hold)
		return NULL;
	*hold = (struct volume_hold){.users = 1,
		.machine = m,
		.image_fd = -1,
		.lock_fd = -1,
		.patience_ms = VOLUME_HOLD_MS};
	hold->stack = stack_new(hold);
	if (!hold->stack) {
		talloc_free(hold);
		return NULL;
	}
	return hold;
}

struct volume_hold *volume_hold_use(struct volume_hold *hold)
{
	if (hold)
		hold->users++;
	return hold;
}

static int open_lock(struct machine *m)
{
	mkdirat(m->root_fd, "run/stillboot", 0700);
	return openat(
		m->root_fd, VOLUME_HOLD_LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int volume_hold_disks(struct volume_hold *hold)
{
	static const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};

	if (hold->lock_fd < 0)
		hold->lock_fd = open_lock(hold->machine);
	while (hold->lock_fd >= 0 && flock(hold->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			break;
		if (hold->patience_ms <= 0)
			return -EBUSY;
		nanosleep(&moment, NULL);
		hold->patience_ms -= 20;
	}
	return 0;
}

int volume_hold_read_only(struct volume_hold *hold, struct err *err)
{
	if (!hold->read_only)
		hold->read_only = read_only_new(hold->machine, hold, hold->lock_fd);
	if (!hold->read_only)
		return err_errno(err, -errno, "start a process that keeps devices read-only");
	return 0;
}

int volume_hold_drop(struct volume_hold *hold, struct err *err)
{
	int rc;

	if (!hold || --hold->users)
		return 0;
	read_only_free(hold->read_only);
	rc = stack_release(hold->machine, hold->stack, err);
	if (hold->image_fd >= 0)
		close(hold->image_fd);
	if (hold->lock_fd >= 0)
		close(hold->lock_fd);
	talloc_free(hold);
	return rc;
}
