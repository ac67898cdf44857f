// SPDX-License-Identifier: GPL-2.0-or-later
/* loopback: a filesystem within a file, mostly the ISO image of a CD on a disk, whose own menu is often
 * read then (boot/grub/loopback.cfg). */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/command.h"
#include "boot/grub/device.h"
#include "devices/cleanup.h"

static const char *keep_reason(struct grub_run *g, const char *sentence)
{
	_cleanup_talloc_ char *reason = talloc_asprintf(NULL, ": %s", sentence);

	if (!reason)
		g->rc = -ENOMEM;
	return reason ? grub_keep(g, reason) : "";
}

/* How many filesystems may be mounted is limited there (VOLUMES_INSIDE_MAX); a stick with images has many
 * entries for each. */
static void look_inside(struct grub_run *g, struct grub_loop *loop)
{
	struct reading *r = g->reading;
	struct grub_place place;
	struct err err;

	loop->reason = ", into which stillboot does not look";
	if (!r->look_inside || !grub_lookup(g, 1) || !grub_place(g, loop->file, &place) ||
		!place.volume)
		return;
	if (r->look_inside(r, place.volume, place.path, &loop->volume, &err) < 0)
		loop->reason = keep_reason(g, err.text);
}

/* loopback NAME FILE. What is deleted is still known: it may be needed once more. */
int grub_command_loopback(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct grub_loop loop = {0};
	const struct grub_loop *known;
	size_t at;

	(void)command;
	if (call->argc != 3 || call->argv[1][0] == '-')
		return GRUB_OK;
	known = grub_loop(g, call->argv[1]);
	at = known ? (size_t)(known - g->loopbacks) : g->loopback_count++ % GRUB_LOOPS_MAX;
	loop.name = grub_keep(g, call->argv[1]);
	loop.file = grub_keep(g, call->argv[2]);
	look_inside(g, &loop);
	g->loopbacks[at] = loop;
	return loop.volume || !g->reading->look_inside ? GRUB_OK : GRUB_NO_FILE;
}
