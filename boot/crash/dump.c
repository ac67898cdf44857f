// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/crash/dump.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/crash/copy.h"
#include "boot/crash/dump_parts.h"
#include "devices/cleanup.h"
#include "devices/log.h"

int dump_is_there(struct machine *m)
{
	return faccessat(m->root_fd, DUMP_VMCORE, F_OK, 0) == 0;
}

/* "Copying data                                      : [ 45.2 %] /           eta: 12s" */
int dump_progress_parse(const char *line, struct dump_progress *progress)
{
	const char *colon = strstr(line, ": ["), *end = colon;
	unsigned int whole, tenth;
	size_t len;

	if (!colon || sscanf(colon + 3, "%3u.%1u %%]", &whole, &tenth) != 2 || whole > 100)
		return 0;
	while (end > line && end[-1] == ' ')
		end--;
	len = (size_t)(end - line);
	if (!len || len >= sizeof(progress->what))
		return 0;
	memcpy(progress->what, line, len);
	progress->what[len] = '\0';
	progress->permille = whole * 10 + tenth > 1000 ? 1000 : whole * 10 + tenth;
	return 1;
}

static void heard(void *ctx, const char *line)
{
	const struct dump *d = ctx;
	struct dump_progress progress;

	if (dump_progress_parse(line, &progress)) {
		if (d->watch)
			d->watch(d->ctx, &progress);
	} else {
		log_debug("makedumpfile: %s", line);
	}
}

struct pipeline dump_pipeline(struct dump *d, const char *const *first, const char *const *second)
{
	return (struct pipeline){
		.m = d->m,
		.first = first,
		.second = second,
		.quiet_ms = DUMP_QUIET_MS,
		.said = heard,
		.ctx = d,
	};
}

/* makedumpfile [-F] ARGUMENTS... [MORE...] VMCORE [OUT], belonging to ctx; NULL when memory ran out. */
const char **dump_command(struct dump *d, void *ctx, const char *const *more, const char *out)
{
	const char **argv = talloc_zero_array(ctx, const char *, DUMP_ARGUMENTS_MAX + 8);
	char *words = talloc_strdup(ctx, d->arguments), *rest;
	size_t n = 0;

	if (!argv || !words)
		return NULL;
	argv[n++] = "makedumpfile";
	for (; more && *more; more++)
		argv[n++] = *more;
	for (char *w = strtok_r(words, " \t", &rest); w && n < DUMP_ARGUMENTS_MAX + 4;
		w = strtok_r(NULL, " \t", &rest))
		argv[n++] = w;
	argv[n] = talloc_asprintf(ctx, "%s/%s", d->m->root, DUMP_VMCORE);
	if (!argv[n++])
		return NULL;
	if (out)
		argv[n++] = out;
	return argv;
}

const char **dump_messages_command(struct dump *d, void *ctx, const char *out)
{
	const char **argv = talloc_zero_array(ctx, const char *, 5);

	if (!argv)
		return NULL;
	argv[0] = "makedumpfile";
	argv[1] = "--dump-dmesg";
	argv[2] = talloc_asprintf(ctx, "%s/%s", d->m->root, DUMP_VMCORE);
	argv[3] = out;
	return argv[2] ? argv : NULL;
}

int dump_wants_copy(int rc, const struct err *why)
{
	if (rc != -EIO && rc != -ENOENT)
		return 0;
	log_warn("%s: all of the memory is copied in the place of a dump", why->text);
	return 1;
}

struct pipeline dump_copying(struct dump *d, void *ctx, const char *out, const char *const *second)
{
	const char **argv = talloc_zero_array(ctx, const char *, 4);
	struct pipeline p = dump_pipeline(d, argv, second);

	p.own = copy_vmcore;
	if (argv) {
		argv[0] = "copy";
		argv[1] = talloc_asprintf(ctx, "%s/%s", d->m->root, DUMP_VMCORE);
		argv[2] = out;
	}
	if (!argv || !argv[1])
		p.first = NULL;
	return p;
}

void dump_tidy(int rc, const char *path)
{
	struct stat st;

	if (rc == -ETIME)
		return;
	if (rc == -EFBIG || rc == -ENOSPC || (stat(path, &st) == 0 && !st.st_size))
		unlink(path);
}

#define NAME_MAX_BYTES 64 /* of the host's (HOST_NAME_MAX) */
#define ID_DIGITS 8       /* of the machine's ID */

/* The first word of a file that says what the machine is called; NULL if it does not. */
static char *read_host(struct machine *m, void *ctx, const char *path)
{
	char *text;

	if (machine_read_file(m, ctx, path, 4096, &text, NULL) < 0)
		return NULL;
	text[strcspn(text, " \t\n")] = '\0';
	return *text && strcmp(text, "(none)") != 0 ? text : NULL;
}

char *dump_name(struct dump *d, void *ctx)
{
	static const struct {
		const char *path;
		size_t most;
	} files[] = {
		{"proc/sys/kernel/hostname", NAME_MAX_BYTES},
		{"etc/hostname", NAME_MAX_BYTES},
		{"etc/machine-id", ID_DIGITS},
	};
	char *host = NULL;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files) && !host; i++) {
		host = read_host(d->m, ctx, files[i].path);
		if (host && strlen(host) > files[i].most)
			host[files[i].most] = '\0';
	}
	for (char *c = host; c && *c; c++)
		if (!isascii(*c) || (!isalnum((unsigned char)*c) && !strchr("._-", *c)))
			*c = '_';
	return talloc_asprintf(ctx, "%s-%s", host ? host : "unknown", d->stamp);
}

int dump_save(struct dump *d, void *ctx, struct err *err)
{
	return d->place.host ? dump_save_remote(d, ctx, err) : dump_save_local(d, ctx, err);
}
