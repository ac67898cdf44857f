// SPDX-License-Identifier: GPL-2.0-or-later
/* What there is to be booted. Entries are told one at a time, so that a thousand need the room of one. */
#include "ui/menu/engine_parts.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>
#include <talloc.h>

#include "boot/settings/settings.h"
#include "boot/volume/hold.h"
#include "devices/cleanup.h"

int engine_look(struct engine *e, struct err *err)
{
	void *before = e->s->memory;
	int rc;

	e->follow_memory = e->s->memory = talloc_new(e->memory);
	rc = entries_follow_begin(&e->follow, e->s, err);
	e->s->memory = before;
	e->looks = rc == 0;
	if (rc < 0)
		engine_look_away(e, NULL);
	return rc;
}

int engine_look_away(struct engine *e, struct err *err)
{
	int rc = entries_follow_end(&e->follow, err);

	e->looks = 0;
	e->follow = (struct entries_follow){.s = e->s};
	TALLOC_FREE(e->follow_memory);
	return rc;
}

static json_t *volumes_json(const struct volume_set *set)
{
	json_t *list = json_array();

	for (size_t i = 0; i < set->count; i++) {
		const struct volume *v = &set->volumes[i];

		json_array_append_new(
			list, json_pack("{so so so so so so}", "device", json_text(v->device),
				      "label", json_text(v->label), "type", json_text(v->type),
				      "uuid", json_text(v->uuid), "disk", json_text(v->disk),
				      "mounted", json_text(v->target)));
	}
	return list;
}

/* The bytes that will be read; null where there is no such file. */
static json_t *bytes_of(const struct entry_file *f)
{
	struct stat st;

	if (f->size)
		return json_integer((json_int_t)f->size);
	_cleanup_fd_ int fd = f->volume ? volume_open_any(f->volume, f->path, O_PATH | O_CLOEXEC)
					: -1;

	return fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)
		       ? json_null()
		       : json_integer((json_int_t)st.st_size);
}

/* The files stand in the order in which entry_json() names them. */
static void add_bytes(json_t *files, const struct entry *e)
{
	size_t n = 0;

	if (e->kernel.path)
		json_object_set_new(json_array_get(files, n++), "bytes", bytes_of(&e->kernel));
	for (size_t i = 0; i < e->initrd_count; i++)
		if (e->initrds[i].path)
			json_object_set_new(
				json_array_get(files, n++), "bytes", bytes_of(&e->initrds[i]));
	if (e->devicetree.path)
		json_object_set_new(json_array_get(files, n++), "bytes", bytes_of(&e->devicetree));
	if (e->efi.path)
		json_object_set_new(json_array_get(files, n++), "bytes", bytes_of(&e->efi));
}

static void tell_entry(struct engine *e, const struct volume_set *set, const struct entry *entry)
{
	const struct volume *v = entry->source.volume;
	json_t *json = entry_json(entry);
	int is_listed = v && v >= set->volumes && v < set->volumes + set->count;

	add_bytes(json_object_get(json, "files"), entry);
	json_object_set_new(
		json, "volume", is_listed ? json_integer(v - set->volumes) : json_null());
	engine_say(e, "entry", json);
}

/* Seconds; what the policy says comes before the configurations. Null where nobody says anything. */
/* What the user has set counts before what a rule says, and that before configurations. */
static json_t *timeout_json(const struct entries_view *view)
{
	const struct boot_rule *boot = &view->policy.decision->boot;
	const struct discovery *d = view->discovery;
	int seconds = d->entries->timeout;

	if (!d->settings->values[SETTING_TIMEOUT] && declared_says(&boot->declared, BOOT_TIMEOUT))
		return boot->timeout % 1000 ? json_real(boot->timeout / 1000.0)
					    : json_integer(boot->timeout / 1000);
	if (seconds == ENTRY_TIMEOUT_NEVER)
		return json_string("never");
	return seconds < 0 ? json_null() : json_integer(seconds);
}

static json_t *busy_json(const struct engine *e)
{
	_cleanup_talloc_ const char **names = e->follow.watch
						      ? discover_watch_awaits(e->follow.watch, NULL)
						      : NULL;
	json_t *list = json_array();

	for (const char **name = names; name && *name; name++)
		json_array_append_new(list, json_text(*name));
	return list;
}

static json_t *locked_json(struct machine *m, const struct volume_set *set)
{
	const struct stack *stack = set->hold ? set->hold->stack : NULL;
	json_t *list = json_array();

	for (size_t i = 0; stack && i < stack->count; i++) {
		const struct stack_part *p = &stack->parts[i];

		if (stack_is_locked(m, p))
			json_array_append_new(
				list, json_pack("{so so so}", "device", json_text(p->device),
					      "name", json_text(p->name), "uuid",
					      json_text(*p->uuid ? p->uuid : NULL)));
	}
	return list;
}

void engine_tell_entries(struct engine *e)
{
	const struct entries_view *view = &e->follow.view;
	const struct discovery *d = view->discovery;
	json_t *problems = json_array();

	engine_say(e, "volumes", json_pack("{so}", "volumes", volumes_json(d->volumes)));
	engine_say(e, "entries", NULL);
	for (size_t i = 0; i < d->entries->count; i++)
		tell_entry(e, d->volumes, &d->entries->entries[i]);
	for (size_t i = 0; i < d->problem_count; i++)
		json_array_append_new(problems, json_text(d->problems[i]));
	engine_say(e, "listed",
		json_with_error(
			json_pack("{so so so so so}", "timeout", timeout_json(view), "choices",
				entries_choices_json(d), "problems", problems, "busy", busy_json(e),
				"locked", locked_json(&e->s->machine, d->volumes)),
			view->policy.policy_error));
	malloc_trim(0); /* what parsers needed: a megabyte for a thousand entries */
}
