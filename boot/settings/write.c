// SPDX-License-Identifier: GPL-2.0-or-later
/* What is to be written where, to change a setting. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/efi_variable.h"
#include "boot/settings/settings.h"

#define LAST "last"

static int add(void *ctx, const struct entry_write **writes, struct entry_write write)
{
	struct entry_write *w = talloc(ctx, struct entry_write);

	if (!w)
		return -ENOMEM;
	*w = write;
	w->next = NULL;
	while (*writes) /* which are few, and whoever made them is done with them */
		writes = (const struct entry_write **)&(*writes)->next;
	*writes = w;
	return 0;
}

static int add_line(void *ctx, const struct settings *s, const char *name, const char *value,
	const struct entry_write **writes)
{
	return add(ctx, writes,
		(struct entry_write){
			.kind = ENTRY_WRITE_SETTING,
			.volume = s->volume,
			.path = s->file,
			.name = name,
			.value = value,
		});
}

static int add_variable(void *ctx, const char *value, const struct entry_write **writes)
{
	if (value && !strcmp(value, "never"))
		value = "menu-force";
	return add(ctx, writes,
		(struct entry_write){
			.kind = ENTRY_WRITE_EFI, .name = EFI_VARIABLE_TIMEOUT, .value = value});
}

static int check(const struct settings *s, enum setting which, const char *value, struct err *err)
{
	const char *name = setting_kinds[which].name,
		   *wrong = value ? setting_check(which, value) : NULL;

	if (wrong)
		return err_set(err, -EINVAL, "%s cannot be set to that: %s", name, wrong);
	if (which == SETTING_PASSWORD && s->values[which] &&
		!strcmp(s->stored[which], "/" SETTINGS_SYSTEM_FILE))
		return err_set(err, -EPERM, "the password is that of %s, and is changed there",
			s->stored[which]);
	return 0;
}

/* A line that a variable makes void is taken out, so that it does not come back with another machine. */
static int write_timeout(
	void *ctx, const struct settings *s, const char *value, const struct entry_write **writes)
{
	int rc = add_variable(ctx, value, writes);

	return rc == 0 && s->in_file[SETTING_TIMEOUT]
		       ? add_line(ctx, s, setting_kinds[SETTING_TIMEOUT].name, NULL, writes)
		       : rc;
}

int settings_write(void *ctx, struct machine *m, const struct settings *s, enum setting which,
	const char *value, const struct entry_write **writes, struct err *err)
{
	const char *name = setting_kinds[which].name;
	int rc = check(s, which, value, err);

	if (rc < 0)
		return rc;
	if (which == SETTING_TIMEOUT && efi_variables_there(m)) {
		rc = write_timeout(ctx, s, value, writes);
	} else if (value || s->in_file[which]) {
		if (!s->volume)
			return err_set(err, -ENODEV,
				"%s cannot be kept: no boot entries were found, so there is no "
				"boot disk to keep it on",
				name);
		rc = add_line(ctx, s, name, value, writes);
		if (rc == 0 && which == SETTING_DEFAULT && s->last)
			rc = add_line(ctx, s, LAST, NULL, writes);
	}
	return rc < 0 ? err_errno(err, rc, "keep %s", name) : 0;
}
