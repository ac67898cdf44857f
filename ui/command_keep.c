// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "devices/log.h"
#include "ui/entries.h"
#include "ui/menu/engine_settings.h"
#include "ui/print.h"

static int is_usable(const struct options *o)
{
	const option_set making = OPT_KERNEL | OPT_INITRD | OPT_CMDLINE;
	const char *wrong = NULL;

	if (!o->argument_count)
		wrong = "keep needs a title";
	else if (o->given & OPT_REMOVE && (o->given & making || o->argument_count > 1))
		wrong = "--remove takes the id of an entry and nothing else";
	else if (o->kernel && o->argument_count > 1)
		wrong = "--kernel or an ENTRY, not both";
	else if (o->initrd_count && !o->kernel)
		wrong = "--initrd goes with --kernel";
	if (wrong)
		log_error("%s", wrong);
	return !wrong;
}

/* Files of the running system. */
static int edit_of_files(const struct options *o, json_t **edit, struct err *err)
{
	json_t *initrds = json_array();

	for (size_t i = 0; i < o->initrd_count; i++)
		json_array_append_new(initrds, json_string(o->initrds[i]));
	*edit = json_pack("{ss ss so ss}", "device", "", "linux", o->kernel, "initrd", initrds,
		"options", o->cmdline ? o->cmdline : "");
	return *edit ? 0 : err_set(err, -EINVAL, "names of files are to be UTF-8");
}

static int edit_of_entry(
	const struct options *o, const struct discovery *d, json_t **edit, struct err *err)
{
	const struct entry_list *list = d->entries;
	const struct entry *e = NULL;
	int rc;

	if (o->argument_count > 1)
		e = entry_list_find(list, o->arguments[1]);
	for (size_t i = 0; o->argument_count < 2 && i < list->count; i++)
		if (list->entries[i].is_default)
			e = &list->entries[i];
	if (!e)
		return err_set(err, -ENOENT,
			"there is no such entry; `stillboot list` shows what there is");
	rc = engine_edit_of(e, edit, err);
	if (rc == 0 && o->cmdline &&
		json_object_set_new(*edit, "options", json_string(o->cmdline)) < 0) {
		json_decref(*edit);
		rc = err_set(err, -EINVAL, "a command line that is kept is to be UTF-8");
	}
	return rc;
}

static int prepare(
	struct session *s, struct discovery *d, struct engine_kept *kept, struct err *err)
{
	const struct options *o = &s->options;
	json_t *edit;
	int rc;

	if (o->given & OPT_REMOVE)
		return engine_drop(d, o->arguments[0], &kept->commit, err);
	rc = o->kernel ? edit_of_files(o, &edit, err) : edit_of_entry(o, d, &edit, err);
	if (rc < 0)
		return rc;
	rc = engine_keep(d, o->arguments[0], edit, kept, err);
	json_decref(edit);
	return rc;
}

static void tell(const struct options *o, const struct engine_kept *kept)
{
	if (o->given & OPT_REMOVE) {
		puts("Removed.");
		return;
	}
	fputs("Kept as ", stdout);
	print_styled(stdout, STYLE_BOLD, kept->id, 0);
	fputs(": ", stdout);
	print_text(stdout, kept->where, 0);
	puts(".");
}

enum exit_code command_keep(struct session *s)
{
	struct entries_view view;
	struct engine_kept kept;
	struct err err;

	if (!is_usable(&s->options))
		return EXIT_USAGE;
	if (entries_look(s, &view, &err) < 0 || prepare(s, view.discovery, &kept, &err) < 0 ||
		discovery_close(view.discovery, &err) < 0 ||
		commit_run(&s->machine, kept.commit, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (!(s->options.given & OPT_DRY_RUN))
		tell(&s->options, &kept);
	return EXIT_DONE;
}
