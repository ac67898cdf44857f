// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "devices/log.h"
#include "ui/command.h"
#include "ui/json.h"
#include "ui/policy_test.h"
#include "ui/print.h"

static json_t *problem_json(const struct problem *p)
{
	return json_pack("{so si si so}", "file", json_text(p->file), "line", (int)p->line,
		"column", (int)p->column, "text", json_text(p->text));
}

/* FILE:LINE:COLUMN: TEXT, as compilers do it, so that editors can go there. */
static void print_problem(const struct problem *p)
{
	print_text(stdout, p->file, 0);
	if (p->line)
		printf(":%u", p->line);
	if (p->line && p->column)
		printf(":%u", p->column);
	fputs(": ", stdout);
	print_text(stdout, p->text, 0);
	putchar('\n');
}

/* They come in the order in which they were found; of each file people want them by line. */
static void sort_problems(const struct problems *problems)
{
	for (size_t i = 1; i < problems->count; i++)
		for (struct problem *p = &problems->list[i]; p > problems->list; p--) {
			struct problem last = *p;

			if (strcmp(p[-1].file, p->file) || p[-1].line < p->line ||
				(p[-1].line == p->line && p[-1].column <= p->column))
				break;
			*p = p[-1];
			p[-1] = last;
		}
}

static enum exit_code tell_problems(struct session *s, const struct problems *problems)
{
	enum exit_code code = problems->count ? EXIT_FAILED : EXIT_DONE;
	json_t *list = json_array();

	sort_problems(problems);
	if (s->options.given & OPT_JSON) {
		for (size_t i = 0; i < problems->count; i++)
			json_array_append_new(list, problem_json(&problems->list[i]));
		if (command_print_json(s, json_pack("{so}", "errors", list)) != EXIT_DONE)
			return EXIT_FAILED;
		return code;
	}
	json_decref(list);
	for (size_t i = 0; i < problems->count; i++)
		print_problem(&problems->list[i]);
	printf("%zu%s error%s\n", problems->count,
		problems->count == PROBLEMS_MAX ? " or more" : "", problems->count == 1 ? "" : "s");
	return code;
}

/* What is installed here, and --policy. */
static int check_installed(struct session *s, const struct policy_facts *facts,
	struct problems **problems, struct err *err)
{
	const struct question question = {.files = POLICY_ALL, .extra = s->options.policy};
	struct decision *d;
	int rc = policy_ask(&s->machine, facts, &question, s->memory, &d, problems, err);

	return rc < 0 && !(*problems && (*problems)->count) ? rc : 0;
}

static enum exit_code check(struct session *s, const char *const *files, size_t count)
{
	struct problems *problems = NULL;
	struct still_plan p;
	struct err err;
	int rc;

	if (count && s->options.policy) {
		log_error("name files to be checked or --policy, not both");
		return EXIT_USAGE;
	}
	if (command_read_facts(s, &p, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	rc = count ? policy_check(&s->machine, &p.facts, files, s->memory, &problems, &err)
		   : check_installed(s, &p.facts, &problems, &err);
	return rc < 0 ? command_fail(EXIT_FAILED, &err) : tell_problems(s, problems);
}

static void print_source(const struct policy_source *source)
{
	print_styled(stdout, source->is_masked ? STYLE_DIM : STYLE_PLAIN, source->path, 0);
	if (source->is_builtin)
		fputs("  built-in", stdout);
	if (source->is_masked)
		fputs("  masked: nothing is read", stdout);
	if (source->replaces) {
		fputs(source->is_masked ? " of " : "  in the place of ", stdout);
		print_text(stdout, source->replaces, 0);
	}
	putchar('\n');
}

static json_t *source_json(const struct policy_source *source)
{
	return json_pack("{so so sb sb}", "file", json_text(source->path), "replaces",
		json_text(source->replaces), "builtin", source->is_builtin, "masked",
		source->is_masked);
}

static enum exit_code list(struct session *s, const char *const *arguments, size_t count)
{
	int json = (s->options.given & OPT_JSON) != 0;
	struct policy_source *sources;
	json_t *files;
	struct err err;
	size_t n;

	(void)arguments;
	(void)count;
	if (policy_sources(&s->machine, s->memory, &sources, &n, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	files = json_array();
	for (size_t i = 0; i < n; i++)
		if (json)
			json_array_append_new(files, source_json(&sources[i]));
		else
			print_source(&sources[i]);
	if (s->options.policy && json)
		json_array_append_new(
			files, source_json(&(struct policy_source){.path = s->options.policy}));
	if (json)
		return command_print_json(s, json_pack("{so}", "files", files));
	if (s->options.policy) {
		print_text(stdout, s->options.policy, 0);
		puts("  --policy");
	}
	json_decref(files);
	return EXIT_DONE;
}

static enum exit_code test(struct session *s, const char *const *arguments, size_t count)
{
	(void)count;
	return policy_test(s, arguments[0]);
}

static const struct {
	const char *name;
	enum exit_code (*run)(struct session *s, const char *const *arguments, size_t count);
	size_t least, most; /* arguments */
	option_set options; /* of those that not all of them take */
} table[] = {
	{"check", check, 0, SIZE_MAX, 0},
	{"list", list, 0, 0, 0},
	{"test", test, 1, 1, OPT_UPDATE},
};

#define COUNT (sizeof(table) / sizeof(*table))

enum exit_code command_policy(struct session *s)
{
	const struct options *o = &s->options;
	size_t count = o->argument_count ? o->argument_count - 1 : 0, i = 0;

	while (i < COUNT && o->argument_count && strcmp(table[i].name, o->arguments[0]))
		i++;
	if (!o->argument_count || i == COUNT) {
		log_error("policy needs one of check, list and test to be said%s%s%s",
			o->argument_count ? ", not '" : "",
			o->argument_count ? o->arguments[0] : "", o->argument_count ? "'" : "");
		return EXIT_USAGE;
	}
	if (count < table[i].least || count > table[i].most) {
		log_error("policy %s takes %s", table[i].name,
			table[i].least ? "one folder" : "no argument");
		return EXIT_USAGE;
	}
	if (o->given & OPT_UPDATE & ~table[i].options) {
		log_error("policy %s does not take --update", table[i].name);
		return EXIT_USAGE;
	}
	return table[i].run(s, o->arguments + 1, count);
}
