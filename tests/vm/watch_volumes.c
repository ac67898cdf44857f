// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For the lab's guests: look at all disks for as long as it runs, and print a line of JSON whenever
 * something has changed: milliseconds since the start, what was found, what is wrong.
 *
 *	watch-volumes [SECONDS]		until nothing is being looked at any more, or for so long
 *	watch-volumes --image FILE	what is in a disk image
 */
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "boot/watch.h"
#include "devices/machine.h"

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static json_t *volumes_json(const struct volume_set *set)
{
	json_t *volumes = json_array();

	for (size_t i = 0; i < set->count; i++) {
		const struct volume *v = &set->volumes[i];
		json_t *names = json_array();

		for (size_t n = 0; v->names && v->names[n]; n++)
			json_array_append_new(names, json_string(v->names[n]));
		json_array_append_new(volumes,
			json_pack("{s:s? s:s? s:s? s:s? s:s? s:b s:o}", "device", v->device, "type",
				v->type, "uuid", v->uuid, "label", v->label, "root", v->root,
				"sleeps", (v->flags & VOLUME_SLEEPS) != 0, "names", names));
	}
	return volumes;
}

static void print(const struct discovery *d, long since_ms)
{
	json_t *entries = json_array(), *problems = json_array(), *line;

	for (size_t i = 0; i < d->entries->count; i++) {
		const struct entry *e = &d->entries->entries[i];

		json_array_append_new(
			entries, json_pack("{s:s? s:s? s:s?}", "title", e->title, "device",
					 e->source.device, "reason", e->reason));
	}
	for (size_t i = 0; i < d->problem_count; i++)
		json_array_append_new(problems, json_string(d->problems[i]));
	line = json_pack("{s:i s:o s:o s:o}", "ms", (int)(now_ms() - since_ms), "volumes",
		volumes_json(d->volumes), "entries", entries, "problems", problems);
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(line);
}

static int look_into(struct machine *m, const char *file, struct err *err)
{
	long begin = now_ms();
	struct volume_set *set;
	struct discovery *d;
	int rc = volumes_of_image(m, NULL, file, &set, err);

	if (rc == 0)
		rc = discover_in(m, NULL, set, &d, err);
	if (rc < 0)
		return rc;
	print(d, begin);
	return discovery_close(d, err);
}

static int read_again(
	const struct discover_watch *watch, struct discovery **d, long begin, struct err *err)
{
	int rc;

	talloc_free(*d);
	*d = NULL;
	rc = discover_watch_read(watch, NULL, d, err);
	if (rc == 0)
		print(*d, begin);
	return rc;
}

static int watch_for(struct machine *m, long seconds, struct err *err)
{
	long begin = now_ms(), end = begin + seconds * 1000;
	struct discover_watch *watch;
	struct discovery *d = NULL;
	int rc = discover_watch_new(m, NULL, DISCOVER_ALL_DISKS, &watch, err);

	if (rc < 0)
		return rc;
	rc = read_again(watch, &d, begin, err);
	while (rc >= 0 && (now_ms() < end || discover_watch_busy(watch))) {
		struct pollfd fds[VOLUME_FINDER_FDS];

		discover_watch_poll(watch, fds);
		poll(fds, VOLUME_FINDER_FDS, end > now_ms() ? (int)(end - now_ms()) : -1);
		rc = discover_watch_step(watch, fds, err);
		if (rc > 0)
			rc = read_again(watch, &d, begin, err);
	}
	talloc_free(watch);
	return rc < 0 ? rc : discovery_close(d, err);
}

int main(int argc, char **argv)
{
	struct machine m;
	struct err err;
	int rc = machine_open(&m, NULL, &err);

	if (rc == 0 && argc == 3 && !strcmp(argv[1], "--image"))
		rc = look_into(&m, argv[2], &err);
	else if (rc == 0)
		rc = watch_for(&m, argc > 1 ? atol(argv[1]) : 0, &err);
	if (rc < 0)
		fprintf(stderr, "watch-volumes: %s\n", err.text);
	return rc < 0;
}
