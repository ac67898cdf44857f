// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/leave/unmount.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/swap.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/leave/processes.h"
#include "boot/volume/block.h"
#include "boot/volume/held.h"
#include "devices/cleanup.h"
#include "devices/deadline.h"
#include "devices/log.h"

/* The kernel gives up what processes held a moment after they are gone. */
#define PATIENCE 10
#define MOMENT_MS 50
#define ROUNDS_MAX 256

/* The ways to give one up: each a system call, and what it is called. */
static int unmount(void *argument, struct err *err)
{
	/* Forced is for network filesystems: requests under way end with an error instead of waiting
	 * for a server. One that is in use stays all the same. */
	return umount2(argument, MNT_FORCE | UMOUNT_NOFOLLOW) < 0
		       ? err_errno(err, -errno, "unmount %s", (const char *)argument)
		       : 0;
}

static int remount(void *argument, struct err *err)
{
	return mount(NULL, argument, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0
		       ? err_errno(err, -errno, "make %s read-only", (const char *)argument)
		       : 0;
}

static int detach(void *argument, struct err *err)
{
	return umount2(argument, MNT_DETACH | UMOUNT_NOFOLLOW) < 0
		       ? err_errno(err, -errno, "detach %s", (const char *)argument)
		       : 0;
}

static int switch_off(void *argument, struct err *err)
{
	return swapoff(argument) < 0
		       ? err_errno(err, -errno, "switch off swap on %s", (const char *)argument)
		       : 0;
}

static const struct way {
	const char *verb;
	machine_action *action;
} ways[] = {
	{"unmount", unmount},
	{"make read-only", remount},
	{"detach", detach},
	{"switch off swap on", switch_off},
};

enum { UNMOUNT, READ_ONLY, DETACH, SWAP_OFF };

struct call {
	const struct way *way;
	char *target;
};

static int with_deadline(void *argument, struct err *err)
{
	const struct call *call = argument;
	int rc = deadline_run(UNMOUNT_MS, call->way->action, call->target, err);

	return rc == -ETIME ? err_wrap(err, rc, "%s %s", call->way->verb, call->target) : rc;
}

static int give_up(struct machine *m, int way, const char *target, struct err *err)
{
	_cleanup_talloc_ char *what = talloc_asprintf(NULL, "%s %s", ways[way].verb, target);
	struct call call = {&ways[way], talloc_strdup(what, target)};

	if (!what || !call.target)
		return err_errno(err, -ENOMEM, "%s %s", ways[way].verb, target);
	return m->effects->perform(m, what, with_deadline, &call, err);
}

static int write_out(void *argument, struct err *err)
{
	(void)argument;
	(void)err;
	sync();
	return 0;
}

static int sync_with_deadline(void *argument, struct err *err)
{
	int rc = deadline_run(UNMOUNT_MS, write_out, argument, err);

	return rc < 0 ? err_wrap(err, rc, "write all data to the disks") : 0;
}

int unmount_sync(struct machine *m, struct err *err)
{
	return m->effects->perform(m, "write all data to the disks", sync_with_deadline, m, err);
}

int unmount_detach(struct machine *m, const char *target, struct err *err)
{
	return give_up(m, DETACH, target, err);
}

static int is_meant(const struct mount *mount, const char *below)
{
	size_t len = below ? strlen(below) : 0;
	const char *target = mount->target;

	if (!below)
		return mount_is_on_disk(mount);
	return !strncmp(target, below, len) && (target[len] == '/' || !target[len]);
}

/* What is known of one mount point. */
struct attempt {
	char *target;
	char *why;    /* the last error; NULL for none */
	int is_stuck; /* must not be touched again */
};

/* One call of unmount_all(). */
struct round {
	struct machine *m;
	const char *below; /* NULL for all disks */
	void *ctx;
	struct mount_list *mounts; /* the last that was read */
	struct attempt *attempts;  /* a talloc array */
};

/* NULL when memory ran out. */
static struct attempt *find_attempt(struct round *r, const char *target)
{
	size_t count = talloc_array_length(r->attempts);
	struct attempt *more;

	for (size_t i = 0; i < count; i++)
		if (!strcmp(r->attempts[i].target, target))
			return &r->attempts[i];
	more = talloc_realloc(r->ctx, r->attempts, struct attempt, count + 1);
	if (!more)
		return NULL;
	r->attempts = more;
	more[count] = (struct attempt){.target = talloc_strdup(r->ctx, target)};
	return more[count].target ? &more[count] : NULL;
}

/* Only those that are meant, in their order. Returns how many, or a negative errno. */
static int read_mounts(struct round *r, struct err *err)
{
	size_t count = 0;
	int rc;

	TALLOC_FREE(r->mounts);
	rc = mounts_read_own(r->m, r->ctx, &r->mounts, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < r->mounts->count; i++)
		if (is_meant(&r->mounts->mounts[i], r->below))
			r->mounts->mounts[count++] = r->mounts->mounts[i];
	r->mounts->count = count;
	return (int)count;
}

/* What was mounted last is within what was mounted before. */
static int try_each(struct round *r, struct err *err)
{
	for (size_t i = r->mounts->count; i--;) {
		const char *target = r->mounts->mounts[i].target;
		struct attempt *attempt = find_attempt(r, target);
		struct err why;
		int rc;

		if (!attempt)
			return err_errno(err, -ENOMEM, "unmount %s", target);
		if (attempt->is_stuck)
			continue;
		rc = give_up(r->m, UNMOUNT, target, &why);
		talloc_free(attempt->why);
		attempt->why = rc < 0 ? talloc_strdup(r->ctx, why.text) : NULL;
		attempt->is_stuck = rc == -ETIME;
	}
	return 0;
}

/* Afterwards r->mounts is what stays. */
static int unmount_in_rounds(struct round *r, struct err *err)
{
	int patience = r->m->effects->pretends ? 0 : PATIENCE;
	int before = read_mounts(r, err), now = before;

	for (int i = 0; i < ROUNDS_MAX && now > 0; i++) {
		int rc = try_each(r, err);

		if (rc < 0)
			return rc;
		now = read_mounts(r, err);
		if (now == before && !patience--)
			break;
		if (now == before)
			r->m->effects->settle(r->m, MOMENT_MS, NULL);
		before = now;
	}
	return now < 0 ? now : 0;
}

static void describe(struct round *r, const struct mount *mount, struct unmount_result *result)
{
	struct unmount_left *left = &result->left[result->count++];
	const struct attempt *attempt = find_attempt(r, mount->target);
	struct err err;

	*left = (struct unmount_left){
		.target = talloc_strdup(result, mount->target),
		.source = talloc_strdup(result, mount->source),
		.major = mount->major,
		.minor = mount->minor,
		.is_on_disk = mount_is_on_disk(mount),
		.is_writable = mount->writable,
		.is_stuck = attempt && attempt->is_stuck,
		.why = talloc_strdup(result, attempt && attempt->why ? attempt->why : "busy"),
		.holder = processes_holding(r->m, mount->target),
	};
	/* One without an error is gone but for a dry run, or is our root: that is read-only now. */
	if (!left->is_on_disk || !left->is_writable || !attempt || !attempt->why ||
		attempt->is_stuck)
		return;
	if (give_up(r->m, READ_ONLY, mount->target, &err) == 0)
		left->is_writable = 0;
	else
		left->why = talloc_strdup(result, err.text);
}

static void switch_swap_off(struct machine *m, void *ctx)
{
	char **swaps;
	struct err err;

	if (swaps_read(m, ctx, &swaps, &err) < 0)
		return;
	for (char **swap = swaps; *swap; swap++)
		if (give_up(m, SWAP_OFF, *swap, &err) < 0)
			log_debug("%s", err.text); /* its disk is in use, and is left alone */
}

int unmount_all(struct machine *m, const char *below, void *ctx, struct unmount_result **result,
	struct err *err)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	_cleanup_talloc_ struct unmount_result *all = talloc_zero(ctx, struct unmount_result);
	struct round r = {.m = m, .below = below, .ctx = tmp};
	int rc;

	if (!tmp || !all)
		return err_errno(err, -ENOMEM, "unmount");
	switch_swap_off(m, tmp);
	rc = unmount_in_rounds(&r, err);
	if (rc < 0)
		return rc;
	all->left = talloc_zero_array(all, struct unmount_left, r.mounts->count + 1);
	if (!all->left)
		return err_errno(err, -ENOMEM, "unmount");
	for (size_t i = r.mounts->count; i--;)
		describe(&r, &r.mounts->mounts[i], all);
	*result = all;
	all = NULL;
	return 0;
}

const struct unmount_left *unmount_stuck(const struct unmount_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		if (result->left[i].is_on_disk && result->left[i].is_stuck)
			return &result->left[i];
	return NULL;
}

/* Those with numbers of their own (btrfs) name it as what is mounted. */
static char *device_of(struct machine *m, void *ctx, const struct unmount_left *left)
{
	char path[64];

	snprintf(path, sizeof(path), "sys/dev/block/%u:%u", left->major, left->minor);
	if (left->major)
		return machine_link_name(m, ctx, path);
	return block_name_of(ctx, left->source);
}

const char **unmount_devices(struct machine *m, void *ctx, const struct unmount_result *result)
{
	_cleanup_talloc_ const char **names = talloc_zero_array(
		NULL, const char *, result->count + 1);
	size_t count = 0;

	for (size_t i = 0; names && i < result->count; i++) {
		const char *name = result->left[i].is_on_disk
					   ? device_of(m, names, &result->left[i])
					   : NULL;

		if (name)
			names[count++] = name;
	}
	return names ? volumes_below(m, ctx, names) : NULL;
}
