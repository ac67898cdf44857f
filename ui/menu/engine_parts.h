/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_ENGINE_PARTS_H
#define MENU_ENGINE_PARTS_H

/* What the engine's files share (engine.h). */

#include <jansson.h>

#include "ui/entries_follow.h"
#include "ui/json.h"
#include "ui/menu/engine.h"
#include "ui/menu/message.h"
#include "ui/translate.h"

struct engine {
	struct session
		*s;   /* whose memory lives as long as a request, unless somebody says otherwise */
	void *memory; /* lives on */
	struct messages *messages;
	int socket;
	int looks; /* entries are followed */
	struct entries_follow follow;
	void *follow_memory;   /* all that belongs to it */
	const char **unlocked; /* devices that we opened, talloc array of memory; NULL for none */
	size_t unlocked_count;
	int has_language; /* was set, and counts before the environment's */
	int ends;         /* "bye", or nobody is there any more */
	int is_gone;      /* the other half */
};

/* Answer a request. 0 is "done"; a negative errno "failed", with the sentence in text. */
typedef int engine_answer(struct engine *e, const json_t *request, struct err *text);

engine_answer engine_plan, engine_devices, engine_facts, engine_report, engine_unlock,
	engine_default, engine_boot, engine_power, engine_tell_settings, engine_set_settings,
	engine_keep_entry, engine_drop_entry;

/* Send {"say": what} and what is in the object (NULL for nothing more), which is released. */
void engine_say(struct engine *e, const char *what, json_t *object);

/* A member of the request: a text, NULL where it is none; an array of texts, NULL-terminated and
 * belonging to the session's memory, empty where it is none. */
const char *engine_text(const json_t *request, const char *name);
const char **engine_texts(struct engine *e, const json_t *request, const char *name);

/* What the request leaves by hand ("leave"), in the session's memory; NULL for nothing. */
const struct host_optouts *engine_leaves(struct engine *e, const json_t *request);
/* Let the machine know which disks we hold ourselves, for this request. */
void engine_mark_held(struct engine *e);
/* The plan of now, as it would be without the disks that we hold ourselves. */
int engine_make_plan(struct engine *e, const struct host_optouts *by_hand, struct still_plan *p,
	struct err *err);

/* Functions in the order of the machine's tree. */
struct engine_node {
	size_t index; /* in the snapshot */
	int depth;
};
struct engine_node *engine_tree(void *ctx, const struct pci_snapshot *s);

/* Begin to follow entries, end it and put back all that was done for it, and tell what there is. */
int engine_look(struct engine *e, struct err *err);
int engine_look_away(struct engine *e, struct err *err);
void engine_tell_entries(struct engine *e);

/* The same after what was looked at was closed: what was unlocked was closed with the rest. */
int engine_look_again(struct engine *e, struct err *err);

/* The entry that an EDIT makes of another (NULL for none), below ctx. */
int engine_edit(struct engine *e, void *ctx, const json_t *edit, const struct entry *original,
	struct entry **made, struct err *err);

/* What tells of a jump in messages; below ctx, NULL when memory ran out. */
struct departure_watch *engine_progress_new(struct engine *e, void *ctx);
/* Back from a jump that was none: both ways are at the beginning of a message again. */
void engine_progress_end(struct departure_watch *watch);

#endif
