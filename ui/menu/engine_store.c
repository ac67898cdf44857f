// SPDX-License-Identifier: GPL-2.0-or-later
/* What is kept: choices of the default, settings, and entries of the user's own. */
#include <errno.h>

#include "boot/settings/settings.h"
#include "devices/log.h"
#include "ui/menu/engine_parts.h"
#include "ui/menu/engine_settings.h"
#include "ui/refusal.h"
#include "ui/remember.h"

static int has_entries(const struct engine *e, struct err *err)
{
	return e->follow.view.discovery ? 0 : err_set(err, -EAGAIN, _("nothing was found yet"));
}

static int may_write(struct engine *e, struct err *err)
{
	int rc = has_entries(e, err);

	if (rc < 0)
		return rc;
	if (!e->follow.watch)
		return err_set(err, -ENOTSUP, _("these entries are not this machine's"));
	return refusal_check(e->s) == EXIT_DONE ? 0 : err_set(err, -EPERM, "%s", log_last_error());
}

/* The disk is closed while it is written; afterwards it is looked at again. */
static int write_out(struct engine *e, const struct commit *commit, struct err *err)
{
	struct err other;
	int rc;

	entries_follow_stop(&e->follow);
	rc = discovery_close(e->follow.view.discovery, err);
	if (rc == 0)
		rc = commit_run(&e->s->machine, commit, err);
	if (engine_look_again(e, &other) < 0)
		log_error("%s", other.text);
	return rc;
}

int engine_default(struct engine *e, const json_t *request, struct err *text)
{
	const char *id = engine_text(request, "id");
	const struct remembering what = {
		.discovery = e->follow.view.discovery,
		.choice = json_is_true(json_object_get(request, "once")) ? ENTRY_CHOICE_ONESHOT
									 : ENTRY_CHOICE_SAVED,
		.wanted = id ? id : "",
	};
	struct commit *commit;
	int rc = may_write(e, text);

	if (rc == 0)
		rc = remember_prepare(e->s, &what, &commit, &id, text);
	return rc < 0 ? rc : write_out(e, commit, text);
}

/* What is told of the machine is read as the menu is (front_engine.c). */
static void take_language(struct engine *e)
{
	const char *language = e->follow.view.discovery->settings->values[SETTING_LANGUAGE];

	if (language || e->has_language)
		translate_to(language);
	e->has_language = language != NULL;
}

int engine_tell_settings(struct engine *e, const json_t *request, struct err *text)
{
	json_t *rows;
	int rc = has_entries(e, text);

	(void)request;
	if (rc == 0)
		rc = engine_settings(e->follow.view.discovery, &rows, text);
	if (rc < 0)
		return rc;
	take_language(e);
	engine_say(e, "settings", json_pack("{so}", "rows", rows));
	return 0;
}

int engine_set_settings(struct engine *e, const json_t *request, struct err *text)
{
	struct commit *commit;
	int rc = may_write(e, text);

	if (rc == 0)
		rc = engine_set(e->s, e->follow.view.discovery, json_object_get(request, "values"),
			&commit, text);
	return rc < 0 ? rc : write_out(e, commit, text);
}

int engine_keep_entry(struct engine *e, const json_t *request, struct err *text)
{
	const char *title = engine_text(request, "title");
	struct engine_kept kept;
	int rc = may_write(e, text);

	if (rc == 0)
		rc = engine_keep(e->follow.view.discovery, title ? title : "",
			json_object_get(request, "edit"), &kept, text);
	return rc < 0 ? rc : write_out(e, kept.commit, text);
}

int engine_drop_entry(struct engine *e, const json_t *request, struct err *text)
{
	const char *id = engine_text(request, "id");
	struct commit *commit;
	int rc = may_write(e, text);

	if (rc == 0)
		rc = engine_drop(e->follow.view.discovery, id ? id : "", &commit, text);
	return rc < 0 ? rc : write_out(e, commit, text);
}
