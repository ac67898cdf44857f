/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_MODEL_H
#define MENU_MODEL_H

/*
 * What all consoles share: what the engine has told. Pure data: hear() puts messages in, screens read it.
 */

#include <jansson.h>
#include <stdbool.h>

#define MODEL_LOG_MAX 2000 /* lines; the oldest go */

struct model_entry {
	const char *id, *title;
	const char *reason; /* why it cannot be booted, NULL if it can */
	const char *
		path; /* its submenus, outermost first, each ended by a line feed; "" in the top menu */
	const char *json; /* all of it, as it came: details are read when they are looked at */
	int volume;       /* index, -1 for none */
	bool is_default, is_running, is_hidden;
};

#define MODEL_NEVER (-2)

struct model_entries {
	unsigned int generation; /* counts complete lists */
	struct model_entry *list;
	size_t count;
};

struct model_log_line {
	long long at_ms;
	int level; /* enum log_level */
	const char *text;
};

/* A list that the engine tells as a whole: rows as they came; NULL until it was told. */
enum model_table {
	MODEL_PLAN,
	MODEL_DEVICES,
	MODEL_FACTS,
	MODEL_REPORT,
	MODEL_SETTINGS,
	MODEL_TABLES
};

/* What is under way with one function while the machine is stilled. */
struct model_progress {
	const char *slot, *step, *state, *detail, *verdict;
	long long since_ms; /* when the step began, by the menu's clock */
	long long deadline_ms;
};

enum model_boot {
	MODEL_IDLE,
	MODEL_ASKED, /* until a phase tells that nothing can be undone, it may come back */
	MODEL_NO_RETURN,
};

struct model {
	json_t *volumes; /* array */
	struct model_entries entries;
	struct model_entries coming; /* while they are told */
	bool is_listed;              /* there was a complete list */
	int timeout_ms;              /* -1 where nothing is said, MODEL_NEVER for no countdown */
	json_t *choices, *problems, *busy, *locked;
	json_t *tables[MODEL_TABLES];
	const char *policy_error;
	struct model_log_line *log; /* a ring */
	size_t log_count, log_first;
	enum model_boot boot;
	const char *phase, *phase_text;
	struct model_progress *progress;
	size_t progress_count;
	size_t still, loud, left, hung;
	const char *lost;        /* the engine has ended: why. NULL while it is there */
	unsigned int generation; /* counts every change */
};

struct model *model_new(void *ctx);

/* What a message changed, for who has to act on it. */
enum model_news {
	MODEL_NOTHING = -1, /* it was not understood */
	MODEL_CHANGED,
	MODEL_LISTED, /* a list is complete */
	MODEL_DONE,   /* a request was, */
	MODEL_FAILED, /* or was not carried out */
	MODEL_STEP,   /* a step began or ended */
	MODEL_PHASE,
};
enum model_news model_hear(struct model *m, const json_t *message, long long now_ms);

/* A boot is asked for: what is known of an earlier one is forgotten. */
void model_begin_boot(struct model *m);
/* The engine has ended: what it was doing will not be. Until the next one tells of entries. */
void model_lose(struct model *m, const char *why);

void model_log(struct model *m, int level, const char *text, long long now_ms);
const struct model_log_line *model_log_at(const struct model *m, size_t i);

/* The default entry's index, or -1. */
int model_default(const struct model *m);
struct model_progress *model_progress_of(const struct model *m, const char *slot);

/* Strings and numbers of a JSON object, or what to take where there is none. */
const char *model_string(const json_t *object, const char *name);
long long model_number(const json_t *object, const char *name, long long otherwise);
bool model_flag(const json_t *object, const char *name);

#endif
