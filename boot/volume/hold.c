// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/hold.h"

#include <errno.h>
#include <talloc.h>
#include <unistd.h>

struct volume_hold *volume_hold_new(struct machine *m)
{
	struct volume_hold *hold = talloc(NULL, struct volume_hold);

	if (!hold)
		return NULL;
	*hold = (struct volume_hold){.users = 1, .machine = m, .image_fd = -1};
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

int volume_hold_read_only(struct volume_hold *hold, struct err *err)
{
	if (!hold->read_only)
		hold->read_only = read_only_new(hold->machine, hold);
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
	talloc_free(hold);
	return rc;
}
