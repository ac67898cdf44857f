// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/settings/settings.h"
#include "devices/log.h"
#include "ui/entries.h"
#include "ui/menu/engine_settings.h"
#include "ui/passphrase.h"
#include "ui/password.h"
#include "ui/print.h"

#define NAME_WIDTH 10
#define VALUE_WIDTH 24

enum wish { WISH_ALL, WISH_SHOW, WISH_CHANGE };

static int find_wish(const struct options *o, enum wish *wish)
{
	size_t changes = 0;

	for (size_t i = 0; i < o->argument_count; i++)
		changes += strchr(o->arguments[i], '=') != NULL;
	if (changes && changes < o->argument_count) {
		log_error("settings shows or changes: NAME or NAME=VALUE, not both");
		return -EINVAL;
	}
	if (changes && o->given & (OPT_DIR | OPT_IMAGE)) {
		log_error("NAME=VALUE does not go with --%s",
			option_name(o->given & OPT_DIR ? OPT_DIR : OPT_IMAGE));
		return -EINVAL;
	}
	*wish = changes ? WISH_CHANGE : o->argument_count ? WISH_SHOW : WISH_ALL;
	return entries_places_usable(o) ? 0 : -EINVAL;
}

/* Is this setting one that was asked for or changed? */
static int is_meant(const struct options *o, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < o->argument_count; i++)
		if (!strncmp(o->arguments[i], name, len) &&
			(!o->arguments[i][len] || o->arguments[i][len] == '='))
			return 1;
	return !o->argument_count;
}

static int check_names(const struct options *o, struct err *err)
{
	for (size_t i = 0; i < o->argument_count; i++) {
		size_t len = strcspn(o->arguments[i], "=");
		char name[32];

		snprintf(name, sizeof(name), "%.*s", (int)len, o->arguments[i]);
		if (setting_named(name) == SETTINGS)
			return err_set(err, -EINVAL,
				"there is no setting '%s'; `stillboot settings` lists them", name);
	}
	return 0;
}

/* The hash of a password is of no use to a reader. */
static const char *shown(const json_t *row)
{
	const char *value = json_string_value(json_object_get(row, "value"));
	const char *name = json_string_value(json_object_get(row, "name"));

	return value && !strcmp(name, setting_kinds[SETTING_PASSWORD].name) ? "(hashed)" : value;
}

static void print_row(const json_t *row)
{
	const char *value = shown(row), *stored = json_string_value(json_object_get(row, "stored"));

	printf("%-*s ", NAME_WIDTH, json_string_value(json_object_get(row, "name")));
	if (value) {
		print_styled(stdout, STYLE_BOLD, value, VALUE_WIDTH);
		fputs("  ", stdout);
		print_text(stdout, stored, 0);
	} else {
		print_styled(stdout, STYLE_DIM, "not set", 0);
	}
	putchar('\n');
}

static enum exit_code show(struct session *s, json_t *rows, enum wish wish)
{
	const struct options *o = &s->options;
	json_t *list = json_array(), *row;
	size_t i;

	json_array_foreach (rows, i, row)
		if (is_meant(o, json_string_value(json_object_get(row, "name"))))
			json_array_append(list, row);
	json_decref(rows);
	if (o->given & OPT_JSON)
		return command_print_json(s, json_pack("{so}", "settings", list));
	json_array_foreach (list, i, row) {
		const char *value = json_string_value(json_object_get(row, "value"));

		if (wish == WISH_SHOW) {
			print_text(stdout, value ? value : "", 0);
			putchar('\n');
		} else {
			print_row(row);
		}
	}
	json_decref(list);
	return EXIT_DONE;
}

/* On a command line others would read it. */
static int take_password(struct session *s, json_t **value, struct err *err)
{
	struct passphrase p = {NULL, 0, 0};
	char *text, *hash;
	int rc = isatty(STDIN_FILENO) ? passphrase_ask("Password of the menu: ", &p, err)
				      : passphrase_read_line(&p, err);

	if (rc < 0)
		return rc;
	text = talloc_strndup(s->memory, p.bytes, p.len);
	passphrase_free(&p);
	hash = text ? password_hash(s->memory, text, err) : NULL;
	if (!text)
		rc = err_errno(err, -ENOMEM, "keep the password");
	else if (!hash)
		rc = -EINVAL;
	if (text)
		explicit_bzero(text, strlen(text));
	*value = hash ? json_string(hash) : NULL;
	return rc;
}

static int take_value(
	struct session *s, const char *name, const char *text, json_t **value, struct err *err)
{
	enum setting which = setting_named(name);

	if (which == SETTING_PASSWORD && !strcmp(text, "-"))
		return take_password(s, value, err);
	if (which == SETTING_PASSWORD && *text && setting_check(which, text))
		return err_set(err, -EINVAL,
			"a password is not given on the command line, where others read it: "
			"`password=-` asks for it; a hash of crypt(3) (\"$y$...\", \"$6$...\") is "
			"taken as it is");
	*value = *text ? json_string(text) : json_null();
	return *value ? 0 : err_set(err, -EINVAL, "%s is to be UTF-8", name);
}

static int take_values(struct session *s, json_t **values, struct err *err)
{
	const struct options *o = &s->options;
	json_t *object = json_object();
	int rc = 0;

	for (size_t i = 0; i < o->argument_count && rc == 0; i++) {
		const char *equals = strchr(o->arguments[i], '=');
		size_t len = (size_t)(equals - o->arguments[i]);
		json_t *value = NULL;
		char name[32];

		snprintf(name, sizeof(name), "%.*s", (int)len, o->arguments[i]);
		rc = take_value(s, name, equals + 1, &value, err);
		if (rc == 0)
			json_object_set_new(object, name, value);
	}
	if (rc == 0)
		*values = object;
	else
		json_decref(object);
	return rc;
}

static int change(struct session *s, struct discovery *d, struct err *err)
{
	struct commit *commit;
	json_t *values = NULL;
	int rc = take_values(s, &values, err);

	if (rc < 0)
		return rc;
	rc = engine_set(s, d, values, &commit, err);
	json_decref(values);
	if (rc == 0)
		rc = discovery_close(d, err);
	return rc < 0 ? rc : commit_run(&s->machine, commit, err);
}

/* What is shown after a change is what counts by then. */
enum exit_code command_settings(struct session *s)
{
	struct entries_view view;
	enum wish wish;
	json_t *rows;
	struct err err;

	if (find_wish(&s->options, &wish) < 0)
		return EXIT_USAGE;
	if (check_names(&s->options, &err) < 0 || entries_look(s, &view, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (wish == WISH_CHANGE) {
		if (change(s, view.discovery, &err) < 0)
			return command_fail(EXIT_FAILED, &err);
		if (s->options.given & OPT_DRY_RUN)
			return EXIT_DONE;
		if (entries_look(s, &view, &err) < 0)
			return command_fail(EXIT_FAILED, &err);
	}
	if (discovery_close(view.discovery, &err) < 0)
		log_warn("%s", err.text);
	if (engine_settings(view.discovery, &rows, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	return show(s, rows, wish);
}
