// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/discover.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <talloc.h>

#include "boot/efi_variable.h"
#include "boot/explore.h"
#include "boot/menu_order.h"
#include "boot/resolve.h"
#include "boot/running.h"
#include "devices/cleanup.h"

#define SAVED "@saved"

static int add_problem(struct discovery *d, const char *text)
{
	return entry_add_problem(d, &d->problems, &d->problem_count, text);
}

static int add_volume_problem(struct discovery *d, const struct volume_problem *p)
{
	struct err err;

	err_set(&err, 0, "%s: %s", p->device, p->text);
	return add_problem(d, err.text);
}

static int add_volume_problems(struct discovery *d)
{
	int rc = 0;

	for (size_t i = 0; i < d->volumes->problem_count && rc == 0; i++)
		if (!d->volumes->problems[i].unread)
			rc = add_volume_problem(d, &d->volumes->problems[i]);
	return rc;
}

/* Is this file, which is on no volume that was read, on that one? */
static bool is_on(const struct entry *e, const struct entry_file *file, const struct volume *unread)
{
	const struct volume_set only = {.volumes = (struct volume *)unread, .count = 1};

	return file->path && file->on && !file->volume &&
	       volume_named(&only, file->on, e->source.volume) == unread;
}

static bool means(const struct entry *e, const struct volume *unread)
{
	const struct entry_file *const files[] = {&e->kernel, &e->efi, &e->devicetree};
	bool found = false;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		found |= is_on(e, files[i], unread);
	for (size_t i = 0; i < e->initrd_count; i++)
		found |= is_on(e, &e->initrds[i], unread);
	return found;
}

/* Data disks of other systems are no problem. */
static int add_unread_problems(struct discovery *d)
{
	int rc = 0;

	for (size_t i = 0; i < d->volumes->problem_count && rc == 0; i++) {
		const struct volume_problem *p = &d->volumes->problems[i];
		size_t e = 0;

		while (p->unread && e < d->entries->count &&
			!means(&d->entries->entries[e], p->unread))
			e++;
		if (p->unread && e < d->entries->count)
			rc = add_volume_problem(d, p);
	}
	return rc;
}

static int propose_fallbacks(struct discovery *d, const struct entry_list *list, const char *where)
{
	_cleanup_talloc_ char *words = talloc_strdup(d, list->fallbacks);
	char *rest = NULL;
	int rc = words ? 0 : -ENOMEM;

	for (char *w = words ? strtok_r(words, " ", &rest) : NULL; w && rc == 0;
		w = strtok_r(NULL, " ", &rest)) {
		const struct entry *e = entry_list_named(list, w);

		if (e)
			rc = choices_add(d->choices, ENTRY_CHOICE_FORMAT, w, where,
				d->entries->count + (size_t)(e - list->entries));
	}
	return rc;
}

/* Where it is written: the file that is the menu, or that of this entry. */
static char *where_of(void *ctx, const struct explored_menu *menu, const struct entry *e)
{
	return *menu->file ? talloc_asprintf(ctx, "%s on %s", menu->file, volume_name(menu->volume))
			   : talloc_asprintf(ctx, "%s on %s", e->source.file,
				     volume_name(e->source.volume));
}

/* Which of its words it is, where it is not the configuration's own. */
static const char *word_of(const struct explored_menu *menu)
{
	if (menu->list->default_choice == ENTRY_CHOICE_FORMAT)
		return "";
	if (!strncmp(menu->format->name, "bls", 3))
		return SAVED ", ";
	return menu->list->default_choice == ENTRY_CHOICE_ONESHOT ? "next_entry, "
								  : "saved_entry, ";
}

/* What the menu itself says is the default. What is not there has its say in vain, and nothing said is the
 * first entry, whoever said it; but an entry that the user keeps for other times never is by itself. */
static int propose(struct discovery *d, const struct explored_menu *menu)
{
	const struct entry_list *list = menu->list;
	const struct entry *named = entry_list_named_default(list),
			   *entry = named ? named : entry_list_default(list);
	size_t index = d->entries->count + (size_t)(entry - list->entries);
	_cleanup_talloc_ char *where = where_of(d, menu, entry);
	_cleanup_talloc_ char *said = where ? talloc_asprintf(d, "%s%s", word_of(menu), where)
					    : NULL;
	int rc = said ? 0 : -ENOMEM;

	if (rc == 0 && list->default_pattern)
		rc = choices_add(d->choices, list->default_choice, list->default_pattern, said,
			named ? index : CHOICE_NONE);
	if (rc == 0 && !named && !entry_is_own(entry))
		rc = choices_add(d->choices, ENTRY_CHOICE_FORMAT, NULL, where, index);
	if (rc == 0 && list->fallbacks)
		rc = propose_fallbacks(d, list, where);
	return rc;
}

/* Before the writes that the entry has already. */
static int add_write(struct entry_list *list, struct entry *e, struct entry_write write)
{
	struct entry_write *w = talloc(list, struct entry_write);

	if (!w)
		return -ENOMEM;
	*w = write;
	w->next = e->writes;
	e->writes = w;
	return 0;
}

/* What is too much is left out at the end of the menu. */
static int cut_menu(struct discovery *d, const struct explored_menu *menu)
{
	_cleanup_talloc_ char *where = NULL;
	size_t room = ENTRY_LIST_MAX - d->entries->count;
	struct err err;

	if (menu->list->count <= room)
		return 0;
	where = where_of(d, menu, menu->list->entries);
	if (!where)
		return -ENOMEM;
	err_set(&err, 0, "%s: the last %zu of its %zu entries are left out: %d are enough", where,
		menu->list->count - room, menu->list->count, ENTRY_LIST_MAX);
	menu->list->count = room;
	return add_problem(d, err.text);
}

static int add_menu(
	struct discovery *d, struct resolver *resolver, const struct explored_menu *menu)
{
	struct entry_list *list = menu->list;
	int rc = 0;

	for (size_t i = 0; i < list->count && rc == 0; i++)
		rc = resolve_entry(resolver, list, &list->entries[i]);
	if (rc < 0)
		return rc;
	rc = cut_menu(d, menu);
	if (rc < 0 || !list->count)
		return rc;
	rc = propose(d, menu);
	if (d->entries->timeout == -1)
		d->entries->timeout = list->timeout;
	return rc < 0 ? rc : entry_list_append(d->entries, list);
}

static int add_menus(struct discovery *d, const struct explored *what, struct exploration *e)
{
	struct resolver *resolver = resolver_new(e, d->volumes, what->architecture);
	int rc = resolver ? 0 : -ENOMEM;

	for (size_t i = 0; i < e->menu_count && rc == 0; i++)
		rc = add_menu(d, resolver, &e->menus[i]);
	return rc;
}

/* The boot disk's, and the order of menus that they ask for. */
static int find_settings(
	struct discovery *d, struct machine *m, struct exploration *e, const char *loader)
{
	const struct entry *first;
	int rc = 0;

	menu_order_by_loader(e, loader);
	first = menu_first_entry(e);
	d->settings = settings_find(m, d, d->volumes, first ? first->source.volume : NULL,
		first ? first->source.file : NULL);
	if (!d->settings)
		return -ENOMEM;
	for (size_t i = 0; i < d->settings->problem_count && rc == 0; i++)
		rc = add_problem(d, d->settings->problems[i]);
	return rc < 0 ? rc : menu_order_by_settings(e, d->settings);
}

/* A choice for one boot is used up by whatever is booted. */
static int use_up_oneshot(struct discovery *d)
{
	const struct entry_write forget = {.kind = ENTRY_WRITE_EFI, .name = EFI_VARIABLE_ONESHOT};
	int rc = 0;

	for (size_t i = 0; i < d->entries->count && rc == 0; i++)
		rc = add_write(d->entries, &d->entries->entries[i], forget);
	return rc;
}

/* Only systemd-boot asks for it. */
static int remember_what_is_booted(struct entry_list *list)
{
	int rc = 0;

	for (size_t i = 0; i < list->count && rc == 0; i++) {
		struct entry_write *write;

		if (strncmp(list->entries[i].format, "bls", 3))
			continue;
		rc = bls_remember(list, &list->entries[i], ENTRY_CHOICE_SAVED, &write, NULL);
		if (rc == 0) {
			write->name = EFI_VARIABLE_LAST;
			write->next = list->entries[i].writes;
			list->entries[i].writes = write;
		}
	}
	return rc;
}

/* "@saved" in loader.conf stands for what was booted last (loader.conf(5)). */
static int name_last_booted(struct machine *m, const struct exploration *e)
{
	for (size_t i = 0; i < e->menu_count; i++) {
		struct entry_list *list = e->menus[i].list;

		if (!list->default_pattern || strcmp(list->default_pattern, SAVED))
			continue;
		list->default_choice = ENTRY_CHOICE_SAVED;
		list->default_pattern = m ? efi_variable_read(m, list, EFI_VARIABLE_LAST) : NULL;
		if (!list->default_pattern)
			list->default_choice = ENTRY_CHOICE_FORMAT;
		if (m && remember_what_is_booted(list) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* What one of these variables names, NULL for nothing. "@saved" is what was booted last (`bootctl
 * set-default @saved`). */
static int read_pattern(struct discovery *d, struct machine *m, const char *name, char **pattern)
{
	*pattern = efi_variable_read(m, d, name);
	if (!*pattern || strcmp(*pattern, SAVED))
		return 0;
	talloc_free(*pattern);
	*pattern = efi_variable_read(m, d, EFI_VARIABLE_LAST);
	return remember_what_is_booted(d->entries);
}

/* What the system or the user told the loader by an EFI variable. */
static int propose_variables(struct discovery *d, struct machine *m)
{
	static const struct {
		const char *name;
		enum entry_choice choice;
	} variables[] = {
		{EFI_VARIABLE_ONESHOT, ENTRY_CHOICE_ONESHOT},
		{EFI_VARIABLE_DEFAULT, ENTRY_CHOICE_SAVED},
	};
	int rc = 0;

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables) && rc == 0; i++) {
		_cleanup_talloc_ char *pattern = NULL;
		char where[64] = "EFI variable ";
		const struct entry *entry;

		rc = read_pattern(d, m, variables[i].name, &pattern);
		if (rc < 0 || !pattern || !*pattern)
			continue;
		entry = entry_list_find_id(d->entries, pattern);
		strcat(where, variables[i].name);
		if (variables[i].choice == ENTRY_CHOICE_ONESHOT && use_up_oneshot(d) < 0)
			return -ENOMEM;
		rc = choices_add(d->choices, variables[i].choice, pattern, where,
			entry ? (size_t)(entry - d->entries->entries) : CHOICE_NONE);
	}
	return rc;
}

/* What only a machine knows. */
static int ask_machine(struct machine *m, struct explored *what, void *ctx)
{
	_cleanup_talloc_ char *esp = efi_variable_read(m, NULL, EFI_VARIABLE_ESP);
	struct stat st;

	what->efi = fstatat(m->root_fd, "sys/firmware/efi", &st, 0) == 0;
	what->esp = esp ? talloc_asprintf(ctx, "PARTUUID=%s", esp) : NULL;
	return esp && !what->esp ? -ENOMEM : 0;
}

/* The file keeps what was booted last only for who wants that. */
static int write_what_is_booted(struct discovery *d)
{
	const struct settings *s = d->settings;
	int rc = 0;

	for (size_t i = 0; s->volume && i < d->entries->count && rc == 0; i++) {
		struct entry *e = &d->entries->entries[i];

		if (!s->last || strcmp(s->last, e->id))
			rc = add_write(d->entries, e,
				(struct entry_write){.kind = ENTRY_WRITE_SETTING,
					.volume = s->volume,
					.path = s->file,
					.name = "last",
					.value = e->id});
	}
	return rc;
}

/* The user's own choice comes before what any loader keeps. */
static int propose_setting(struct discovery *d)
{
	const char *value = d->settings->values[SETTING_DEFAULT],
		   *where = d->settings->stored[SETTING_DEFAULT], *name = value;
	const struct entry *e;
	int rc = 0;

	if (!value)
		return 0;
	if (!strcmp(value, "newest"))
		return choices_put_first(d->choices, NULL, where, CHOICE_NONE);
	if (!strcmp(value, "last")) {
		rc = write_what_is_booted(d);
		name = d->settings->last;
	}
	if (rc < 0 || !name)
		return rc;
	e = entry_list_find(d->entries, name);
	return choices_put_first(
		d->choices, name, where, e ? (size_t)(e - d->entries->entries) : CHOICE_NONE);
}

static int look(struct machine *m, struct discovery *d)
{
	struct explored what = {.volumes = d->volumes};
	_cleanup_talloc_ struct exploration *e = NULL;
	_cleanup_talloc_ char *loader = m ? efi_variable_read(m, NULL, EFI_VARIABLE_INFO) : NULL;
	struct utsname uts;
	int rc = add_volume_problems(d);

	uname(&uts);
	what.architecture = uts.machine;
	if (m && rc == 0)
		rc = ask_machine(m, &what, d);
	if (rc == 0)
		rc = explore(d, &what, &e);
	for (size_t i = 0; rc == 0 && i < e->problem_count; i++)
		rc = add_problem(d, e->problems[i]);
	if (rc == 0)
		rc = name_last_booted(m, e);
	if (rc == 0)
		rc = find_settings(d, m, e, loader);
	if (rc == 0)
		rc = add_menus(d, &what, e);
	if (rc == 0)
		rc = add_unread_problems(d);
	if (rc == 0)
		rc = entry_list_make_unique(d->entries);
	if (rc == 0 && m)
		rc = propose_variables(d, m);
	if (rc == 0)
		rc = propose_setting(d);
	if (rc == 0)
		d->entries->timeout = settings_timeout(d->settings, d->entries->timeout);
	if (rc == 0 && m)
		rc = running_mark(m, d->entries);
	return rc < 0 ? rc : choices_decide(d->choices, d->entries);
}

int discover_in(struct machine *m, void *ctx, struct volume_set *volumes,
	struct discovery **discovery, struct err *err)
{
	_cleanup_talloc_ struct discovery *d = talloc_zero(ctx, struct discovery);
	int rc;

	if (d) {
		d->entries = entry_list_new(d);
		d->choices = choices_new(d);
	}
	if (!d || !d->entries || !d->choices) {
		talloc_free(volumes);
		return err_errno(err, -ENOMEM, "look for boot entries");
	}
	d->volumes = talloc_steal(d, volumes);
	rc = look(m, d);
	if (rc < 0)
		return err_errno(err, rc, "look for boot entries");
	*discovery = d;
	d = NULL;
	return 0;
}

int discover(struct machine *m, void *ctx, unsigned int flags, struct discovery **discovery,
	struct err *err)
{
	struct volume_set *volumes;
	int rc = volumes_find(m, ctx, flags, &volumes, err);

	return rc < 0 ? err_wrap(err, rc, "look for boot entries")
		      : discover_in(m, ctx, volumes, discovery, err);
}

int discovery_open(const struct entry_file *file, int *fd, struct err *err)
{
	if (!file->volume)
		return err_set(err, -ENODEV, "%s is on %s, which is not there", file->path,
			file->on ? file->on : "a filesystem");
	return volume_open(file->volume, file->path, fd, err);
}

char *discovery_file_name(void *ctx, const struct entry_file *file)
{
	const char *volume = file->volume ? volume_name(file->volume) : file->on;

	return talloc_asprintf(ctx, "%s on %s", file->path, volume ? volume : "no filesystem");
}

int discovery_close(struct discovery *discovery, struct err *err)
{
	return volumes_close(discovery->volumes, err);
}
