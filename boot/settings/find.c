// SPDX-License-Identifier: GPL-2.0-or-later
/* Which file counts, and what firmware and system say beside it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/efi_variable.h"
#include "boot/settings/settings.h"
#include "devices/cleanup.h"
#include "devices/kernel_words.h"

static const char *const places[] = {SETTINGS_FILE, "boot/" SETTINGS_FILE};
#define PLACES (sizeof(places) / sizeof(*places))

static int read_system(struct settings *s, struct machine *m)
{
	_cleanup_talloc_ char *text = NULL;
	struct err err;
	int rc = machine_read_file(m, NULL, SETTINGS_SYSTEM_FILE, SETTINGS_FILE_MAX, &text, &err);

	if (rc == -ENOENT || rc == -ENOTDIR)
		return 0;
	return rc < 0 ? settings_problem(s, "%s", err.text)
		      : settings_parse(s, text, strlen(text), "/" SETTINGS_SYSTEM_FILE);
}

static int read_command_line(struct settings *s, struct machine *m)
{
	_cleanup_talloc_ char *cmdline = kernel_words_read(m, NULL);

	return settings_of_command_line(s, cmdline);
}

struct settings *settings_of_system(struct machine *m, void *ctx)
{
	struct settings *s = settings_new(ctx);

	if (s && (read_system(s, m) < 0 || read_command_line(s, m) < 0))
		TALLOC_FREE(s);
	return s;
}

/* 1 if there is such a file, which becomes the one; perhaps it cannot be read. */
static int read_file(struct settings *s, const struct volume *v, const char *file)
{
	_cleanup_talloc_ char *bytes = NULL, *where = NULL;
	struct settings *system = NULL;
	struct err err;
	size_t len;
	int rc = volume_read(v, s, file, SETTINGS_FILE_MAX, &bytes, &len, &err);

	if (rc == -ENOENT || rc == -ENOTDIR)
		return 0;
	s->volume = v;
	s->file = file;
	if (rc < 0)
		return settings_problem(s, "%s", err.text) < 0 ? -ENOMEM : 1;
	where = talloc_asprintf(s, "%s on %s", file, volume_name(v));
	system = talloc_memdup(s, s, sizeof(*s));
	if (!where || !system)
		return -ENOMEM;
	memset(s->values, 0, sizeof(s->values));
	memset(s->in_file, 0, sizeof(s->in_file));
	rc = settings_parse(s, bytes, len, where);
	for (int i = 0; i < SETTINGS; i++) {
		if (!system->values[i] || (s->values[i] && i != SETTING_PASSWORD))
			continue;
		s->values[i] = system->values[i];
		s->stored[i] = system->stored[i];
	}
	talloc_free(system);
	return rc < 0 ? rc : 1;
}

static int read_volume(struct settings *s, const struct volume *v)
{
	int rc = 0;

	for (size_t i = 0; i < PLACES && rc == 0; i++)
		rc = read_file(s, v, places[i]);
	return rc;
}

static bool on_one_disk(const struct volume *a, const struct volume *b)
{
	return a->disk && b->disk && !strcmp(a->disk, b->disk);
}

static int read_disk(struct settings *s, const struct volume_set *set, const struct volume *home)
{
	int rc = read_volume(s, home);

	for (size_t i = 0; i < set->count && rc == 0; i++)
		if (&set->volumes[i] != home && on_one_disk(&set->volumes[i], home))
			rc = read_volume(s, &set->volumes[i]);
	return rc;
}

/* Beside the menu: below boot/ where that is no filesystem of its own. */
static void choose_place(struct settings *s, const struct volume *home, const char *menu)
{
	menu = volume_path(home, menu);
	menu += strspn(menu, "/");
	s->volume = home;
	s->file = places[!strncmp(menu, "boot/", 5)];
}

/* The words of loader.conf(5), which the variable may have, too. */
static void read_variable(struct settings *s, struct machine *m)
{
	char *value = efi_variable_read(m, s, EFI_VARIABLE_TIMEOUT);

	if (value && !strcmp(value, "menu-force"))
		strcpy(value, "never");
	else if (value && (!strcmp(value, "menu-hidden") || !strcmp(value, "menu-disabled")))
		strcpy(value, "0");
	if (!value || setting_check(SETTING_TIMEOUT, value))
		return;
	s->values[SETTING_TIMEOUT] = value;
	s->stored[SETTING_TIMEOUT] = "EFI variable " EFI_VARIABLE_TIMEOUT;
}

struct settings *settings_find(struct machine *m, void *ctx, const struct volume_set *set,
	const struct volume *home, const char *menu)
{
	struct settings *s = settings_new(ctx);
	int rc = !s ? -ENOMEM : m ? read_system(s, m) : 0;

	if (rc == 0) { /* so far it is the system's */
		memset(s->in_file, 0, sizeof(s->in_file));
		rc = home ? read_disk(s, set, home) : 0;
	}
	if (rc >= 0 && home && !s->volume)
		choose_place(s, home, menu);
	if (rc >= 0 && m) {
		read_variable(s, m);
		rc = read_command_line(s, m);
	}
	if (rc < 0)
		TALLOC_FREE(s);
	return s;
}

int settings_timeout(const struct settings *s, int configured)
{
	const char *value = s->values[SETTING_TIMEOUT];

	if (!value)
		return configured;
	return !strcmp(value, "never") ? ENTRY_TIMEOUT_NEVER : atoi(value);
}

/* "sda", "/dev/sda", or a name of the volume. */
static bool is_called(const struct volume *v, const char *word)
{
	const struct volume_set one = {.volumes = (struct volume *)v, .count = 1};
	const char *disk = strncmp(word, "/dev/", 5) ? word : word + 5;

	if (v->disk && !strcmp(v->disk, disk))
		return true;
	return !(v->flags & VOLUME_ANY_NAME) && volume_named(&one, word, v);
}

size_t settings_rank(const struct settings *s, const struct volume *v)
{
	const char *order = s->values[SETTING_ORDER];
	char word[SETTINGS_VALUE_MAX + 1];
	size_t rank = 0;

	for (; order && *order; rank++) {
		size_t len = strcspn(order, " ");

		snprintf(word, sizeof(word), "%.*s", (int)len, order);
		if (is_called(v, word))
			return rank;
		order += len + strspn(order + len, " ");
	}
	return rank;
}
