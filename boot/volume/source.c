// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/stack/stack.h"
#include "boot/volume/names.h"
#include "devices/cleanup.h"
#include "devices/log.h"

static int destroy(struct source *s)
{
	parallel_abandon(&s->job);
	for (size_t i = 0; i < s->count; i++)
		volume_let_go(&s->volumes[i]);
	return 0;
}

struct source *source_new(void *ctx, const struct volume_candidate *candidate)
{
	_cleanup_talloc_ struct source *s = talloc_zero(ctx, struct source);
	struct source *made = s;

	if (!s)
		return NULL;
	s->job = (struct parallel_job){.pid_fd = -1, .socket = -1};
	talloc_set_destructor(s, destroy);
	s->candidate.key = talloc_strdup(s, candidate->key);
	if (candidate->name)
		s->candidate.name = talloc_strdup(s, candidate->name);
	s->finding = talloc_zero(s, struct volume_finding);
	if (!s->candidate.key || (candidate->name && !s->candidate.name) || !s->finding ||
		volume_copy(s, &candidate->volume, &s->candidate.volume) < 0)
		return NULL;
	s = NULL;
	return made;
}

static int start(struct source *s, struct volume_hold *hold)
{
	struct volume_job job = {
		.machine = hold->machine,
		.volume = &s->candidate.volume,
		.read_only_socket = -1,
	};
	int rc;

	*s->finding = (struct volume_finding){0};
	rc = volume_candidate_name(hold->machine, s, &s->candidate);
	if (rc == 0 && s->candidate.volume.flags & VOLUME_OUR_MOUNT)
		rc = volume_hold_read_only(hold, &s->finding->err);
	if (rc < 0)
		return rc;
	job.read_only_socket = read_only_socket(hold->read_only);
	return parallel_start(&s->job, volume_job_do,
		&(struct parallel_input){
			.input = &job,
			.output_size = sizeof(*s->finding),
			.keep = {hold->machine->root_fd, job.read_only_socket},
		});
}

void source_start(struct source *s, struct volume_hold *hold, int64_t deadline_ms)
{
	s->rc = start(s, hold);
	s->state = s->rc < 0 ? SOURCE_DONE : SOURCE_RUNNING;
	s->deadline_ms = deadline_ms;
}

/* What the probe says counts more than what udev has said. */
static int learn(struct source *s)
{
	struct volume *v = &s->candidate.volume;
	const struct volume_identity *found = &s->finding->identity;
	_cleanup_talloc_ char *partition = NULL;

	v->uuid = *found->uuid ? found->uuid : v->uuid;
	v->label = *found->label ? found->label : v->label;
	v->type = *found->type ? found->type : v->type;
	if (!*found->partition_uuid)
		return 0;
	partition = talloc_asprintf(NULL, "PARTUUID=%s", found->partition_uuid);
	if (partition && !volume_names_have(v->names, partition))
		v->names = volume_names_with(s, v->names, partition);
	return partition && v->names ? 0 : -ENOMEM;
}

/* What is not there any more, or is no directory, is passed over. */
static int add_view(struct source *s, const struct volume *top, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	_cleanup_fd_ int fd = (int)syscall(SYS_openat2, top->fd, path, &how, sizeof(how));
	_cleanup_fd_ int top_fd = fcntl(top->fd, F_DUPFD_CLOEXEC, 3);
	struct volume *view = &s->volumes[s->count];

	if (fd < 0 || top_fd < 0)
		return 0;
	*view = *top;
	view->root = talloc_asprintf(s, "/%s", path);
	if (!view->root)
		return -ENOMEM;
	view->fd = fd_take(&fd);
	view->top_fd = fd_take(&top_fd);
	view->flags |= VOLUME_HAS_TOP;
	s->count++;
	return 0;
}

/* The default subvolume comes first: a configuration elsewhere that names the filesystem may mean a path
 * within it (openSUSE's btrfs_relative_path), and finds from it what has a path from the top. */
static int add_volumes(struct source *s, int fd)
{
	const struct btrfs_views *views = &s->finding->views;
	struct volume top = s->candidate.volume;
	size_t i = 0;
	int rc = 0;

	top.fd = fd;
	s->volumes = talloc_array(s, struct volume, BTRFS_VIEWS_MAX + 1);
	if (!s->volumes) {
		close(fd);
		return -ENOMEM;
	}
	if (views->default_first)
		rc = add_view(s, &top, views->path[i++]);
	s->volumes[s->count++] = top;
	for (; i < BTRFS_VIEWS_MAX && *views->path[i] && rc == 0; i++)
		rc = add_view(s, &top, views->path[i]);
	return rc;
}

int source_end(struct source *s)
{
	const struct volume *v = &s->candidate.volume;
	int fd, rc;

	s->rc = parallel_end(&s->job, s->finding, sizeof(*s->finding), &fd);
	s->state = SOURCE_DONE;
	rc = s->rc == -ECHILD ? 0 : learn(s);
	if (rc == 0 && fd >= 0)
		return add_volumes(s, fd);
	if (fd >= 0)
		close(fd);
	if (rc == 0)
		log_debug("%s is no volume: %s", volume_name(v),
			*s->finding->err.text ? s->finding->err.text : "nothing of interest");
	return rc;
}

int source_shows(const struct source *s)
{
	if (s->state == SOURCE_LATE)
		return 1;
	if (s->state != SOURCE_DONE)
		return 0;
	return s->count || (s->rc < 0 && !volume_job_found_nothing(s->rc)) ||
	       s->finding->identity.content >= VOLUME_MEMBER;
}

static int add_problem(struct volume_set *set, const struct source *s, const char *text)
{
	struct volume_problem *p = volume_set_problem(set, volume_name(&s->candidate.volume), text);

	if (!p)
		return -ENOMEM;
	if (s->state == SOURCE_LATE && s->candidate.name) {
		p->stuck = talloc_strdup(set, s->candidate.name);
		return p->stuck ? 0 : -ENOMEM;
	}
	return 0;
}

/* The same btrfs through another of its devices. */
static int is_there(const struct volume_set *set, const struct source *s)
{
	const struct volume_identity *found = &s->finding->identity;

	if (strcmp(found->type, "btrfs"))
		return 0;
	for (size_t i = 0; i < set->count; i++) {
		const struct volume *v = &set->volumes[i];

		if (v->flags & VOLUME_OUR_MOUNT && v->uuid && !strcmp(v->uuid, found->uuid) &&
			v->type && !strcmp(v->type, "btrfs"))
			return 1;
	}
	return 0;
}

static int add_unread(struct volume_set *set, const struct source *s)
{
	struct volume *unread = talloc(set, struct volume);

	if (!unread || volume_copy(unread, &s->candidate.volume, unread) < 0 ||
		add_problem(set, s, s->finding->err.text) < 0)
		return -ENOMEM;
	set->problems[set->problem_count - 1].unread = unread;
	return 0;
}

/* Nobody asked for these: that we may not look at one, or what went wrong with what may be none, is no
 * news. */
static int is_to_be_passed_over(const struct source *s)
{
	return s->candidate.volume.flags & VOLUME_BOOT_PARTITION &&
	       (!*s->finding->identity.partition_type || s->rc == -EPERM || s->rc == -EACCES);
}

static int show_failure(const struct source *s, struct volume_set *set)
{
	if (is_to_be_passed_over(s))
		return 0;
	if (s->rc == -ENOPKG)
		return add_unread(set, s);
	if (volume_job_found_nothing(s->rc) || (s->rc == -EAGAIN && is_there(set, s)))
		return 0;
	if (s->rc == -ECHILD)
		return add_problem(set, s, "the process that looked at it died");
	return add_problem(set, s, *s->finding->err.text ? s->finding->err.text : strerror(-s->rc));
}

int source_is_one(const struct source *a, const struct source *b)
{
	const struct volume_identity *x = &a->finding->identity, *y = &b->finding->identity;

	return a == b || (!strcmp(x->type, "btrfs") && !strcmp(y->type, "btrfs") &&
				 !strcmp(x->uuid, y->uuid));
}

int source_show_volumes(const struct source *s, const struct source *first, struct volume_set *set)
{
	struct volume *more;

	if (!s->count || is_there(set, s))
		return 0;
	more = talloc_realloc(set, set->volumes, struct volume, set->count + s->count);
	if (!more)
		return -ENOMEM;
	set->volumes = more;
	for (size_t i = 0; i < s->count; i++) {
		struct volume v = s->volumes[i];
		int rc;

		v.device = first->candidate.volume.device;
		v.disk = first->candidate.volume.disk;
		v.partition = first->candidate.volume.partition;
		rc = volume_copy(set, &v, &set->volumes[set->count]);
		if (rc < 0)
			return rc;
		set->count++;
	}
	return 0;
}

/* Which filesystems it has open is not known: it may be any that somebody did not mount since. */
static int show_hibernated(const struct source *s, struct volume_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->volumes[i].flags & VOLUME_OUR_MOUNT)
			set->volumes[i].flags |= VOLUME_SLEEPS;
	return add_problem(set, s,
		"it holds a hibernated system; to boot another one that uses the same "
		"disks loses or corrupts what that had open");
}

int source_show_problem(const struct source *s, struct volume_set *set)
{
	const struct volume_identity *found = &s->finding->identity;
	char text[128];

	if (s->state == SOURCE_LATE)
		return add_problem(set, s, "it did not answer in time");
	if (s->state != SOURCE_DONE)
		return 0;
	if (s->rc < 0)
		return show_failure(s, set);
	if (found->content == VOLUME_HIBERNATED)
		return show_hibernated(s, set);
	if (found->content != VOLUME_MEMBER || s->count || stack_is_member(found->type))
		return 0;
	snprintf(text, sizeof(text), "it holds %s, which is not opened", found->type);
	return add_problem(set, s, text);
}
