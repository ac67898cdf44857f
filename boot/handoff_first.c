// SPDX-License-Identifier: GPL-2.0-or-later
/* The handoff of an image that is loaded before there is anything to tell. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <talloc.h>

#include "boot/handoff.h"
#include "devices/cleanup.h"

#define FIRST                                                                                      \
	"it was loaded before the devices were stilled, and not again with the journal: memory "   \
	"was short, the kernel refused it, or only kexec-tools can load it"

int handoff_identify(struct machine *m, void *ctx, struct handoff *h, struct err *err)
{
	struct utsname names;
	char *id;
	int rc = machine_read_file(m, ctx, "proc/sys/kernel/random/boot_id", 128, &id, err);

	if (rc < 0)
		id = "";
	if (uname(&names) < 0)
		return err_errno(err, -errno, "uname");
	h->boot_id = id;
	h->kernel = talloc_strdup(ctx, names.release);
	return h->kernel ? 0 : err_errno(err, -ENOMEM, "prepare the handoff");
}

int handoff_write_first(
	struct machine *m, const struct pinned *pinned, const char *entry, struct err *err)
{
	struct handoff h = {.entry = entry, .incomplete = FIRST};
	_cleanup_talloc_ char *archive = NULL;
	size_t len;
	int rc;

	if (!pinned->handoff_room)
		return 0;
	archive = talloc_zero_size(NULL, pinned->handoff_room);
	rc = archive ? handoff_identify(m, archive, &h, err)
		     : err_errno(err, -ENOMEM, "prepare the handoff");
	if (rc == 0)
		rc = handoff_write(&h, archive, pinned->handoff_room, &len, err);
	return rc < 0 ? rc : pin_write_handoff(m, pinned, archive, len, err);
}
