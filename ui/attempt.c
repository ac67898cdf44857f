// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/attempt.h"

#include <jansson.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <time.h>

#include "devices/cleanup.h"
#include "devices/log.h"
#include "ui/json.h"
#include "ui/print.h"

#define PSTORE "sys/fs/pstore"
/* Where systemd-pstore.service(8) moves it early in the boot, parted by the time and the number of the dump
 * where the backend tells these (systemd's src/pstore/pstore.c). */
#define ARCHIVE "var/lib/systemd/pstore"
#define ARCHIVE_LEVELS 2
#define PSTORE_FILE_MAX                                                                            \
	(256 << 10) /* bytes; a record of EFI variables has 1 KiB, of ramoops more */
#define OURS "stillboot: "
#define REASON_MAX 256

void attempt_write(struct session *s, const struct record *preloaded)
{
	struct record now = *preloaded;
	struct err err;
	int rc = record_stamp(&s->machine, s->memory, &now, &err);

	if (rc == 0)
		rc = record_write(&s->machine, RECORD_ATTEMPT, &now, &err);
	if (rc < 0)
		log_warn("the next boot will not know that this was tried: %s", err.text);
	if (handoff_note_request(&s->machine, s->began_us, &err) < 0)
		log_info("the next boot will not know when this was asked for: %s", err.text);
}

void attempt_forget(struct session *s)
{
	record_remove(&s->machine, RECORD_ATTEMPT);
}

void attempt_cancel(struct session *s)
{
	if (attempt_read(s, NULL).state == ATTEMPT_UNDER_WAY)
		attempt_forget(s);
}

/* The last line of ours in the log of a kernel that died. */
static const char *last_line(void *ctx, const char *text)
{
	const char *found = NULL;

	for (const char *at = text; (at = strstr(at, OURS)); at += strlen(OURS))
		found = at + strlen(OURS);
	if (!found)
		return NULL;
	return talloc_strndup(ctx, found,
		strnlen(found,
			strcspn(found, "\n") < REASON_MAX ? strcspn(found, "\n") : REASON_MAX));
}

static const char *read_dump(struct session *s, const char *path, void *tmp)
{
	char *text;

	return machine_read_file(&s->machine, tmp, path, PSTORE_FILE_MAX, &text, NULL) == 0
		       ? last_line(s->memory, text)
		       : NULL;
}

/* In this directory, and so many levels below it; of what was put there before the attempt another kernel
 * died. */
static const char *find_dump(
	struct session *s, const char *directory, int levels, int64_t since, void *tmp)
{
	char **names = machine_list_names(&s->machine, tmp, directory);
	const char *reason = NULL;

	for (size_t i = 0; !reason && names && names[i]; i++) {
		char *path = talloc_asprintf(tmp, "%s/%s", directory, names[i]);
		struct stat st;

		if (!path || fstatat(s->machine.root_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(st.st_mode) && levels)
			reason = find_dump(s, path, levels - 1, since, tmp);
		else if (S_ISREG(st.st_mode) && st.st_ctime >= since)
			reason = read_dump(s, path, tmp);
	}
	return reason;
}

/* What is shown by the kernel is there since this boot, or the one that died. */
static const char *read_pstore(struct session *s, int64_t since)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	const char *reason = find_dump(s, PSTORE, 0, INT64_MIN, tmp);

	return reason ? reason : find_dump(s, ARCHIVE, ARCHIVE_LEVELS, since, tmp);
}

struct attempt attempt_read(struct session *s, const struct handoff *handoff)
{
	struct attempt a = {.state = ATTEMPT_NONE};
	struct record now = {.boot_id = ""};

	if (record_read(&s->machine, s->memory, RECORD_ATTEMPT, &a.record, NULL) < 0 ||
		record_stamp(&s->machine, s->memory, &now, NULL) < 0 ||
		(a.record->told && strcmp(a.record->told, now.boot_id))) {
		a.record = NULL;
		return a;
	}
	if (!strcmp(a.record->boot_id, now.boot_id))
		a.state = ATTEMPT_UNDER_WAY;
	else if (handoff && !handoff->is_crash && !strcmp(handoff->boot_id, a.record->boot_id))
		a.state = ATTEMPT_ARRIVED;
	else
		a.state = a.record->has_handoff ? ATTEMPT_LOST : ATTEMPT_UNKNOWN;
	if (a.state == ATTEMPT_LOST)
		a.reason = read_pstore(s, a.record->time);
	return a;
}

static int is_over(const struct attempt *a)
{
	return a->state == ATTEMPT_ARRIVED || a->state == ATTEMPT_NONE;
}

void attempt_settle(struct session *s)
{
	struct handoff *handoff = NULL;
	struct attempt a;

	handoff_read(&s->machine, s->memory, &handoff, NULL);
	a = attempt_read(s, handoff);
	if (is_over(&a))
		attempt_forget(s);
}

void attempt_told(struct session *s, const struct attempt *attempt)
{
	struct record now = {.boot_id = ""}, told;
	struct err err;
	int rc;

	if (is_over(attempt))
		attempt_forget(s);
	if (is_over(attempt) || attempt->state == ATTEMPT_UNDER_WAY || attempt->record->told)
		return;
	told = *attempt->record;
	rc = record_stamp(&s->machine, s->memory, &now, &err);
	told.told = now.boot_id;
	if (rc == 0)
		rc = record_write(&s->machine, RECORD_ATTEMPT, &told, &err);
	if (rc < 0)
		log_warn("the next boot will be told of this, too: %s", err.text);
}

static const struct {
	const char *word, *sentence;
} states[] = {
	[ATTEMPT_NONE] = {"none", "nothing was tried"},
	[ATTEMPT_UNDER_WAY] = {"under way", "the machine is leaving"},
	[ATTEMPT_ARRIVED] = {"arrived", "it arrived"},
	[ATTEMPT_LOST] = {"lost", "it did not arrive: this boot came another way"},
	[ATTEMPT_UNKNOWN] = {"unknown",
		"whether it arrived is not known: the next kernel could not be told"},
};

const char *attempt_word(enum attempt_state state)
{
	return states[state].word;
}

void attempt_print(const struct attempt *a, FILE *out)
{
	time_t at = a->record ? (time_t)a->record->time : 0;
	char when[32] = "";
	struct tm tm;

	if (!a->record) {
		fprintf(out, "%s\n", states[a->state].sentence);
		return;
	}
	if (localtime_r(&at, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(out, "jump of %s into ", when);
	print_text(out, a->record->entry, 0);
	fprintf(out, ": %s\n", states[a->state].sentence);
	if (a->reason) {
		fputs("the last that was heard of it: ", out);
		print_text(out, a->reason, 0);
		fputc('\n', out);
	}
}

json_t *attempt_json(const struct attempt *a)
{
	if (!a->record)
		return json_null();
	return json_pack("{ss so sI so so so}", "state", attempt_word(a->state), "boot_id",
		json_text(a->record->boot_id), "time", (json_int_t)a->record->time, "entry",
		json_text(a->record->entry), "kernel", json_text(a->record->kernel), "reason",
		json_text(a->reason));
}
