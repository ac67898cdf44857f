// SPDX-License-Identifier: GPL-2.0-or-later
/* Booting an entry, and choosing one for later: what has the disks closed. Where that comes to nothing they
 * are looked at again. */
#include "ui/menu/engine_parts.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "devices/log.h"
#include "ui/departure.h"
#include "ui/refusal.h"
#include "ui/remember.h"

struct boot {
	struct engine *e;
	const struct entry *entry;
	int pinned; /* the disks were closed for it */
};

static int pin(void *ctx, const struct still_plan *plan, size_t handoff_room, struct target *target,
	struct err *err)
{
	struct boot *b = ctx;
	struct engine *e = b->e;
	int rc;

	b->pinned = 1;
	entries_follow_stop(&e->follow);
	rc = target_pin_entry(
		e->s, e->follow.view.discovery, b->entry, plan, handoff_room, target, err);
	e->s->machine.held = NULL;
	return rc < 0 ? rc : 1;
}

static const struct entry *find_entry(const struct engine *e, const char *id)
{
	const struct entry_list *list = e->follow.view.discovery->entries;

	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->entries[i].id, id))
			return &list->entries[i];
	return NULL;
}

static int choose(struct engine *e, const json_t *request, struct boot *b, struct err *err)
{
	const json_t *edit = json_object_get(request, "edit");
	const char *id = engine_text(request, "id");
	struct entry *made;
	int rc;

	if (!e->follow.view.discovery)
		return err_set(err, -EAGAIN, _("nothing was found yet"));
	if (id) {
		b->entry = find_entry(e, id);
		if (!b->entry)
			return err_set(err, -ENOENT, _("the entry '%s' is not there any more"), id);
	}
	if (!json_is_object(edit) && !b->entry)
		return err_set(err, -EINVAL, _("name an entry"));
	if (!json_is_object(edit))
		return b->entry->reason ? err_set(err, -ENOEXEC, _("it cannot be booted: %s"),
						  b->entry->reason)
					: 0;
	rc = engine_edit(e, e->s->memory, edit, b->entry, &made, err);
	if (rc == 0)
		b->entry = made;
	return rc;
}

int engine_look_again(struct engine *e, struct err *err)
{
	struct err close_err;

	if (engine_look_away(e, &close_err) < 0)
		log_warn("%s", close_err.text);
	if (e->unlocked_count)
		log_warn("what was unlocked is locked again");
	e->unlocked_count = 0;
	return engine_look(e, err);
}

/* Back from a jump that was none, everything is as before it. */
static enum exit_code jump(struct engine *e, struct boot *b, const json_t *request)
{
	struct departure departure = {
		.pin = pin,
		.pin_ctx = b,
		.by_hand = engine_leaves(e, request),
	};
	struct departure_watch *watch = engine_progress_new(e, e->s->memory);
	enum exit_code code;
	sigset_t before;

	if (!watch)
		return EXIT_FAILED;
	departure.watch = watch;
	sigprocmask(SIG_BLOCK, NULL, &before);
	engine_mark_held(e);
	code = departure_run(e->s, &departure);
	engine_progress_end(watch);
	munlockall();
	sigprocmask(SIG_SETMASK, &before, NULL);
	return code;
}

int engine_boot(struct engine *e, const json_t *request, struct err *text)
{
	struct boot b = {.e = e};
	struct err err;
	enum exit_code code;
	int rc = choose(e, request, &b, text);

	if (rc < 0)
		return rc;
	code = jump(e, &b, request);
	if (code != EXIT_DONE)
		err_set(text, -EPERM, "%s", log_last_error());
	if (b.pinned && !e->ends && engine_look_again(e, &err) < 0)
		log_error("%s", err.text);
	return code == EXIT_DONE ? 0 : -EPERM;
}
