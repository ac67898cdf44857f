// SPDX-License-Identifier: GPL-2.0-or-later
/* The handoff of an image that is loaded before there is anything to tell. */
#include <errno.h>
#include <talloc.h>

#include "boot/handoff.h"
#include "devices/cleanup.h"

#define FIRST                                                                                      \
	"it was loaded before the devices were stilled, and not again with the journal: memory "   \
	"was short, the kernel refused it, only kexec-tools can load it, or an earlier command "   \
	"had loaded it"
#define CRASH "it was loaded for a crash, before anything had happened"

int handoff_write_first(struct machine *m, void *ctx, struct pinned *pinned,
	const struct handoff_first *first, struct err *err)
{
	struct handoff known;

	return handoff_write_first_known(m, ctx, pinned, first, &known, err);
}

int handoff_write_first_known(struct machine *m, void *ctx, struct pinned *pinned,
	const struct handoff_first *first, struct handoff *known, struct err *err)
{
	const int is_crash = first->kind == HANDOFF_FIRST_CRASH;
	struct handoff h;
	size_t room = handoff_pack_room(NULL, pinned->handoff_room);
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct handoff_archive *archive;
	int rc;

	*known = (struct handoff){.boot_id = NULL};
	if (!pinned->handoff_room)
		return err_set(err, 1, "there is no initrd of ours to carry a handoff");
	rc = handoff_tie_prepare(ctx, pinned, err);
	if (rc == 0)
		rc = handoff_archive_new(tmp, pinned->handoff_room, &archive, err);
	if (rc == 0)
		rc = handoff_identify(m, ctx, known, err);
	h = *known;
	h.entry = first->entry;
	h.incomplete = is_crash ? CRASH : FIRST;
	h.is_crash = is_crash;
	if (rc == 0)
		rc = handoff_pack(tmp, room, &h, err);
	known->left_out = h.left_out;
	if (rc == 0)
		rc = handoff_write(&h, archive, err);
	return rc ? rc : handoff_attach(m, pinned, archive, err);
}
