// SPDX-License-Identifier: GPL-2.0-or-later
/* What systemd-boot is told by EFI variables: the file name of the entry without its counter. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/efi_variable.h"
#include "boot/format.h"

int bls_remember(void *ctx, const struct entry *e, enum entry_choice choice,
	struct entry_write **write, struct err *err)
{
	const char *suffix = strcmp(e->format, "bls1") ? "" : ".conf";
	struct entry_write *w = talloc(ctx, struct entry_write);

	if (!w)
		return err_errno(err, -ENOMEM, "remember %s", e->id);
	*w = (struct entry_write){
		.kind = ENTRY_WRITE_EFI,
		.name = choice == ENTRY_CHOICE_ONESHOT ? EFI_VARIABLE_ONESHOT
						       : EFI_VARIABLE_DEFAULT,
		.value = talloc_asprintf(w, "%s%s", e->id, suffix),
	};
	if (!w->value)
		return err_errno(err, -ENOMEM, "remember %s", e->id);
	*write = w;
	return 0;
}
