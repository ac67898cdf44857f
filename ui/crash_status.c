// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "boot/crash/record.h"
#include "boot/kexec.h"
#include "devices/log.h"
#include "ui/crash.h"
#include "ui/json.h"
#include "ui/print.h"

struct crash_state {
	uint64_t reserved; /* bytes */
	int is_loaded;
	struct crash_record *record; /* NULL where nothing of ours is loaded */
};

static json_t *files_json(struct machine *m, const struct crash_record *r)
{
	json_t *files = json_array();

	for (size_t i = 0; i < r->file_count; i++)
		json_array_append_new(
			files, json_pack("{so ss}", "path", json_text(r->files[i].path), "state",
				       crash_file_state_name(crash_file_look(m, &r->files[i]))));
	return files;
}

static enum exit_code print_json(struct session *s, const struct crash_state *st)
{
	const struct crash_record *r = st->record;
	json_t *json = json_pack("{sI sb so}", "reserved", (json_int_t)st->reserved, "loaded",
		st->is_loaded, "by",
		!st->is_loaded ? json_null() : json_string(r ? "stillboot" : "other"));

	if (r && json)
		json_object_update_new(
			json, json_pack("{so so sI so so so}", "entry", json_text(r->entry),
				      "kernel", json_text(r->kernel), "since", (json_int_t)r->time,
				      "cmdline", json_text(r->cmdline), "saver",
				      *r->saver ? json_text(r->saver) : json_null(), "files",
				      files_json(&s->machine, r)));
	return command_print_json(s, json);
}

static void print_loaded(const struct crash_record *r)
{
	print_since(r->entry, r->kernel, r->time);
	putchar('\n');
}

/* What is loaded is a copy: it stays what it was. */
static void print_files(struct machine *m, const struct crash_record *r)
{
	int told = 0;

	fputs("files:            ", stdout);
	for (size_t i = 0; i < r->file_count; i++) {
		enum crash_file_state state = crash_file_look(m, &r->files[i]);

		if (state == CRASH_FILE_SAME)
			continue;
		fputs(told++ ? ", /" : "/", stdout);
		print_text(stdout, r->files[i].path ? r->files[i].path : "(not in sight)", 0);
		printf(" %s", crash_file_state_name(state));
	}
	puts(told ? "; `stillboot crash load` loads them anew" : "as they were loaded");
}

static void print(struct session *s, const struct crash_state *st)
{
	if (st->reserved)
		printf("reserved memory:  %llu MiB\n", (unsigned long long)st->reserved >> 20);
	else
		puts("reserved memory:  none (crashkernel=)");
	fputs("loaded:           ", stdout);
	if (!st->is_loaded)
		puts("nothing");
	else if (!st->record)
		puts("a crash kernel that stillboot did not load");
	else
		print_loaded(st->record);
	if (!st->record)
		return;
	print_files(&s->machine, st->record);
	fputs("dump:             ", stdout);
	print_text(stdout, *st->record->saver ? st->record->saver : "nobody saves it", 0);
	putchar('\n');
}

enum exit_code crash_status(struct session *s)
{
	struct crash_state st = {
		.reserved = kexec_crash_reserved(&s->machine),
		.is_loaded = kexec_crash_is_loaded(&s->machine),
	};
	struct err err;
	int rc;

	if (geteuid() != 0 && !*s->machine.root) {
		log_error("crash status needs root rights");
		return EXIT_FAILED;
	}
	rc = st.is_loaded ? crash_record_read(&s->machine, s->memory, &st.record, &err) : -ENOENT;
	if (rc < 0 && rc != -ENOENT)
		return command_fail(EXIT_FAILED, &err);
	if (!(s->options.given & OPT_JSON))
		print(s, &st);
	else if (print_json(s, &st) != EXIT_DONE)
		return EXIT_FAILED;
	return st.is_loaded ? EXIT_DONE : EXIT_FAILED;
}
