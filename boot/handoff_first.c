// SPDX-License-Identifier: GPL-2.0-or-later
/* The handoff of an image that is loaded before there is anything to tell. */
#include <errno.h>
#include <talloc.h>

#include "boot/handoff.h"
#include "devices/cleanup.h"

#define FIRST                                                                                      \
	"it was loaded before the devices were stilled, and not again with the journal: memory "   \
	"was short, the kernel refused it, or only kexec-tools can load it"
#define CRASH "it was loaded for a crash, before anything had happened"

int handoff_write_first(struct machine *m, struct pinned *pinned, const char *entry,
	enum handoff_first kind, struct err *err)
{
	struct handoff h = {
		.entry = entry,
		.incomplete = kind == HANDOFF_FIRST_CRASH ? CRASH : FIRST,
		.is_crash = kind == HANDOFF_FIRST_CRASH,
	};
	_cleanup_talloc_ char *archive = NULL;
	size_t len, room = handoff_pack_room(NULL, pinned->handoff_room);
	int rc;

	if (!pinned->handoff_room)
		return err_set(err, 1, "there is no initrd of ours to carry a handoff");
	archive = talloc_zero_size(NULL, pinned->handoff_room);
	rc = archive ? handoff_identify(m, archive, &h, err)
		     : err_errno(err, -ENOMEM, "prepare the handoff");
	if (rc == 0)
		rc = handoff_pack(archive, room, &h, err);
	if (rc == 0)
		rc = handoff_write(&h, archive, pinned->handoff_room, &len, err);
	return rc < 0 ? rc : pin_write_handoff(m, pinned, archive, len, err);
}
