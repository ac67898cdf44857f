// SPDX-License-Identifier: GPL-2.0-or-later
/* A dump to another machine, by ssh. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/crash/dump_parts.h"
#include "devices/cleanup.h"
#include "devices/log.h"

/* The network of a crash kernel takes its time: as often, and as long in between, as kdump-tools
 * (kdump-config, SSH_KDUMP_RETRY). */
#define TRIES 16
#define BETWEEN_MS 3000
/* Over there it is written to the disk without a word; ssh itself finds out when nobody is there any more
 * (ServerAliveInterval). */
#define WRITING_MS 1800000
#define MESSAGES "run/stillboot-crash-dmesg"

static int act(void *argument, struct err *err)
{
	return pipeline_run(argument, err);
}

static int perform(struct dump *d, void *ctx, struct pipeline *p, struct err *err)
{
	char *what = pipeline_text(ctx, p);

	what = what ? talloc_asprintf(ctx, "run %s", what) : NULL;
	return what ? d->m->effects->perform(d->m, what, act, p, err)
		    : err_errno(err, -ENOMEM, "run ssh");
}

static int run(struct dump *d, void *ctx, const char *const *argv, struct err *err)
{
	struct pipeline p = dump_pipeline(d, argv, NULL);

	return perform(d, ctx, &p, err);
}

#define SSH_WORDS 16

/* ssh that asks nothing, and stays in front. The script is for the shell over there. */
static const char **ssh(const struct dump *d, void *ctx, const char *script)
{
	static const char *const words[] = {"ssh", "-oBatchMode=yes", "-oControlMaster=no",
		"-oControlPath=none", "-oConnectTimeout=30", "-oServerAliveInterval=15", "-T"};
	const char **argv = talloc_zero_array(ctx, const char *, SSH_WORDS);
	size_t n = sizeof(words) / sizeof(*words);

	if (!argv || !script)
		return NULL;
	memcpy(argv, words, sizeof(words));
	if (d->place.key) {
		argv[n++] = "-i";
		argv[n++] = d->place.key;
	}
	argv[n++] = d->place.host;
	argv[n] = script;
	return argv;
}

/* Said when all but the last step of making the folder is done: if that fails then, the name is taken (or was
 * made, and the connection broke). No word of the shell's is needed for it, nor its exit status. */
#define ABOVE "stillboot: the folder above is there"

struct making {
	struct pipeline pipeline;
	int above;
};

static void hear_above(void *ctx, const char *line)
{
	struct making *making = ctx;

	if (!strcmp(line, ABOVE))
		making->above = 1;
}

static int make_one(void *argument, struct err *err)
{
	struct making *making = argument;
	int rc;

	making->above = 0;
	rc = pipeline_run(&making->pipeline, err);
	return rc < 0 && making->above ? -EEXIST : rc;
}

static int try_folder(struct dump *d, void *ctx, const char *folder, struct err *err)
{
	char *above = crash_place_quote(ctx, d->place.folder);
	const char **argv = ssh(d, ctx,
		above ? talloc_asprintf(ctx,
				"umask 077 && mkdir -p -- %s && echo '" ABOVE "' && mkdir -- %s",
				above, folder)
		      : NULL);
	struct making making = {.pipeline = dump_pipeline(d, argv, NULL)};
	char *what;

	if (!argv)
		return err_errno(err, -ENOMEM, "run ssh");
	making.pipeline.said = hear_above;
	making.pipeline.ctx = &making;
	what = talloc_asprintf(ctx, "run %s", pipeline_text(ctx, &making.pipeline));
	return what ? d->m->effects->perform(d->m, what, make_one, &making, err)
		    : err_errno(err, -ENOMEM, "run ssh");
}

/* As locally one that is there is another crash's, of this machine or of one that is called the same. *path is
 * where it is, *folder the same for the shell. */
static int make_folder(struct dump *d, void *ctx, char **path, char **folder, struct err *err)
{
	const char *name = dump_name(d, ctx);
	int rc = -EEXIST, left = TRIES;

	for (int i = 0; rc < 0 && i < TRIES && left;) {
		*path = talloc_asprintf(ctx, i ? "%s/%s-%d" : "%s/%s", d->place.folder, name, i);
		*folder = name && *path ? crash_place_quote(ctx, *path) : NULL;
		rc = *folder ? try_folder(d, ctx, *folder, err)
			     : err_errno(err, -ENOMEM, "save the dump");
		if (rc == -ENOENT || rc == -ENOMEM)
			break;
		if (rc < 0)
			log_debug("%s", err->text);
		if (rc == -EEXIST)
			i++;
		else if (rc < 0 && --left)
			d->m->effects->settle(d->m, BETWEEN_MS, NULL);
	}
	return rc;
}

/* What first writes becomes the file of that name, when all of it has arrived. */
static int send(struct dump *d, void *ctx, struct pipeline *first, const char *folder,
	const char *name, struct err *err)
{
	const char *part = first->own ? DUMP_COPY_INCOMPLETE : DUMP_INCOMPLETE;
	const char **naming = ssh(d, ctx,
		talloc_asprintf(ctx, "cd %s && sync %s && mv %s %s.%s%s", folder, part, part, name,
			d->stamp, first->own ? " && rm -f " DUMP_INCOMPLETE : ""));
	struct pipeline last = dump_pipeline(d, naming, NULL);
	int rc;

	last.quiet_ms = WRITING_MS;
	first->second = ssh(d, ctx, talloc_asprintf(ctx, "umask 077 && cat >%s/%s", folder, part));
	if (!first->first || !first->second || !naming)
		return err_errno(err, -ENOMEM, "run ssh");
	rc = perform(d, ctx, first, err);
	if (rc < 0)
		return rc;
	rc = perform(d, ctx, &last, err);
	return rc == -EIO ? -EPIPE : rc; /* it is not what first says */
}

static int send_messages(struct dump *d, void *ctx, const char *folder, struct err *err)
{
	char *path = talloc_asprintf(ctx, "%s/" MESSAGES, d->m->root);
	const char *const *make = path ? dump_messages_command(d, ctx, path) : NULL;
	const char *const cat[] = {"cat", path, NULL};
	struct pipeline first = dump_pipeline(d, cat, NULL);
	int rc = make ? run(d, ctx, make, err) : err_errno(err, -ENOMEM, "run makedumpfile");

	if (rc == 0)
		rc = send(d, ctx, &first, folder, "dmesg", err);
	if (make && faccessat(d->m->root_fd, MESSAGES, F_OK, 0) == 0)
		d->m->effects->remove_file(d->m, MESSAGES, NULL);
	return rc;
}

/* A stream cannot be gone back in: flattened, each piece says where it belongs. The stamp is in names
 * behind the dot. */
static int send_dump(struct dump *d, void *ctx, const char *folder, struct err *err)
{
	static const char *const flat[] = {"-F", NULL};
	struct pipeline first = dump_pipeline(d, dump_command(d, ctx, flat, NULL), NULL);
	int rc = send(d, ctx, &first, folder, "flat", err);

	if (!dump_wants_copy(rc, err))
		return rc;
	first = dump_copying(d, ctx, NULL, NULL);
	return send(d, ctx, &first, folder, DUMP_COPY, err);
}

int dump_save_remote(struct dump *d, void *ctx, struct err *err)
{
	char *path, *folder;
	struct err messages;
	int rc = make_folder(d, ctx, &path, &folder, err);

	if (rc < 0)
		return rc;
	d->saved_to = talloc_asprintf(ctx, "%s:%s", d->place.host, path);
	rc = send_messages(d, ctx, folder, &messages);
	d->has_messages = rc == 0;
	if (rc < 0)
		log_warn("no messages: %s", messages.text);
	rc = send_dump(d, ctx, folder, err);
	d->has_dump = rc == 0;
	return rc;
}
