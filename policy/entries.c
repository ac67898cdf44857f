// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/entries.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "devices/kernel_words.h"
#include "policy/glob.h"

/* A command line that rules work on. */
struct line {
	void *ctx;
	const char *text; /* the entry's own as long as nothing changed; NULL when memory ran out */
	char *changed_by; /* NULL as long as nothing changed */
	int failed;
};

/* Is the rule in the list, "x.lua:12, x.lua:40"? */
static int is_noted(const char *list, const char *where)
{
	size_t len = strlen(where);

	for (const char *at = list; at && (at = strstr(at, where)); at++)
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ','))
			return 1;
	return 0;
}

static void note(struct line *l, const char *where)
{
	char *more;

	if (is_noted(l->changed_by, where))
		return;
	more = l->changed_by ? talloc_asprintf(l->ctx, "%s, %s", l->changed_by, where)
			     : talloc_strdup(l->ctx, where);
	l->changed_by = more;
	l->failed |= !more;
}

#define WORD_MAX 1024 /* longer words match nothing: no rule is that long */

static int word_matches(const char *glob, const char *word, size_t len)
{
	char text[WORD_MAX];

	if (len >= sizeof(text))
		return 0;
	memcpy(text, word, len);
	text[len] = '\0';
	return glob_matches(glob, text);
}

/* Copy the words that do not match. Returns whether any did. */
static int filter(struct line *l, const char *glob, char *into)
{
	int removed = 0;
	char *out = into;

	for (const char *at = l->text + strspn(l->text, KERNEL_BLANKS); *at;) {
		bool is_open;
		size_t len = kernel_word_length(at, &is_open);
		const char *word = at;

		at += len;
		at += strspn(at, KERNEL_BLANKS);
		if (word_matches(glob, word, len)) {
			removed = 1;
			continue;
		}
		if (out > into)
			*out++ = ' ';
		memcpy(out, word, len);
		out += len;
	}
	*out = '\0';
	return removed;
}

static void remove_words(struct line *l, const char *glob, const char *where)
{
	char *rest = l->failed ? NULL : talloc_size(l->ctx, strlen(l->text) + 1);

	l->failed |= !rest;
	if (rest && filter(l, glob, rest)) {
		l->text = rest;
		note(l, where);
	} else {
		talloc_free(rest);
	}
}

/* Where the word begins, NULL if it is not there. */
static const char *find_word(const char *text, const char *word)
{
	for (text += strspn(text, KERNEL_BLANKS); *text; text += strspn(text, KERNEL_BLANKS)) {
		bool is_open;
		size_t len = kernel_word_length(text, &is_open);

		if (len == strlen(word) && !memcmp(text, word, len))
			return text;
		text += len;
	}
	return NULL;
}

/* Once is enough. What follows "--" is not the kernel's but init's (kernel/params.c, parse_args). */
static void add_word(struct line *l, const char *word, const char *where)
{
	const char *rest;

	if (l->failed || find_word(l->text, word))
		return;
	rest = find_word(l->text, "--");
	if (rest)
		l->text = talloc_asprintf(
			l->ctx, "%.*s%s %s", (int)(rest - l->text), l->text, word, rest);
	else
		l->text = talloc_asprintf(l->ctx, "%s%s%s", l->text, *l->text ? " " : "", word);
	l->failed |= !l->text;
	if (l->text)
		note(l, where);
}

static void change_by_facts(const struct decision *d, struct line *l)
{
	for (size_t i = 0; i < d->option_count; i++)
		if (d->options[i].how == OPTION_REMOVE)
			remove_words(l, d->options[i].word, d->options[i].where);
		else
			add_word(l, d->options[i].word, d->options[i].where);
}

static int any_glob(const char **globs, const char *text)
{
	for (; text && *globs; globs++)
		if (glob_matches(*globs, text))
			return 1;
	return 0;
}

static int matches(const struct entry_rule *rule, const struct entry *e)
{
	const struct {
		const char **globs, *text;
	} fields[] = {
		[ENTRY_TITLE] = {rule->title, e->title},
		[ENTRY_ID] = {rule->id, e->id},
		[ENTRY_LINUX] = {rule->kernel, e->kernel.path},
		[ENTRY_VERSION] = {rule->version, e->version},
		[ENTRY_FORMAT] = {rule->format, e->format},
	};

	for (unsigned int i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (declared_says(&rule->declared, i) && !any_glob(fields[i].globs, fields[i].text))
			return 0;
	return 1;
}

static void change_by_rules(const struct decision *d, const struct entry *e, struct line *l)
{
	for (size_t i = 0; i < d->entry_count; i++) {
		const struct entry_rule *rule = &d->entries[i];

		if (!matches(rule, e))
			continue;
		for (const char **w = rule->options_remove; w && *w; w++)
			remove_words(l, *w, rule->declared.where);
		for (const char **w = rule->options_add; w && *w; w++)
			add_word(l, *w, rule->declared.where);
	}
}

static const char *hidden_by(const struct decision *d, const struct entry *e)
{
	for (size_t i = d->entry_count; i-- > 0;) {
		const struct entry_rule *rule = &d->entries[i];

		if (declared_says(&rule->declared, ENTRY_HIDE) && matches(rule, e))
			return rule->hide ? rule->declared.where : NULL;
	}
	return NULL;
}

static struct line begin(void *ctx, const char *options)
{
	return (struct line){.ctx = ctx, .text = options ? options : ""};
}

int entries_change_options(const struct decision *d, void *ctx, const char *options,
	const char **changed, const char **changed_by)
{
	struct line l = begin(ctx, options);

	change_by_facts(d, &l);
	if (l.failed)
		return -ENOMEM;
	*changed = l.text;
	*changed_by = l.changed_by;
	return 0;
}

static int can_be_default(const struct entry *e)
{
	return !e->reason && !e->hidden_by;
}

/* What is named outright is meant, whatever else is said of it; a glob means one that can be booted and
 * is not hidden. */
static struct entry *find_named(const struct entry_list *list, const char *name)
{
	struct entry *e = entry_list_find(list, name);

	if (e && (can_be_default(e) || !name[strcspn(name, "*?[")]))
		return e;
	for (size_t i = 0; i < list->count; i++) {
		struct entry *other = &list->entries[i];

		if (can_be_default(other) &&
			(glob_matches(name, other->title) || glob_matches(name, other->id)))
			return other;
	}
	return e && (!strcmp(e->id, name) || !strcmp(e->title, name)) ? e : NULL;
}

static int propose(const struct decision *d, const struct entry_list *list, struct choices *choices,
	const char **missed)
{
	const char *name = declared_says(&d->boot.declared, BOOT_DEFAULT) ? d->boot.default_entry
									  : NULL;
	const struct entry *entry;
	size_t index = CHOICE_NONE;

	if (missed)
		*missed = NULL;
	if (!name)
		return 0;
	if (!strcmp(name, "newest"))
		index = choice_newest(list);
	else if ((entry = find_named(list, name)))
		index = (size_t)(entry - list->entries);
	if (missed && index == CHOICE_NONE && list->count)
		*missed = name;
	return choices_add(choices, ENTRY_CHOICE_POLICY, name, d->boot_where[BOOT_DEFAULT], index);
}

int entries_apply(const struct decision *d, struct entry_list *list, struct choices *choices,
	const char **missed, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct entry *e = &list->entries[i];
		struct line l = begin(list, e->options);

		change_by_facts(d, &l);
		change_by_rules(d, e, &l);
		if (l.failed)
			return err_errno(err, -ENOMEM, "apply the rules to the entries");
		if (l.changed_by)
			e->options = l.text;
		e->changed_by = l.changed_by;
		e->hidden_by = hidden_by(d, e);
	}
	rc = propose(d, list, choices, missed);
	if (rc == 0)
		rc = choices_decide(choices, list);
	return rc < 0 ? err_errno(err, rc, "choose the default entry") : 0;
}
