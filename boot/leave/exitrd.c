// SPDX-License-Identifier: GPL-2.0-or-later
/* A stand-in. */
#include "boot/leave/exitrd.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>

#define OURS EXITRD_DIRECTORY "/stillboot.json"

int exitrd_build(struct machine *m, const struct exitrd *what, struct err *err)
{
	if (exitrd_owner(m) == EXITRD_FOREIGN)
		return err_set(err, -EEXIST, "/" EXITRD_DIRECTORY " is somebody else's");
	return m->effects->save_file(m, OURS, what->title, strlen(what->title), err);
}

int exitrd_remove(struct machine *m, struct err *err)
{
	return exitrd_owner(m) == EXITRD_OURS ? m->effects->remove_file(m, OURS, err) : 0;
}

enum exitrd_owner exitrd_owner(struct machine *m)
{
	if (faccessat(m->root_fd, OURS, F_OK, 0) == 0)
		return EXITRD_OURS;
	return faccessat(m->root_fd, EXITRD_DIRECTORY "/shutdown", F_OK, 0) == 0 ? EXITRD_FOREIGN
										 : EXITRD_NONE;
}
