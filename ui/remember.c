// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/remember.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/efi_variable.h"
#include "boot/format.h"
#include "boot/volume/names.h"
#include "devices/log.h"
#include "ui/print.h"

struct memo {
	struct session *s;
	const struct discovery *discovery;
	enum entry_choice choice;
	const char *wanted;
	const struct entry_write *writes;
};

static int add_write(struct memo *memo, struct entry_write write)
{
	struct entry_write *w = talloc(memo->s->memory, struct entry_write);

	if (!w)
		return -ENOMEM;
	*w = write;
	w->next = memo->writes;
	memo->writes = w;
	return 0;
}

/* Is the block of this entry that of an earlier one, too? */
static int is_repeated(const struct entry_list *list, size_t i)
{
	const struct entry_file *f = &list->entries[i].environment;

	while (i-- > 0) {
		const struct entry_file *other = &list->entries[i].environment;

		if (other->path && other->volume == f->volume && !strcmp(other->path, f->path))
			return 1;
	}
	return 0;
}

/* The choice as a setting of stillboot's own, which comes before what loaders remember; NULL forgets it, where
 * there is one. A choice for one boot has none. */
static int choose_in_settings(struct memo *memo, const char *id, struct err *err)
{
	const struct settings *settings = memo->discovery->settings;

	if (memo->choice == ENTRY_CHOICE_ONESHOT)
		return id ? -ENOTSUP : 0;
	return settings_write(memo->s->memory, &memo->s->machine, settings, SETTING_DEFAULT, id,
		&memo->writes, err);
}

/* Whatever any loader remembers of this kind is forgotten. */
static int forget(struct memo *memo, struct err *err)
{
	const struct entry_list *list = memo->discovery->entries;
	int oneshot = memo->choice == ENTRY_CHOICE_ONESHOT, rc = 0;

	if (efi_variables_there(&memo->s->machine))
		rc = add_write(
			memo, (struct entry_write){
				      .kind = ENTRY_WRITE_EFI,
				      .name = oneshot ? EFI_VARIABLE_ONESHOT : EFI_VARIABLE_DEFAULT,
			      });
	for (size_t i = 0; i < list->count && rc == 0; i++) {
		const struct entry_file *f = &list->entries[i].environment;

		if (f->path && !is_repeated(list, i))
			rc = add_write(memo, (struct entry_write){
						     .kind = ENTRY_WRITE_GRUBENV,
						     .volume = f->volume,
						     .path = f->path,
						     .name = oneshot ? "next_entry" : "saved_entry",
					     });
	}
	return rc < 0 ? err_errno(err, rc, "forget a choice") : choose_in_settings(memo, NULL, err);
}

/* Loaders take the variable for a glob, and the first entry that matches: names may be alike, or have
 * brackets. */
static int is_for(
	const struct entry_list *list, const struct entry_write *write, const struct entry *e)
{
	return entry_list_find_id(list, write->value) == e;
}

static int have_it(struct memo *memo, struct err *err)
{
	const struct entry_list *list = memo->discovery->entries;
	const struct entry *e = entry_list_find(list, memo->wanted);
	const struct format *format;
	struct entry_write *write;
	struct err other;
	int rc;

	if (!e)
		return err_set(err, -ENOENT,
			"there is no entry '%s'; `stillboot list` shows what there is",
			memo->wanted);
	memo->wanted = e->id;
	format = format_named(e->format);
	if (!format || !format->remember)
		rc = err_set(err, -ENOTSUP,
			"entry '%s' is written in %s, whose loader remembers no choices; a policy "
			"can: "
			"boot { default = \"%s\" }",
			e->id, e->source.file, e->id);
	else
		rc = format->remember(memo->s->memory, e, memo->choice, &write, err);
	if (rc == 0 && write->kind == ENTRY_WRITE_EFI && !efi_variables_there(&memo->s->machine))
		rc = err_set(err, -ENOTSUP,
			"entry '%s' would be remembered in an EFI variable, and this machine keeps "
			"none; a policy can: boot { default = \"%s\" }",
			e->id, e->id);
	if (rc == 0 && write->kind == ENTRY_WRITE_EFI && !is_for(list, write, e))
		rc = err_set(err, -ENOTSUP,
			"entry '%s' cannot be remembered: its loader would take '%s' for another "
			"entry's name; a policy can: boot { default = \"%s\" }",
			e->id, write->value, e->id);
	if (rc == -ENOTSUP && choose_in_settings(memo, e->id, &other) == 0)
		return 0;
	if (rc < 0)
		return rc;
	memo->writes = write;
	return choose_in_settings(memo, NULL, err);
}

/* Who has to take it out by himself later is to know now. */
static void warn_of_lasting(const struct memo *memo)
{
	const struct entry_write *w = memo->writes;
	char path[PATH_MAX];

	if (!w || memo->choice != ENTRY_CHOICE_ONESHOT || w->kind != ENTRY_WRITE_GRUBENV ||
		!volume_names_on_stack(w->volume->names))
		return;
	log_warn("%s lies on LVM, RAID or LUKS, where GRUB cannot write: the choice stays after "
		 "that boot until `stillboot list --set-oneshot ''` takes it out",
		print_escape(path, sizeof(path), w->path));
}

int remember_prepare(struct session *s, const struct remembering *what, struct commit **commit,
	const char **id, struct err *err)
{
	struct memo memo = {.s = s,
		.discovery = what->discovery,
		.choice = what->choice,
		.wanted = what->wanted};
	int rc = *memo.wanted ? have_it(&memo, err) : forget(&memo, err);

	if (rc == 0)
		rc = commit_prepare(s->memory, memo.writes, commit, err);
	if (rc < 0)
		return rc;
	if (*memo.wanted)
		warn_of_lasting(&memo);
	*id = memo.wanted;
	return 0;
}

/* What was written counts only where the configuration asks for it. */
static enum exit_code look_again(struct session *s, const char *id)
{
	struct entries_view view;
	const struct entry *e;
	struct err err;

	if (entries_look(s, &view, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	e = entry_list_find(view.discovery->entries, id);
	if (e && e->is_default) {
		fputs("The default is now ", stdout);
		print_styled(stdout, STYLE_BOLD, e->title, 0);
		puts(s->options.set_oneshot ? ", for one boot." : ".");
		return EXIT_DONE;
	}
	log_error("the choice is saved, but something else is the default: `stillboot list "
		  "--explain` tells what");
	return EXIT_FAILED;
}

enum exit_code remember_choice(struct session *s, struct entries_view *view)
{
	const struct options *o = &s->options;
	const struct remembering what = {
		.discovery = view->discovery,
		.choice = o->set_oneshot ? ENTRY_CHOICE_ONESHOT : ENTRY_CHOICE_SAVED,
		.wanted = o->set_oneshot ? o->set_oneshot : o->set_default,
	};
	struct commit *commit;
	const char *id;
	struct err err;

	if (remember_prepare(s, &what, &commit, &id, &err) < 0 ||
		discovery_close(view->discovery, &err) < 0 ||
		commit_run(&s->machine, commit, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (o->given & OPT_DRY_RUN)
		return EXIT_DONE;
	if (*what.wanted)
		return look_again(s, id);
	puts("Forgotten.");
	return EXIT_DONE;
}
