// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>

#include "boot/discover.h"
#include "devices/log.h"
#include "policy/entries.h"
#include "ui/command.h"
#include "ui/json.h"
#include "ui/print.h"
#include "ui/target.h"

static json_t *entry_json(const struct entry *e)
{
	json_t *json = json_object(), *initrds = json_array();

	for (size_t i = 0; i < e->initrd_count; i++)
		json_array_append_new(initrds, json_text(e->initrds[i].path));
	json_object_set_new(json, "id", json_text(e->id));
	json_object_set_new(json, "title", json_text(e->title));
	json_object_set_new(json, "version", json_text(e->version));
	json_object_set_new(json, "linux", json_text(e->kernel.path));
	if (e->device)
		json_object_set_new(json, "device", json_text(e->device));
	json_object_set_new(json, "initrd", initrds);
	json_object_set_new(json, "devicetree", json_text(e->devicetree.path));
	json_object_set_new(json, "options", json_text(e->options));
	json_object_set_new(json, "format", json_text(e->format));
	json_object_set_new(json, "source",
		json_pack("{so so si}", "device", json_text(e->source.device), "file",
			json_text(e->source.file), "line", (int)e->source.line));
	json_object_set_new(json, "default", json_boolean(e->is_default));
	json_object_set_new(json, "bootable", json_boolean(!e->reason));
	json_object_set_new(json, "reason", json_text(e->reason));
	json_object_set_new(json, "changed_by", json_text(e->changed_by));
	json_object_set_new(json, "hidden_by", json_text(e->hidden_by));
	return json;
}

static enum exit_code print_json(
	struct session *s, const struct discovery *d, const char *policy_error)
{
	json_t *entries = json_array();

	for (size_t i = 0; i < d->entries->count; i++)
		json_array_append_new(entries, entry_json(&d->entries->entries[i]));
	return command_print_json(
		s, json_with_error(json_pack("{so}", "entries", entries), policy_error));
}

#define TITLE_WIDTH_MAX 60

enum which { LIST_SHOWN, LIST_ALL };

static void print_table(const struct entry_list *list, enum which which)
{
	int id = 2, title = 5;
	size_t hidden = 0;

	for (size_t i = 0; i < list->count; i++) {
		int width = print_width(list->entries[i].id);

		id = width > id ? width : id;
		width = print_width(list->entries[i].title);
		title = width > title ? width : title;
	}
	title = title > TITLE_WIDTH_MAX ? TITLE_WIDTH_MAX : title;
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];
		const char *device = e->device ? e->device : e->source.device;

		if (e->hidden_by && which == LIST_SHOWN) {
			hidden++;
			continue;
		}
		fputs(e->is_default ? "* " : "  ", stdout);
		print_styled(stdout, e->is_default ? STYLE_BOLD : STYLE_PLAIN, e->id, id + 2);
		print_styled(stdout, e->reason ? STYLE_DIM : STYLE_PLAIN, e->title, title + 2);
		print_text(stdout, device ? device : "", 0);
		if (e->reason) {
			fputs("  cannot be booted: ", stdout);
			print_styled(stdout, STYLE_BAD, e->reason, 0);
		}
		if (e->hidden_by) {
			fputs("  hidden by ", stdout);
			print_styled(stdout, STYLE_DIM, e->hidden_by, 0);
		}
		putchar('\n');
	}
	if (hidden)
		printf("%zu more %s hidden by rules; -v shows %s\n", hidden,
			hidden == 1 ? "is" : "are", hidden == 1 ? "it" : "them");
}

static void tell_problems(const struct discovery *d)
{
	for (size_t i = 0; i < d->problem_count; i++) {
		char line[ERR_TEXT_MAX];

		log_warn("%s", print_escape(line, sizeof(line), d->problems[i]));
	}
}

static int look(struct session *s, struct discovery **d, struct err *err)
{
	unsigned int flags = s->options.given & OPT_ALL_DISKS ? DISCOVER_ALL_DISKS : 0;
	struct volume_set *set;
	int rc;

	if (!s->options.dir_count)
		return discover(&s->machine, s->memory, flags, d, err);
	rc = volumes_of_trees(s->memory, s->options.dirs, s->options.dir_count, &set, err);
	return rc < 0 ? rc : discover_in(&s->machine, s->memory, set, d, err);
}

enum exit_code command_list(struct session *s)
{
	struct still_plan policy;
	struct discovery *d;
	const char *missed;
	struct err err;

	if (command_make_plan(s, &policy, &err) < 0 || look(s, &d, &err) < 0 ||
		entries_apply(policy.decision, d->entries, &missed, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	command_policy_error(&policy);
	if (missed)
		target_warn_of_default(policy.decision, missed);
	tell_problems(d);
	if (discovery_close(d, &err) < 0)
		log_warn("%s", err.text);
	if (s->options.given & OPT_JSON)
		return print_json(s, d, policy.policy_error);
	if (!d->entries->count)
		puts("No boot entries were found.");
	print_table(d->entries, s->options.given & OPT_VERBOSE ? LIST_ALL : LIST_SHOWN);
	return EXIT_DONE;
}
