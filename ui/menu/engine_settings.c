// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/engine_settings.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/settings/settings.h"
#include "ui/json.h"
#include "ui/password.h"
#include "ui/translate.h"

static json_t *choices_json(const char *const *choices)
{
	json_t *list = choices ? json_array() : json_null();

	for (; choices && *choices; choices++)
		json_array_append_new(list, json_string(*choices));
	return list;
}

int engine_settings(const struct discovery *d, json_t **rows, struct err *err)
{
	const struct settings *settings = d->settings;
	json_t *list = json_array();

	for (int i = 0; i < SETTINGS; i++)
		json_array_append_new(
			list, json_pack("{ss so so so}", "name", setting_kinds[i].name, "value",
				      json_text(settings->values[i]), "stored",
				      json_text(settings->stored[i]), "choices",
				      choices_json(setting_kinds[i].choices)));
	if (json_array_size(list) != SETTINGS) {
		json_decref(list);
		return err_errno(err, -ENOMEM, "list the settings");
	}
	*rows = list;
	return 0;
}

/* What is to be kept for what somebody gave: the id of an entry, the hash of a password. */
static int understand(struct discovery *d, enum setting which, const char **value, struct err *err)
{
	const struct entry *e;

	if (which == SETTING_PASSWORD && setting_check(which, *value)) {
		*value = password_hash(d, *value, err);
		return *value ? 0 : -EINVAL;
	}
	if (which != SETTING_DEFAULT || !strcmp(*value, "last") || !strcmp(*value, "newest"))
		return 0;
	e = entry_list_find(d->entries, *value);
	if (!e)
		return err_set(err, -ENOENT,
			_("there is no entry '%s'; `stillboot list` shows what there is"), *value);
	*value = e->id;
	return 0;
}

static int set_one(struct session *s, struct discovery *d, const char *name, const json_t *json,
	const struct entry_write **writes, struct err *err)
{
	enum setting which = setting_named(name);
	const char *value = json_string_value(json);
	int rc = 0;

	if (which == SETTINGS)
		return err_set(err, -EINVAL,
			_("there is no setting '%s'; `stillboot settings` lists them"), name);
	if (!value && !json_is_null(json))
		return err_set(err, -EINVAL, _("%s is to be a text, or null"), name);
	if (value) {
		value = talloc_strdup(d, value); /* the commit outlives the message */
		rc = value ? understand(d, which, &value, err)
			   : err_errno(err, -ENOMEM, "keep %s", name);
	}
	return rc < 0 ? rc : settings_write(d, &s->machine, d->settings, which, value, writes, err);
}

int engine_set(struct session *s, struct discovery *d, const json_t *values, struct commit **commit,
	struct err *err)
{
	const struct entry_write *writes = NULL;
	const char *name;
	json_t *value;

	if (!json_is_object(values))
		return err_set(err, -EINVAL, _("settings are names with values"));
	json_object_foreach ((json_t *)values, name, value) {
		int rc = set_one(s, d, name, value, &writes, err);

		if (rc < 0)
			return rc;
	}
	return commit_prepare(d, writes, commit, err);
}
