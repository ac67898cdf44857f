// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/policy_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "devices/log.h"
#include "ui/json.h"
#include "ui/line_diff.h"
#include "ui/plan_show.h"
#include "ui/print.h"

#define PLAN_FILE_MAX (4 << 20) /* bytes of what is expected */

struct trial {
	const char *name;
	const char *tree, *dump; /* one of the two; NULL for the other */
	const char *plan;        /* the file */
};

struct trials { /* a talloc context */
	struct trial *list;
	size_t count;
	const char *dir, *policy;
};

enum outcome { AS_EXPECTED, DIFFERENT, FAILED, WRITTEN };

static const char *const outcome_names[] = {
	[AS_EXPECTED] = "expected",
	[DIFFERENT] = "different",
	[FAILED] = "failed",
	[WRITTEN] = "written",
};

/* The name without ".lspci"; NULL for another one. */
static char *dump_name(void *ctx, const char *name)
{
	static const char ending[] = ".lspci";
	size_t len = strlen(name), own = sizeof(ending) - 1;

	if (len <= own || strcmp(name + len - own, ending))
		return NULL;
	return talloc_strndup(ctx, name, len - own);
}

static int is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int add_trial(struct trials *t, const char *entry)
{
	const char *path = talloc_asprintf(t, "%s/%s", t->dir, entry);
	const char *name = dump_name(t, entry);
	struct trial trial = {.name = name, .dump = name ? path : NULL};
	struct trial *list;

	if (!path)
		return -ENOMEM;
	if (!name && (!is_directory(path) || !strcmp(entry, "etc") || !strcmp(entry, "usr")))
		return 0;
	if (!name) {
		trial.name = talloc_strdup(t, entry);
		trial.tree = path;
	}
	list = talloc_realloc(t, t->list, struct trial, t->count + 1);
	if (!list || !trial.name)
		return -ENOMEM;
	t->list = list;
	trial.plan = talloc_asprintf(t, "%s/%s.plan", t->dir, trial.name);
	list[t->count++] = trial;
	return trial.plan ? 0 : -ENOMEM;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct trial *)a)->name, ((const struct trial *)b)->name);
}

static int find_trials(struct trials *t, struct err *err)
{
	_cleanup_dir_ DIR *dir = opendir(t->dir);
	struct dirent *entry;

	if (!dir)
		return err_errno(err, -errno, "read the folder %s", t->dir);
	while (errno = 0, (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && add_trial(t, entry->d_name) < 0)
			return err_errno(err, -ENOMEM, "read the folder %s", t->dir);
	if (errno)
		return err_errno(err, -errno, "read the folder %s", t->dir);
	if (!t->count)
		return err_set(err, -ENOENT,
			"%s: there is no machine in it: neither NAME.lspci nor a captured tree "
			"NAME/",
			t->dir);
	qsort(t->list, t->count, sizeof(*t->list), by_name);
	return 0;
}

/* The plan as `stillboot plan` prints it into a pipe; free() it. */
static int print_plan(struct session *s, char **text, struct err *err)
{
	const struct question question = {.files = POLICY_ALL, .extra = s->options.policy};
	struct still_plan p;
	int rc = command_read_facts(s, &p, err);
	size_t len;
	FILE *out;

	if (rc == 0)
		rc = command_ask(s, &question, &p, err);
	if (rc < 0)
		return rc;
	out = open_memstream(text, &len);
	if (!out)
		return err_errno(err, -errno, "print the plan");
	plan_print(&p, PLAN_WITH_TARGET, out);
	return fclose(out) ? err_errno(err, -ENOMEM, "print the plan") : 0;
}

/* A session of its own for each machine. */
static int plan_trial(
	const struct trials *t, const struct trial *trial, char **text, struct err *err)
{
	_cleanup_talloc_ void *memory = talloc_new(NULL);
	struct session s = {
		.memory = memory,
		.options = {.policy = t->policy, .pci_dump = trial->dump},
	};
	int rc = machine_open(&s.machine, trial->tree ? trial->tree : t->dir, err);

	if (rc < 0)
		return rc;
	rc = print_plan(&s, text, err);
	machine_close(&s.machine);
	return rc;
}

static int read_expected(void *ctx, const char *path, char **text, struct err *err)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 1;

	*text = talloc_size(ctx, PLAN_FILE_MAX + 1);
	if (!*text)
		return err_errno(err, -ENOMEM, "read %s", path);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, -ENOENT, "there is no %s; --update writes it", path);
	while (fd >= 0 && n > 0 && len < PLAN_FILE_MAX) {
		n = read(fd, *text + len, PLAN_FILE_MAX - len);
		len += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || n < 0)
		return err_errno(err, -errno, "read %s", path);
	(*text)[len] = '\0';
	return 0;
}

static int write_expected(const char *path, const char *text, struct err *err)
{
	FILE *file = fopen(path, "we");
	int failed = !file || fputs(text, file) == EOF;

	if (file && fclose(file))
		failed = 1;
	return failed ? err_errno(err, errno ? -errno : -EIO, "write %s", path) : 0;
}

/* Nothing is written that is there already, and by a dry run nothing at all. */
static enum outcome update(const struct session *s, const struct trial *trial, const char *plan,
	const char *expected, struct err *err)
{
	if (expected && !strcmp(plan, expected))
		return AS_EXPECTED;
	if (s->options.given & OPT_DRY_RUN)
		return WRITTEN;
	return write_expected(trial->plan, plan, err) < 0 ? FAILED : WRITTEN;
}

/* For DIFFERENT, *difference is how (free() it), for FAILED err is why. */
static enum outcome try(struct session *s, const struct trials *t, const struct trial *trial,
	char **difference, struct err *err)
{
	_cleanup_talloc_ char *expected = NULL;
	char *plan = NULL;
	enum outcome outcome = FAILED;
	int known;
	size_t len;
	FILE *out;

	if (plan_trial(t, trial, &plan, err) < 0)
		return FAILED;
	known = read_expected(NULL, trial->plan, &expected, err) == 0;
	if (s->options.given & OPT_UPDATE)
		outcome = update(s, trial, plan, known ? expected : NULL, err);
	else if (known)
		outcome = strcmp(plan, expected) ? DIFFERENT : AS_EXPECTED;
	if (outcome == DIFFERENT && (out = open_memstream(difference, &len))) {
		line_diff(expected, plan, out);
		fclose(out);
	}
	free(plan);
	return outcome;
}

static void print_outcome(const struct session *s, const struct trial *trial, enum outcome outcome,
	const char *difference, const struct err *err)
{
	char line[2 * ERR_TEXT_MAX];

	if (outcome == FAILED)
		log_error("%s: %s", trial->name, print_escape(line, sizeof(line), err->text));
	if (outcome == DIFFERENT)
		printf("--- %s\n+++ the plan of %s\n%s", trial->plan, trial->name, difference);
	if (outcome == WRITTEN)
		printf("%s: %s\n", s->options.given & OPT_DRY_RUN ? "would be written" : "written",
			trial->plan);
	if (outcome == AS_EXPECTED && s->options.given & OPT_VERBOSE)
		printf("as expected: %s\n", trial->name);
}

static json_t *outcome_json(const struct trial *trial, enum outcome outcome, const char *difference,
	const struct err *err)
{
	return json_pack("{so ss so so}", "name", json_text(trial->name), "result",
		outcome_names[outcome], "difference",
		json_text(outcome == DIFFERENT ? difference : NULL), "error",
		json_text(outcome == FAILED ? err->text : NULL));
}

static enum exit_code try_all(struct session *s, const struct trials *t)
{
	int json = (s->options.given & OPT_JSON) != 0;
	json_t *list = json_array();
	size_t good = 0, bad = 0;

	for (size_t i = 0; i < t->count; i++) {
		const struct trial *trial = &t->list[i];
		char *difference = NULL;
		struct err err = {.text = ""};
		enum outcome outcome = try(s, t, trial, &difference, &err);

		good += outcome == AS_EXPECTED;
		bad += outcome == DIFFERENT || outcome == FAILED;
		if (json)
			json_array_append_new(list, outcome_json(trial, outcome, difference, &err));
		else
			print_outcome(s, trial, outcome, difference ? difference : "", &err);
		free(difference);
	}
	if (!json)
		printf("%zu machine%s, %zu as expected\n", t->count, t->count == 1 ? "" : "s",
			good);
	if (!json)
		json_decref(list);
	else if (command_print_json(s, json_pack("{so}", "machines", list)) != EXIT_DONE)
		return EXIT_FAILED;
	return bad ? EXIT_FAILED : EXIT_DONE;
}

enum exit_code policy_test(struct session *s, const char *dir)
{
	struct trials *t = talloc_zero(s->memory, struct trials);
	char *own = talloc_asprintf(s->memory, "%s/policy.lua", dir);
	struct err err;

	if (!t || !own) {
		err_errno(&err, -ENOMEM, "test policies");
		return command_fail(EXIT_FAILED, &err);
	}
	t->dir = dir;
	t->policy = s->options.policy;
	if (!t->policy && access(own, F_OK) == 0)
		t->policy = own;
	if (find_trials(t, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	/* That a dump has few bytes or no drivers is part of what is tested. */
	if (!(s->options.given & OPT_VERBOSE))
		log_setup(STDOUT_FILENO, STDERR_FILENO, LOG_ERROR);
	return try_all(s, t);
}
