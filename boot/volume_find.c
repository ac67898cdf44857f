// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening what may be a volume: each in a child, all at once, until the deadline. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/parallel.h"
#include "boot/stack.h"
#include "boot/volume_candidates.h"
#include "boot/volume_mount.h"
#include "devices/cleanup.h"
#include "devices/log.h"

/* What a child finds out. */
struct finding {
	struct volume_identity identity;
	struct err err;
};

static int add_problem(struct volume_set *set, const char *device, const char *text, int stuck)
{
	struct volume_problem *more = talloc_realloc(
		set, set->problems, struct volume_problem, set->problem_count + 1);

	if (!more)
		return -ENOMEM;
	set->problems = more;
	more[set->problem_count] = (struct volume_problem){
		.device = talloc_strdup(set, device),
		.text = talloc_strdup(set, text),
		.stuck = stuck,
	};
	if (!more[set->problem_count].device || !more[set->problem_count].text)
		return -ENOMEM;
	set->problem_count++;
	return 0;
}

static int work(const void *input, void *output, int *fd)
{
	const struct volume_candidate *c = input;
	const struct volume *v = &c->volume;
	struct finding *finding = output;
	bool ours = v->flags & VOLUME_OUR_MOUNT;
	int rc = 0;

	/* A mounted filesystem that udev named need not be read for its name; a machine that is
	 * only files has no device to read. */
	if (ours || (v->device && !v->uuid && !*c->machine->root))
		rc = volume_probe(v->device, &finding->identity, &finding->err);
	if (ours && rc == 0)
		rc = volume_mount(v->device, finding->identity.type, fd, &finding->err);
	else if (!ours)
		rc = volume_view(c->machine, v->target, fd, &finding->err);
	return rc;
}

static const char *text_or(void *ctx, const char *known, const char *found)
{
	return *found ? talloc_strdup(ctx, found) : known;
}

/* Nothing there that could be looked at, which is not worth a word: no filesystem, an empty drive,
 * somebody else's, a single file that is mounted. */
static bool is_nothing(int rc)
{
	return rc == -ENODATA || rc == -ENOMEDIUM || rc == -ENXIO || rc == -EBUSY || rc == -ENOTDIR;
}

static int settle(
	struct volume_set *set, const struct volume_candidate *c, struct parallel_job *job)
{
	const struct finding *finding = job->output;
	struct volume *v = &set->volumes[set->count];
	const char *name = volume_name(&c->volume);

	if (job->rc == 0 && job->fd >= 0) {
		*v = c->volume;
		v->fd = job->fd;
		v->uuid = text_or(set, v->uuid, finding->identity.uuid);
		v->label = text_or(set, v->label, finding->identity.label);
		v->type = text_or(set, v->type, finding->identity.type);
		set->count++;
		log_debug("volume %s: %s, UUID %s, label %s", name, v->type,
			v->uuid ? v->uuid : "none", v->label ? v->label : "none");
		return 0;
	}
	if (is_nothing(job->rc)) {
		log_debug("%s is passed over: %s", name, finding->err.text);
		return 0;
	}
	if (job->rc == -ETIME)
		return add_problem(set, name, "it did not answer in time", 1);
	return add_problem(
		set, name, *finding->err.text ? finding->err.text : strerror(-job->rc), 0);
}

static int open_all(struct volume_set *set, struct volume_candidates *c)
{
	struct parallel_job *jobs = talloc_zero_array(c, struct parallel_job, c->count);
	struct finding *findings = talloc_zero_array(c, struct finding, c->count);
	int rc = 0;

	set->volumes = talloc_array(set, struct volume, c->count);
	if (!jobs || !findings || !set->volumes)
		return -ENOMEM;
	for (size_t i = 0; i < c->count; i++) {
		jobs[i].input = &c->list[i];
		jobs[i].output = &findings[i];
	}
	parallel_run(jobs, c->count, work, sizeof(*findings), VOLUME_DEADLINE_MS);
	for (size_t i = 0; i < c->count; i++)
		if (rc == 0)
			rc = settle(set, &c->list[i], &jobs[i]);
		else if (jobs[i].fd >= 0)
			close(jobs[i].fd);
	if (rc == 0 && c->too_many)
		rc = add_problem(set, "other filesystems", "there are too many", 0);
	return rc;
}

static int name_parts(struct volume_set *set)
{
	int rc = 0;

	for (size_t i = 0; set->stack && i < set->stack->count && rc == 0; i++)
		if (set->stack->parts[i].reason)
			rc = add_problem(set, set->stack->parts[i].name,
				set->stack->parts[i].reason, 0);
	return rc;
}

int volumes_find(
	struct machine *m, void *ctx, unsigned int flags, struct volume_set **set, struct err *err)
{
	_cleanup_talloc_ struct volume_candidates *candidates = NULL;
	_cleanup_talloc_ struct volume_set *found = volume_set_new(ctx);
	int rc;

	if (!found)
		return err_errno(err, -ENOMEM, "list the filesystems");
	rc = volume_candidates_find(m, ctx, found, flags, &candidates, err);
	if (rc < 0)
		return rc;
	found->machine = m;
	found->stack = candidates->stack;
	rc = open_all(found, candidates);
	if (rc == 0)
		rc = name_parts(found);
	if (rc < 0)
		return err_errno(err, rc, "open the filesystems");
	*set = found;
	found = NULL;
	return 0;
}
