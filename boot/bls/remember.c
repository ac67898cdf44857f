// SPDX-License-Identifier: GPL-2.0-or-later
/* What systemd-boot is told by EFI variables: the file name of the entry without its counter. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/efi_variable.h"
#include "boot/format.h"

/* The id as the file has it, without the "#2" of entry_list_make_unique(), which no loader knows. */
static int id_length(const struct entry *e)
{
	const char *slash = strrchr(e->source.file, '/'),
		   *file = slash ? slash + 1 : e->source.file;
	const char *number = strrchr(e->id, '#');
	size_t len = strlen(e->id);

	return (int)(number && strncmp(file, e->id, len) ? (size_t)(number - e->id) : len);
}

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
		.value = talloc_asprintf(w, "%.*s%s", id_length(e), e->id, suffix),
	};
	if (!w->value)
		return err_errno(err, -ENOMEM, "remember %s", e->id);
	*write = w;
	return 0;
}
