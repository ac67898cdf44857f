// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/model.h"

#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "devices/log.h"

#define ENTRIES_MAX 4096
#define PROGRESS_MAX 8192

static int destroy(struct model *m)
{
	json_t **all[] = {&m->volumes, &m->choices, &m->problems, &m->busy, &m->locked};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		json_decref(*all[i]);
	for (size_t i = 0; i < MODEL_TABLES; i++)
		json_decref(m->tables[i]);
	return 0;
}

struct model *model_new(void *ctx)
{
	struct model *m = talloc_zero(ctx, struct model);

	if (!m)
		return NULL;
	m->timeout_ms = -1;
	m->log = talloc_zero_array(m, struct model_log_line, MODEL_LOG_MAX);
	talloc_set_destructor(m, destroy);
	return m;
}

const char *model_string(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

long long model_number(const json_t *object, const char *name, long long otherwise)
{
	const json_t *value = json_object_get(object, name);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

bool model_flag(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

void model_log(struct model *m, int level, const char *text, long long now_ms)
{
	struct model_log_line *line;

	if (!m->log || !text)
		return;
	line = &m->log[(m->log_first + m->log_count) % MODEL_LOG_MAX];
	if (m->log_count == MODEL_LOG_MAX)
		m->log_first = (m->log_first + 1) % MODEL_LOG_MAX;
	else
		m->log_count++;
	talloc_free((void *)line->text);
	*line = (struct model_log_line){now_ms, level, talloc_strdup(m, text)};
}

const struct model_log_line *model_log_at(const struct model *m, size_t i)
{
	return &m->log[(m->log_first + i) % MODEL_LOG_MAX];
}

int model_default(const struct model *m)
{
	for (size_t i = 0; i < m->entries.count; i++)
		if (m->entries.list[i].is_default)
			return (int)i;
	return -1;
}

struct model_progress *model_progress_of(const struct model *m, const char *slot)
{
	for (size_t i = 0; slot && i < m->progress_count; i++)
		if (!strcmp(m->progress[i].slot, slot))
			return &m->progress[i];
	return NULL;
}

/* Instead of what was there. */
static void keep(json_t **place, json_t *value)
{
	json_decref(*place);
	*place = json_incref(value);
}

static enum model_news hear_volumes(struct model *m, const json_t *message, long long now_ms)
{
	(void)now_ms;
	keep(&m->volumes, json_object_get(message, "volumes"));
	return MODEL_CHANGED;
}

static enum model_news hear_entries(struct model *m, const json_t *message, long long now_ms)
{
	(void)message;
	(void)now_ms;
	talloc_free(m->coming.list);
	m->coming = (struct model_entries){0};
	talloc_free((void *)m->lost);
	m->lost = NULL;
	return MODEL_CHANGED;
}

void model_lose(struct model *m, const char *why)
{
	talloc_free((void *)m->lost);
	m->lost = talloc_strdup(m, why);
	m->boot = MODEL_IDLE;
	keep(&m->busy, NULL);
	talloc_free((void *)m->phase_text);
	m->phase_text = NULL;
	m->generation++;
}

/* NULL for the null of JSON. */
static const char *copy(void *ctx, const char *text)
{
	return text ? talloc_strdup(ctx, text) : NULL;
}

static char *read_path(const json_t *titles)
{
	char *path = talloc_strdup(NULL, "");
	const json_t *title;
	size_t i;

	json_array_foreach (titles, i, title)
		if (path && json_is_string(title))
			path = talloc_asprintf_append(path, "%s\n", json_string_value(title));
	return path;
}

enum { ID, TITLE, REASON, PATH, JSON, TEXTS };

/* All texts of an entry in one piece of memory: a thousand entries with a piece for each would take 0.4 MB more
 * for what talloc and malloc put in front. */
static int keep_texts(void *ctx, struct model_entry *e, const char *const texts[TEXTS])
{
	const char **const places[TEXTS] = {&e->id, &e->title, &e->reason, &e->path, &e->json};
	size_t len = 0;
	char *bytes;

	for (size_t i = 0; i < TEXTS; i++)
		len += texts[i] ? strlen(texts[i]) + 1 : 0;
	bytes = talloc_array(ctx, char, len);
	if (!bytes)
		return 0;
	for (size_t i = 0; i < TEXTS; i++) {
		*places[i] = texts[i] ? bytes : NULL;
		if (texts[i])
			bytes = stpcpy(bytes, texts[i]) + 1;
	}
	return 1;
}

static int read_texts(void *ctx, struct model_entry *e, const json_t *message)
{
	_cleanup_talloc_ char *path = read_path(json_object_get(message, "menu"));
	char *json = json_dumps(message, JSON_COMPACT);
	const char *const texts[TEXTS] = {
		[ID] = model_string(message, "id"),
		[TITLE] = model_string(message, "title"),
		[REASON] = model_string(message, "reason"),
		[PATH] = path,
		[JSON] = json,
	};
	int is_whole = texts[ID] && texts[TITLE] && path && json && keep_texts(ctx, e, texts);

	free(json);
	return is_whole;
}

static enum model_news hear_entry(struct model *m, const json_t *message, long long now_ms)
{
	struct model_entries *all = &m->coming;
	struct model_entry *e;

	(void)now_ms;
	if (all->count == ENTRIES_MAX)
		return MODEL_NOTHING;
	if (all->count % 64 == 0) {
		e = talloc_realloc(m, all->list, struct model_entry, all->count + 64);
		if (!e)
			return MODEL_NOTHING;
		all->list = e;
	}
	e = &all->list[all->count];
	*e = (struct model_entry){
		.volume = (int)model_number(message, "volume", -1),
		.is_default = model_flag(message, "default"),
		.is_running = model_flag(message, "running"),
		.is_hidden = json_is_string(json_object_get(message, "hidden_by")),
	};
	if (!read_texts(all->list, e, message))
		return MODEL_NOTHING;
	all->count++;
	return MODEL_CHANGED;
}

/* A day at most. */
static int read_timeout(const json_t *value)
{
	double seconds = json_number_value(value);

	if (json_is_string(value))
		return MODEL_NEVER;
	return json_is_number(value) && seconds >= 0 && seconds <= 86400 ? (int)(seconds * 1000)
									 : -1;
}

static enum model_news hear_listed(struct model *m, const json_t *message, long long now_ms)
{
	(void)now_ms;
	talloc_free(m->entries.list);
	m->coming.generation = m->entries.generation + 1;
	m->entries = m->coming;
	m->coming = (struct model_entries){0};
	m->timeout_ms = read_timeout(json_object_get(message, "timeout"));
	keep(&m->choices, json_object_get(message, "choices"));
	keep(&m->problems, json_object_get(message, "problems"));
	keep(&m->busy, json_object_get(message, "busy"));
	keep(&m->locked, json_object_get(message, "locked"));
	m->is_listed = true;
	return MODEL_LISTED;
}

static int level_of(const char *name)
{
	static const char *const names[] = {[LOG_ERROR] = "error",
		[LOG_WARN] = "warn",
		[LOG_INFO] = "info",
		[LOG_DEBUG] = "debug"};

	for (size_t i = 0; name && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return (int)i;
	return LOG_INFO;
}

static enum model_news hear_log(struct model *m, const json_t *message, long long now_ms)
{
	model_log(
		m, level_of(model_string(message, "level")), model_string(message, "text"), now_ms);
	return MODEL_CHANGED;
}

static enum model_news hear_table(struct model *m, const json_t *message, enum model_table which)
{
	if (!json_is_array(json_object_get(message, "rows")))
		return MODEL_NOTHING;
	keep(&m->tables[which], json_object_get(message, "rows"));
	return MODEL_CHANGED;
}

static enum model_news hear_plan(struct model *m, const json_t *message, long long now_ms)
{
	(void)now_ms;
	talloc_free((void *)m->policy_error);
	m->policy_error = copy(m, model_string(message, "error"));
	return hear_table(m, message, MODEL_PLAN);
}

static enum model_news hear_phase(struct model *m, const json_t *message, long long now_ms)
{
	const char *phase = model_string(message, "phase");

	(void)now_ms;
	if (!phase)
		return MODEL_NOTHING;
	talloc_free((void *)m->phase);
	talloc_free((void *)m->phase_text);
	m->phase = talloc_strdup(m, phase);
	m->phase_text = copy(m, model_string(message, "text"));
	if (!strcmp(phase, "quiesce"))
		m->boot = MODEL_NO_RETURN;
	return MODEL_PHASE;
}

static struct model_progress *progress_for(struct model *m, const char *slot)
{
	struct model_progress *p = model_progress_of(m, slot);

	if (p || !slot || m->progress_count == PROGRESS_MAX)
		return p;
	p = talloc_realloc(m, m->progress, struct model_progress, m->progress_count + 1);
	if (!p)
		return NULL;
	m->progress = p;
	p += m->progress_count++;
	*p = (struct model_progress){.slot = talloc_strdup(m, slot)};
	return p->slot ? p : NULL;
}

static void replace(struct model *m, const char **place, const char *text)
{
	talloc_free((void *)*place);
	*place = copy(m, text);
}

static enum model_news hear_step(struct model *m, const json_t *message, long long now_ms)
{
	struct model_progress *p = progress_for(m, model_string(message, "slot"));
	const char *state = model_string(message, "state");

	if (!p || !state)
		return MODEL_NOTHING;
	replace(m, &p->step, model_string(message, "step"));
	replace(m, &p->state, state);
	replace(m, &p->detail, model_string(message, "detail"));
	p->deadline_ms = model_number(message, "deadline_ms", 0);
	if (!strcmp(state, "begun"))
		p->since_ms = now_ms;
	m->hung += !strcmp(state, "hung");
	return MODEL_STEP;
}

static enum model_news hear_verdict(struct model *m, const json_t *message, long long now_ms)
{
	struct model_progress *p = progress_for(m, model_string(message, "slot"));
	const char *verdict = model_string(message, "verdict");

	(void)now_ms;
	if (!p || !verdict)
		return MODEL_NOTHING;
	replace(m, &p->verdict, verdict);
	replace(m, &p->detail, model_string(message, "why"));
	m->still += !strcmp(verdict, "still");
	m->loud += !strcmp(verdict, "loud");
	m->left += !strcmp(verdict, "left");
	return MODEL_STEP;
}

/* Of a boot: it was a dry run, or it failed and has touched nothing. It can be asked for again. */
static void come_back(struct model *m, const json_t *message)
{
	const char *what = model_string(message, "ask");

	if (!what || strcmp(what, "boot"))
		return;
	m->boot = MODEL_IDLE;
}

void model_begin_boot(struct model *m)
{
	m->boot = MODEL_ASKED;
	m->progress_count = 0;
	m->still = m->loud = m->left = m->hung = 0;
	m->generation++;
}

static enum model_news hear_done(struct model *m, const json_t *message, long long now_ms)
{
	(void)now_ms;
	come_back(m, message);
	return MODEL_DONE;
}

static enum model_news hear_failed(struct model *m, const json_t *message, long long now_ms)
{
	model_log(m, LOG_ERROR, model_string(message, "text"), now_ms);
	come_back(m, message);
	return MODEL_FAILED;
}

enum model_news model_hear(struct model *m, const json_t *message, long long now_ms)
{
	static const struct {
		const char *say;
		enum model_news (*hear)(struct model *m, const json_t *message, long long now_ms);
	} table[] = {
		{"entry", hear_entry},
		{"step", hear_step},
		{"verdict", hear_verdict},
		{"log", hear_log},
		{"volumes", hear_volumes},
		{"entries", hear_entries},
		{"listed", hear_listed},
		{"plan", hear_plan},
		{"phase", hear_phase},
		{"done", hear_done},
		{"failed", hear_failed},
	};
	/* Only rows. */
	static const char *const tables[MODEL_TABLES] = {
		[MODEL_DEVICES] = "devices",
		[MODEL_FACTS] = "facts",
		[MODEL_REPORT] = "report",
		[MODEL_SETTINGS] = "settings",
	};
	const char *say = model_string(message, "say");
	enum model_news news = MODEL_NOTHING;

	for (size_t i = 0; say && i < sizeof(table) / sizeof(*table); i++)
		if (!strcmp(say, table[i].say))
			news = table[i].hear(m, message, now_ms);
	for (size_t i = 0; say && i < MODEL_TABLES; i++)
		if (tables[i] && !strcmp(say, tables[i]))
			news = hear_table(m, message, (enum model_table)i);
	m->generation += news != MODEL_NOTHING;
	return news;
}
