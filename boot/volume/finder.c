// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/finder.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/volume/block.h"
#include "boot/volume/events.h"
#include "boot/volume/source.h"
#include "boot/volume/stacks.h"
#include "devices/cleanup.h"
#include "devices/clock.h"

/* Of each volume there may be a file and one for its top level, and the same in two sets; jobs have
 * two each. */
#define FILES_WANTED 4096
#define EVENTS_AT_ONCE 64
/* Stacks get their members when all devices have answered; or when none has for so long, because others may
 * hang. */
#define MEMBERS_MS 300

#define BUSY                                                                                       \
	"they were not looked at, because another stillboot does: wait for it or end it "          \
	"(`fuser -v /" VOLUME_HOLD_LOCK "` names it)"

struct volume_finder {
	struct volume_scope scope;
	struct volume_hold *hold;
	struct volume_events *events; /* NULL if it does not watch */
	int epoll;                    /* children, uevents, the timer */
	int timer;
	struct source **sources; /* in the order of candidates */
	size_t count, running;
	bool changed, too_many, busy;
	char *members;      /* those that the stacks know of */
	int64_t members_ms; /* when they get what is known by then */
};

static int destroy(struct volume_finder *f)
{
	for (size_t i = 0; i < f->count; i++)
		talloc_free(f->sources[i]);
	f->count = 0;
	if (f->epoll >= 0)
		close(f->epoll);
	if (f->timer >= 0)
		close(f->timer);
	volume_hold_drop(f->hold, NULL);
	return 0;
}

static int64_t now_ms(void)
{
	return (int64_t)(clock_now_us() / 1000);
}

static void want_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= FILES_WANTED)
		return;
	limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* source NULL: the finder's own. */
static int listen_to(struct volume_finder *f, int fd, struct source *source)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

	return fd < 0 || epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

/* Closing the file is not enough: a child that was just forked may still have it. */
static void stop_listening(struct volume_finder *f, const struct source *s)
{
	if (s->job.pid_fd >= 0)
		epoll_ctl(f->epoll, EPOLL_CTL_DEL, s->job.pid_fd, NULL);
}

static void forget(struct volume_finder *f, struct source *s)
{
	f->changed |= source_shows(s);
	f->running -= s->state == SOURCE_RUNNING;
	stop_listening(f, s);
	talloc_free(s);
}

/* Take the source with this key out of the finder's list. */
static struct source *take(struct volume_finder *f, const char *key)
{
	for (size_t i = 0; i < f->count; i++) {
		struct source *s = f->sources[i];

		if (s && !strcmp(s->candidate.key, key)) {
			f->sources[i] = NULL;
			return s;
		}
	}
	return NULL;
}

static bool is_member(const struct source *s)
{
	return s->state == SOURCE_DONE && s->finding->identity.content == VOLUME_MEMBER &&
	       stack_is_member(s->finding->identity.type);
}

/* A member is no candidate any more once something was opened of it; the stacks are to know that it
 * is still there. */
static bool is_member_in_use(const struct volume_finder *f, const struct source *s)
{
	return is_member(s) && block_is_there(f->hold->machine, s->candidate.name);
}

/* Keep what is known, begin with what is new. sources has room for all of both. */
static int update(struct volume_finder *f, const struct volume_candidates *found,
	struct source **sources, size_t *count)
{
	for (size_t i = 0; i < found->count; i++) {
		struct source *s = take(f, found->list[i].key);

		if (!s)
			s = source_new(f, &found->list[i]);
		if (!s)
			return -ENOMEM;
		sources[(*count)++] = s;
	}
	for (size_t i = 0; i < f->count; i++) {
		struct source *s = f->sources[i];

		if (s && is_member_in_use(f, s))
			sources[(*count)++] = s;
		else if (s)
			forget(f, s);
	}
	return 0;
}

/* See what there is now. */
static int rescan(struct volume_finder *f, struct err *err)
{
	_cleanup_talloc_ struct volume_candidates *found = NULL;
	int rc = volume_candidates_find(f->hold, NULL, &f->scope, &found, err);
	struct source **sources;
	size_t count = 0;

	if (rc < 0)
		return rc;
	sources = talloc_array(f, struct source *, found->count + f->count);
	if (!sources || update(f, found, sources, &count) < 0)
		return err_errno(err, -ENOMEM, "list the filesystems");
	talloc_free(f->sources);
	f->sources = sources;
	f->count = count;
	f->too_many = found->too_many;
	f->changed |= f->busy != found->busy;
	f->busy = found->busy;
	return 0;
}

static void start_queued(struct volume_finder *f)
{
	for (size_t i = 0; i < f->count && f->running < VOLUME_JOBS_MAX; i++) {
		struct source *s = f->sources[i];

		if (s->state != SOURCE_QUEUED)
			continue;
		source_start(s, f->hold, now_ms() + VOLUME_DEADLINE_MS);
		if (s->state == SOURCE_RUNNING && listen_to(f, s->job.pid_fd, s) < 0) {
			s->rc = -EMFILE;
			s->state = SOURCE_DONE;
		}
		f->running += s->state == SOURCE_RUNNING;
		f->changed |= source_shows(s);
	}
}

/* The timer stands at the next deadline. */
static void watch_deadlines(struct volume_finder *f)
{
	struct itimerspec when = {0};
	int64_t next = f->running && f->members_ms > now_ms() ? f->members_ms : 0;

	for (size_t i = 0; i < f->count; i++) {
		struct source *s = f->sources[i];

		if (s->state != SOURCE_RUNNING)
			continue;
		if (s->deadline_ms <= now_ms()) {
			s->state = SOURCE_LATE;
			f->running--;
			f->changed = true;
		} else if (!next || s->deadline_ms < next) {
			next = s->deadline_ms;
		}
	}
	when.it_value.tv_sec = next / 1000;
	when.it_value.tv_nsec = next % 1000 * 1000000;
	timerfd_settime(f->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static struct stack_member member_of(const struct source *s)
{
	const struct volume_identity *found = &s->finding->identity;

	return (struct stack_member){
		.device = s->candidate.volume.device,
		.type = found->type,
		.uuid = *found->uuid ? found->uuid : NULL,
		.label = *found->label ? found->label : NULL,
	};
}

/* Let the stacks have the members that there are, if they are others than before. 1 if there may be new
 * block devices. */
static int assemble(struct volume_finder *f, unsigned int flags, struct err *err)
{
	struct stack_member *members = talloc_array(NULL, struct stack_member, f->count);
	char *keys = talloc_strdup(members, "");
	size_t count = 0;
	int rc = keys ? 0 : -ENOMEM;

	/* What an image holds may have the names of what this machine has open. */
	for (size_t i = 0; i < f->count && rc == 0 && !f->scope.disk; i++) {
		if (!is_member(f->sources[i]))
			continue;
		members[count++] = member_of(f->sources[i]);
		keys = talloc_asprintf_append(keys, "%s\n", f->sources[i]->candidate.key);
		rc = keys ? 0 : -ENOMEM;
	}
	if (rc == 0 && ((flags && count) || strcmp(keys, f->members ? f->members : ""))) {
		talloc_free(f->members);
		f->members = talloc_steal(f, keys);
		rc = stack_assemble(f->hold->machine, f->hold->stack, members, count, flags, err);
		f->changed = true;
	} else if (rc < 0) {
		err_errno(err, rc, "open storage stacks");
	}
	talloc_free(members);
	return rc;
}

/* Have children at work, and the stacks what they need. */
static int go_on(struct volume_finder *f, unsigned int stack_flags, struct err *err)
{
	int rc;

	start_queued(f);
	while (!f->running || now_ms() >= f->members_ms) {
		rc = assemble(f, stack_flags, err);
		if (rc > 0)
			rc = rescan(f, err);
		else
			break;
		if (rc < 0)
			return rc;
		start_queued(f);
	}
	watch_deadlines(f);
	return 0;
}

/* What uevents were about is to be looked at again, unless we have it mounted, which means that it is
 * as it was. */
static int take_uevents(struct volume_finder *f, bool *again)
{
	_cleanup_talloc_ const char **names = volume_events_take(f->events, NULL);

	if (!names)
		return -ENOMEM;
	*again |= *names != NULL;
	for (size_t i = 0; i < f->count; i++) {
		struct source *s = f->sources[i];

		for (const char **n = names; *n && s->candidate.name && !s->count; n++)
			if (s->state == SOURCE_DONE && !strcmp(*n, s->candidate.name)) {
				s->state = SOURCE_QUEUED;
				f->changed |= s->rc < 0;
			}
	}
	return 0;
}

/* Those that have ended; 1 if there was something else too. */
static int take_results(struct volume_finder *f, struct err *err)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int n, others = 0;

	do {
		n = epoll_wait(f->epoll, events, EVENTS_AT_ONCE, 0);
		for (int i = 0; i < n; i++) {
			struct source *s = events[i].data.ptr;

			if (!s) {
				others = 1;
				continue;
			}
			f->running -= s->state == SOURCE_RUNNING;
			f->changed |= s->state == SOURCE_LATE;
			f->members_ms = now_ms() + MEMBERS_MS;
			stop_listening(f, s);
			if (source_end(s) < 0)
				return err_errno(err, -ENOMEM, "open the filesystems");
			f->changed |= source_shows(s);
		}
	} while (n == EVENTS_AT_ONCE && !others);
	return others;
}

static int answer(struct volume_finder *f, bool mounts_changed, struct err *err)
{
	bool again = mounts_changed;
	uint64_t expirations;
	int rc = take_results(f, err);

	if (rc > 0 && read(f->timer, &expirations, sizeof(expirations)) < 0 && errno != EAGAIN)
		return err_errno(err, -errno, "wait for disks");
	if (rc > 0 && f->events && volume_events_fd(f->events) >= 0)
		rc = take_uevents(f, &again);
	if (rc < 0)
		return rc;
	return again ? rescan(f, err) : 0;
}

int volume_finder_step(
	struct volume_finder *f, const struct pollfd fds[VOLUME_FINDER_FDS], struct err *err)
{
	int rc = answer(f, fds[1].revents & (POLLPRI | POLLERR), err);

	if (rc == 0)
		rc = go_on(f, 0, err);
	if (rc < 0)
		return rc;
	rc = f->changed;
	f->changed = false;
	return rc;
}

void volume_finder_poll(const struct volume_finder *f, struct pollfd fds[VOLUME_FINDER_FDS])
{
	fds[0] = (struct pollfd){f->epoll, POLLIN, 0};
	fds[1] = (struct pollfd){f->events ? volume_events_mounts_fd(f->events) : -1, POLLPRI, 0};
}

int volume_finder_busy(const struct volume_finder *f)
{
	return f->running > 0;
}

const char **volume_finder_awaits(const struct volume_finder *f, void *ctx)
{
	const char **names = talloc_zero_array(ctx, const char *, f->count + 1);
	size_t n = 0;

	for (size_t i = 0; i < f->count && names; i++) {
		const struct source *s = f->sources[i];

		if (s->state != SOURCE_QUEUED && s->state != SOURCE_RUNNING)
			continue;
		names[n] = talloc_strdup(names, volume_name(&s->candidate.volume));
		if (!names[n++])
			TALLOC_FREE(names);
	}
	return names;
}

int volume_finder_wait(struct volume_finder *f, struct err *err)
{
	int rc = 0;

	do {
		while (f->running && rc >= 0) {
			struct pollfd fds[VOLUME_FINDER_FDS];

			volume_finder_poll(f, fds);
			poll(fds, VOLUME_FINDER_FDS, -1);
			rc = volume_finder_step(f, fds, err);
		}
		/* No more disks are waited for. */
		if (rc >= 0)
			rc = go_on(f, STACK_DEGRADED, err);
	} while (f->running && rc >= 0);
	return rc < 0 ? rc : 0;
}

static int open_files(struct volume_finder *f, struct err *err)
{
	int rc = 0;

	want_files();
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (f->epoll < 0 || f->timer < 0 || listen_to(f, f->timer, NULL) < 0)
		return err_errno(err, -errno, "wait for disks");
	if (!(f->scope.flags & VOLUME_FINDER_WATCH) || *f->hold->machine->root)
		return 0;
	rc = volume_events_new(f->hold->machine, f, &f->events, err);
	return rc < 0 ? rc : listen_to(f, volume_events_fd(f->events), NULL);
}

int volume_finder_new_in(struct volume_hold *hold, void *ctx, const struct volume_scope *scope,
	struct volume_finder **finder, struct err *err)
{
	_cleanup_talloc_ struct volume_finder *f = talloc_zero(ctx, struct volume_finder);
	int rc;

	if (!f)
		return err_errno(err, -ENOMEM, "look for filesystems");
	f->epoll = f->timer = -1;
	f->hold = volume_hold_use(hold);
	talloc_set_destructor(f, destroy);
	f->scope = *scope;
	if (scope->disk)
		f->scope.disk = talloc_strdup(f, scope->disk);
	if (scope->disk && !f->scope.disk)
		return err_errno(err, -ENOMEM, "look for filesystems");
	f->members_ms = now_ms() + MEMBERS_MS;
	rc = open_files(f, err);
	if (rc == 0)
		rc = rescan(f, err);
	if (rc == 0)
		rc = go_on(f, 0, err);
	if (rc < 0)
		return rc;
	*finder = f;
	f = NULL;
	return 0;
}

int volume_finder_new(struct machine *m, void *ctx, unsigned int flags,
	struct volume_finder **finder, struct err *err)
{
	struct volume_scope scope = {.flags = flags};
	struct volume_hold *hold = volume_hold_new(m);
	int rc = hold ? volume_finder_new_in(hold, ctx, &scope, finder, err)
		      : err_errno(err, -ENOMEM, "look for filesystems");

	volume_hold_drop(hold, NULL);
	return rc;
}

static int show_problem(
	const struct volume_finder *f, const struct source *s, struct volume_set *set)
{
	if (!f->scope.disk || !is_member(s))
		return source_show_problem(s, set);
	return volume_set_problem(set, s->candidate.volume.device,
		       "what it holds is not opened in a disk image")
		       ? 0
		       : -ENOMEM;
}

static int fill(const struct volume_finder *f, struct volume_set *set)
{
	int rc = 0;

	if (f->busy && !volume_set_problem(set, "disks that are not mounted", BUSY))
		return -ENOMEM;
	/* Whichever of its devices was mounted, a filesystem stands where its first one does. */
	for (size_t i = 0; i < f->count && rc == 0; i++)
		for (size_t j = i; j < f->count && rc == 0; j++)
			if (source_is_one(f->sources[i], f->sources[j]))
				rc = source_show_volumes(f->sources[j], f->sources[i], set);
	for (size_t i = 0; i < f->count && rc == 0; i++)
		rc = show_problem(f, f->sources[i], set);
	if (rc == 0)
		rc = volume_stacks_show(f->hold->machine, f->hold->stack, set);
	if (rc == 0 && f->too_many &&
		!volume_set_problem(set, "other filesystems", "there are too many"))
		rc = -ENOMEM;
	return rc;
}

int volume_finder_set(
	const struct volume_finder *f, void *ctx, struct volume_set **set, struct err *err)
{
	_cleanup_talloc_ struct volume_set *found = volume_set_new(ctx);
	int rc = found ? 0 : -ENOMEM;

	if (rc == 0) {
		found->hold = volume_hold_use(f->hold);
		rc = fill(f, found);
	}
	if (rc < 0)
		return err_errno(err, rc, "open the filesystems");
	*set = found;
	found = NULL;
	return 0;
}
