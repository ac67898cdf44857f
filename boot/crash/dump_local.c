// SPDX-License-Identifier: GPL-2.0-or-later
/* A dump into a folder of this machine. What touches the disk is done in children with a deadline: one that hangs
 * (a network filesystem, a multipath device that queues) must not hold up the restart. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <talloc.h>

#include "boot/crash/dump_parts.h"
#include "boot/jump.h"
#include "devices/cleanup.h"
#include "devices/deadline.h"
#include "devices/log.h"

/* A dump without what nobody needs (-d 31) is rarely more than this part of the memory. */
#define USUAL_PART 4
#define MIB_SHIFT 20
/* Left free for the system that comes up next: this part of the filesystem, but no more than this. */
#define MARGIN_PART 20
#define MARGIN_MAX (256ULL << 20)

#define NAMES 100 /* of one second, that are tried */

#define DISK_MS 60000 /* for a disk to answer, with nothing much to be written */

/* A program that makes one file. */
struct task {
	struct pipeline pipeline;
	const char *folder, *temporary, *final; /* paths; the last two in the folder */
	const char *instead;                    /* of this, which goes then; NULL of nothing */
	struct machine *m;
	int rc;     /* of what came to its end last */
	int failed; /* what the program did, where it did */
};

/* With those above it, which are others' and keep their modes; what is in it is for root alone. -EEXIST where
 * something has that name: the folder above may be one that everybody writes to. */
static int make_folder(const char *path, struct err *err)
{
	_cleanup_talloc_ char *part = talloc_strdup(NULL, path);

	if (!part)
		return err_errno(err, -ENOMEM, "make %s", path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return err_errno(err, -errno, "make %s", part);
		*slash = '/';
	}
	return mkdir(path, 0700) < 0 ? err_errno(err, -errno, "make %s", path) : 0;
}

static int flush(const char *path, int flags, struct err *err)
{
	_cleanup_fd_ int fd = open(path, flags | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? err_errno(err, -errno, "write %s to the disk", path) : 0;
}

static int flush_file(void *argument, struct err *err)
{
	const struct task *t = argument;

	return flush(t->temporary, O_RDONLY, err);
}

static int name_file(void *argument, struct err *err)
{
	const struct task *t = argument;

	if (rename(t->temporary, t->final) < 0)
		return err_errno(err, -errno, "rename %s", t->temporary);
	if (t->instead)
		unlink(t->instead);
	return flush(t->folder, O_RDONLY | O_DIRECTORY, err);
}

static int tidy(void *argument, struct err *err)
{
	const struct task *t = argument;

	(void)err;
	dump_tidy(t->rc, t->temporary);
	return 0;
}

static int act(void *argument, struct err *err)
{
	struct task *t = argument;

	t->rc = t->failed = pipeline_run(&t->pipeline, err);
	if (t->rc == 0) {
		t->rc = jump_write(t->m, JUMP_SYNC_MS, JUMP_WHILE_WRITING, flush_file, t, err);
		if (t->rc == -ETIME)
			err_wrap(err, t->rc, "write %s to the disk", t->temporary);
	}
	if (t->rc < 0 && t->rc != -ETIME)
		deadline_run(DISK_MS, tidy, t, NULL);
	if (t->rc < 0)
		return t->rc;
	t->rc = deadline_run(DISK_MS, name_file, t, err);
	return t->rc == -ETIME ? err_wrap(err, t->rc, "rename %s", t->temporary) : t->rc;
}

static int make(struct dump *d, void *ctx, struct task *t, struct err *err)
{
	char *what = pipeline_text(ctx, &t->pipeline);

	t->m = d->m;
	what = what ? talloc_asprintf(ctx, "run %s", what) : NULL;
	return what ? d->m->effects->perform(d->m, what, act, t, err)
		    : err_errno(err, -ENOMEM, "save the dump");
}

static int make_messages(struct dump *d, void *ctx, const char *folder, struct err *err)
{
	char *temporary = talloc_asprintf(ctx, "%s/dmesg-incomplete", folder);
	char *final = talloc_asprintf(ctx, "%s/dmesg.%s", folder, d->stamp);
	const char **argv = temporary ? dump_messages_command(d, ctx, temporary) : NULL;
	struct task t = {.folder = folder, .temporary = temporary, .final = final};

	if (!argv || !final)
		return err_errno(err, -ENOMEM, "save the messages");
	t.pipeline = dump_pipeline(d, argv, NULL);
	return make(d, ctx, &t, err);
}

/* What makedumpfile says that it would write ("Write bytes : 123", from version 1.7.0 on). */
static void hear_size(void *ctx, const char *line)
{
	static const char key[] = "Write bytes";
	unsigned long long *size = ctx;
	const char *colon = strchr(line, ':');

	if (!strncmp(line, key, strlen(key)) && colon)
		*size = strtoull(colon + 1, NULL, 10);
}

uint64_t dump_room(const struct statvfs *fs)
{
	const uint64_t left = (uint64_t)fs->f_bavail * fs->f_frsize;
	uint64_t margin = (uint64_t)fs->f_blocks * fs->f_frsize / MARGIN_PART;

	if (margin > MARGIN_MAX)
		margin = MARGIN_MAX;
	return left > margin ? left - margin : 0;
}

static int ask_room(void *argument, struct err *err)
{
	struct statvfs fs;
	uint64_t mib;

	if (statvfs(argument, &fs) < 0)
		return err_errno(err, -errno, "see how much room there is");
	mib = dump_room(&fs) >> MIB_SHIFT;
	return mib < INT_MAX ? (int)mib : INT_MAX;
}

/* In MiB. */
static int room(const char *folder, struct err *err)
{
	return deadline_run(DISK_MS, ask_room, (void *)(uintptr_t)folder, err);
}

static int check_space(void *argument, struct err *err)
{
	struct dump *d = argument;
	static const char *const dry[] = {"--dry-run", "--show-stats", NULL};
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	/* It makes no file, and refuses the name of one that is there. */
	const char *none = talloc_asprintf(ctx, "%s/" DUMP_INCOMPLETE, d->saved_to);
	const char **argv = none ? dump_command(d, ctx, dry, none) : NULL;
	unsigned long long size = 0, space;
	struct pipeline p;
	struct stat st;
	int mib = argv ? room(d->saved_to, err) : -ENOMEM;

	if (mib == -ETIME)
		return mib;
	if (mib < 0 || fstatat(d->m->root_fd, DUMP_VMCORE, &st, 0) < 0)
		return 0;
	space = (unsigned long long)mib << MIB_SHIFT;
	if (space >= (unsigned long long)st.st_size / USUAL_PART)
		return 0;
	p = dump_pipeline(d, argv, NULL);
	p.said = hear_size;
	p.ctx = &size;
	if (pipeline_run(&p, NULL) < 0 || size <= space)
		return 0;
	return err_set(err, -ENOSPC, "the dump takes %llu MiB, and %s has %d MiB for it",
		(size >> MIB_SHIFT) + 1, d->saved_to, mib);
}

static int make_folder_action(void *argument, struct err *err)
{
	return make_folder(argument, err);
}

static int make_folder_in_time(void *argument, struct err *err)
{
	int rc = deadline_run(DISK_MS, make_folder_action, argument, err);

	return rc == -ETIME ? err_wrap(err, rc, "make %s", (const char *)argument) : rc;
}

/* 0 is no limit; what a guess let through still leaves the margin. */
static uint64_t limit(const struct dump *d, const char *folder)
{
	int mib = d->m->effects->pretends ? -ENOENT : room(folder, NULL);

	return mib < 0 ? 0 : ((uint64_t)mib << MIB_SHIFT) + 1;
}

static int make_copy(struct dump *d, void *ctx, const struct task *dump, struct err *err)
{
	struct task t = {.folder = dump->folder,
		.temporary = talloc_asprintf(ctx, "%s/" DUMP_COPY_INCOMPLETE, dump->folder),
		.final = talloc_asprintf(ctx, "%s/" DUMP_COPY ".%s", dump->folder, d->stamp),
		.instead = dump->temporary};

	t.pipeline = dump_copying(d, ctx, t.temporary, NULL);
	if (!t.temporary || !t.final || !t.pipeline.first)
		return err_errno(err, -ENOMEM, "copy the memory");
	t.pipeline.file_max = limit(d, t.folder);
	return make(d, ctx, &t, err);
}

static int make_dump(struct dump *d, void *ctx, char *folder, struct err *err)
{
	char *temporary = talloc_asprintf(ctx, "%s/%s", folder, DUMP_INCOMPLETE);
	char *final = talloc_asprintf(ctx, "%s/dump.%s", folder, d->stamp);
	const char **argv = temporary ? dump_command(d, ctx, NULL, temporary) : NULL;
	struct task t = {.folder = folder, .temporary = temporary, .final = final};
	int rc = d->m->effects->perform(d->m, "see whether the dump fits", check_space, d, err);

	if (rc < 0)
		return rc;
	if (!argv || !final)
		return err_errno(err, -ENOMEM, "save the dump");
	t.pipeline = dump_pipeline(d, argv, NULL);
	t.pipeline.file_max = limit(d, folder);
	rc = make(d, ctx, &t, err);
	return t.failed < 0 && dump_wants_copy(rc, err) ? make_copy(d, ctx, &t, err) : rc;
}

/* One that is there already is not ours, or of a clock that stands still: another name then. */
static int make_new_folder(struct dump *d, void *ctx, char **folder, struct err *err)
{
	int rc = -EEXIST;

	for (int i = 0; i < NAMES && rc == -EEXIST; i++) {
		char *what;

		*folder = talloc_asprintf(
			ctx, i ? "%s/%s-%d" : "%s/%s", d->place.folder, d->stamp, i);
		what = *folder ? talloc_asprintf(ctx, "make the folder %s", *folder) : NULL;
		rc = what ? d->m->effects->perform(d->m, what, make_folder_in_time, *folder, err)
			  : err_errno(err, -ENOMEM, "save the dump");
	}
	return rc;
}

int dump_save_local(struct dump *d, void *ctx, struct err *err)
{
	char *folder;
	struct err messages;
	int rc = make_new_folder(d, ctx, &folder, err);

	if (rc < 0)
		return rc;
	d->saved_to = folder;
	rc = make_messages(d, ctx, folder, &messages);
	d->has_messages = rc == 0;
	if (rc < 0)
		log_warn("no messages: %s", messages.text);
	rc = make_dump(d, ctx, folder, err);
	d->has_dump = rc == 0;
	return rc;
}
