// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets of volumes: what they own, and letting go of it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "boot/volume/volume.h"
#include "boot/volume/hold.h"
#include "boot/volume/names.h"

static int copy_text(void *ctx, const char **text)
{
	if (*text)
		*text = talloc_strdup(ctx, *text);
	return *text ? 0 : -ENOMEM;
}

static int copy_strings(void *ctx, struct volume *v)
{
	const char **texts[] = {
		&v->device, &v->target, &v->uuid, &v->label, &v->type, &v->root, &v->disk};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (*texts[i] && copy_text(ctx, texts[i]) < 0)
			return -ENOMEM;
	if (v->names)
		v->names = volume_names_copy(ctx, v->names);
	return 0;
}

int volume_copy(void *ctx, const struct volume *from, struct volume *to)
{
	struct volume v = *from;

	v.fd = v.top_fd = -1;
	v.flags &= ~(unsigned int)VOLUME_HAS_TOP;
	if (copy_strings(ctx, &v) < 0)
		return -ENOMEM;
	if (from->fd >= 0) {
		v.fd = fcntl(from->fd, F_DUPFD_CLOEXEC, 3);
		if (v.fd < 0)
			return -errno;
	}
	if (from->flags & VOLUME_HAS_TOP) {
		v.top_fd = fcntl(from->top_fd, F_DUPFD_CLOEXEC, 3);
		if (v.top_fd < 0) {
			int rc = -errno;

			volume_let_go(&v);
			return rc;
		}
		v.flags |= VOLUME_HAS_TOP;
	}
	*to = v;
	return 0;
}

void volume_let_go(struct volume *v)
{
	if (v->fd >= 0)
		close(v->fd);
	if (v->flags & VOLUME_HAS_TOP)
		close(v->top_fd);
	v->fd = v->top_fd = -1;
	v->flags &= ~(unsigned int)VOLUME_HAS_TOP;
}

static void close_files(struct volume_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		volume_let_go(&set->volumes[i]);
}

static int destroy(struct volume_set *set)
{
	close_files(set);
	volume_hold_drop(set->hold, NULL);
	return 0;
}

struct volume_set *volume_set_new(void *ctx)
{
	struct volume_set *set = talloc_zero(ctx, struct volume_set);

	if (set)
		talloc_set_destructor(set, destroy);
	return set;
}

struct volume_problem *volume_set_problem(
	struct volume_set *set, const char *device, const char *text)
{
	struct volume_problem *more = talloc_realloc(
		set, set->problems, struct volume_problem, set->problem_count + 1);
	struct volume_problem *problem;

	if (!more)
		return NULL;
	set->problems = more;
	problem = &more[set->problem_count];
	*problem = (struct volume_problem){
		.device = talloc_strdup(set, device),
		.text = talloc_strdup(set, text),
	};
	if (!problem->device || !problem->text)
		return NULL;
	set->problem_count++;
	return problem;
}

static int wait_until_free(const char *device, int *patience_ms)
{
	static const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};

	for (;;) {
		int fd = open(device, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);

		if (fd >= 0) {
			close(fd);
			return 0;
		}
		if (errno != EBUSY)
			return 0; /* it is gone: nobody holds it */
		if (*patience_ms <= 0)
			return -EBUSY;
		nanosleep(&moment, NULL);
		*patience_ms -= 10;
	}
}

int volumes_close(struct volume_set *set, struct err *err)
{
	int patience_ms = VOLUME_RELEASE_MS, rc = 0;
	struct volume_hold *hold = set->hold;

	/* They hold the others. */
	for (struct volume_inside *i = set->inside; i && rc == 0; i = i->next)
		if (i->set)
			rc = volumes_close(i->set, err);
	close_files(set);
	for (size_t i = 0; i < set->count; i++) {
		struct volume *v = &set->volumes[i];

		if (v->flags & VOLUME_OUR_MOUNT && wait_until_free(v->device, &patience_ms) < 0 &&
			rc == 0)
			rc = err_set(err, -EBUSY, "%s is still held %d ms after it was closed",
				v->device, VOLUME_RELEASE_MS);
		v->flags &= ~(unsigned int)VOLUME_OUR_MOUNT;
	}
	set->hold = NULL;
	return volume_hold_drop(hold, rc < 0 ? NULL : err) < 0 && rc == 0 ? -EBUSY : rc;
}
