// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/undo_parts.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/errand.h"

/* More than every processor's and every errand's own. */
#define ERRANDS_MAX (ERRAND_CPU_LAST + PLAN_ERRANDS_MAX)

static struct undo_errand *find(const struct undo *undo, enum step step, const char *subject)
{
	for (size_t i = 0; i < undo->errand_count; i++)
		if (undo->errands[i].step == step && !strcmp(undo->errands[i].subject, subject))
			return &undo->errands[i];
	return NULL;
}

/* What was noted first is how it was. */
static int add(struct undo *undo, enum step step, const char *subject, const char *value)
{
	struct undo_errand *u;

	if (find(undo, step, subject))
		return 0;
	if (undo->errand_count == ERRANDS_MAX)
		return -ENOMEM;
	u = talloc_realloc(undo, undo->errands, struct undo_errand, undo->errand_count + 1);
	if (!u)
		return -ENOMEM;
	undo->errands = u;
	u = &undo->errands[undo->errand_count++];
	u->step = step;
	snprintf(u->subject, sizeof(u->subject), "%s", subject);
	snprintf(u->value, sizeof(u->value), "%s", value);
	return 0;
}

static int is_one_line(const char *text)
{
	while (*text && !iscntrl((unsigned char)*text))
		text++;
	return !*text;
}

/* What the attribute holds, as it could be written: of "none [mq-deadline]" the choice. "" where it
 * cannot be read or is no line. */
static void read_value(struct machine *m, const char *path, char value[PLAN_SUBJECT_MAX])
{
	_cleanup_talloc_ char *text = NULL;
	char *open, *close;

	*value = '\0';
	if (machine_read_file(m, NULL, path, PLAN_SUBJECT_MAX - 1, &text, NULL) < 0)
		return;
	for (char *c = text; (c = strchr(c, '\t')); *c = ' ') /* of several numbers, in procfs */
		;
	if (!is_one_line(text))
		return;
	open = strchr(text, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close) {
		*close = '\0';
		memmove(text, open + 1, (size_t)(close - open));
	}
	snprintf(value, PLAN_SUBJECT_MAX, "%s", text);
}

static int take_write(struct machine *m, const struct plan_errand *errand, struct undo *undo)
{
	char value[PLAN_SUBJECT_MAX];

	read_value(m, errand->subject, value);
	return strcmp(value, errand->value) ? add(undo, STEP_WRITE, errand->subject, value) : 0;
}

/* The interface comes up again by its flags (net/core/net-sysfs.c, change_flags). */
static int take_link(struct machine *m, const struct plan_errand *errand, struct undo *undo)
{
	char path[ERRAND_PATH_MAX], value[PLAN_SUBJECT_MAX];

	snprintf(path, sizeof(path), "sys/class/net/%.32s/flags", errand->subject);
	read_value(m, path, value);
	return strtoul(value, NULL, 0) & IFF_UP ? add(undo, STEP_WRITE, path, value) : 0;
}

static int take_cpus(struct machine *m, struct undo *undo)
{
	char path[ERRAND_PATH_MAX], value[PLAN_SUBJECT_MAX];
	int rc = 0;

	for (unsigned int cpu = 1; cpu <= ERRAND_CPU_LAST && rc == 0; cpu++) {
		errand_cpu_path(path, cpu);
		read_value(m, path, value);
		if (!strcmp(value, "1"))
			rc = add(undo, STEP_WRITE, path, value);
	}
	return rc;
}

/* The driver of a device on another bus; NULL for none. */
static char *driver_of(struct machine *m, const char *subject)
{
	char path[ERRAND_PATH_MAX];

	return errand_device_path(path, subject, "driver") < 0 ? NULL
							       : machine_link_name(m, NULL, path);
}

static int take(struct machine *m, const struct plan_errand *errand, struct undo *undo)
{
	_cleanup_talloc_ char *driver = NULL;

	if (errand->step == STEP_OFFLINE_CPUS)
		return take_cpus(m, undo);
	if (errand->step == STEP_SETTLE || !is_one_line(errand->subject))
		return 0;
	if (errand->step == STEP_WRITE)
		return take_write(m, errand, undo);
	if (errand->step == STEP_LINK_DOWN)
		return take_link(m, errand, undo);
	if (errand->step != STEP_UNBIND)
		return add(undo, errand->step, errand->subject, "");
	driver = driver_of(m, errand->subject);
	return driver ? add(undo, STEP_UNBIND, errand->subject, driver) : 0;
}

int undo_take_errands(struct machine *m, const struct plan *plan, struct undo *undo)
{
	int rc = 0;

	for (size_t i = 0; i < plan->errand_count && rc == 0; i++)
		rc = take(m, &plan->errands[i], undo);
	return rc;
}

int undo_merge_errands(struct undo *undo, const struct undo *earlier)
{
	int rc = 0;

	for (size_t i = 0; i < earlier->errand_count && rc == 0; i++) {
		const struct undo_errand *was = &earlier->errands[i];
		struct undo_errand *now = find(undo, was->step, was->subject);

		if (now)
			*now = *was;
		else
			rc = add(undo, was->step, was->subject, was->value);
	}
	return rc;
}

size_t undo_apply_errands(struct machine *m, const struct undo *undo,
	int (*put_back)(void *ctx, const char *path, const char *value), void *ctx)
{
	size_t bound = 0;

	for (size_t i = undo->errand_count; i-- > 0;) {
		const struct undo_errand *u = &undo->errands[i];
		const char *colon = strchr(u->subject, ':');
		_cleanup_talloc_ char *driver = NULL;
		char path[ERRAND_PATH_MAX + PLAN_SUBJECT_MAX], now[PLAN_SUBJECT_MAX];

		if (u->step == STEP_UNBIND) {
			driver = driver_of(m, u->subject);
			snprintf(path, sizeof(path), "sys/bus/%.*s/drivers/%s/bind",
				(int)(colon - u->subject), u->subject, u->value);
			bound += !driver && put_back(ctx, path, colon + 1) == 0;
		} else if (u->value[0]) {
			read_value(m, u->subject, now);
			if (strcmp(now, u->value))
				put_back(ctx, u->subject, u->value);
		}
	}
	return bound;
}

char *undo_format_errands(const struct undo *undo, char *text)
{
	for (size_t i = 0; i < undo->errand_count && text; i++) {
		const struct undo_errand *u = &undo->errands[i];

		text = talloc_asprintf_append(text, "%s %s%s%s\n", step_name(u->step), u->subject,
			u->value[0] ? "\t" : "", u->value);
	}
	return text;
}

/* A path that stays below sys or proc. */
static int is_attribute(const char *path)
{
	return (!strncmp(path, "sys/", 4) || !strncmp(path, "proc/", 5)) && !strstr(path, "/../");
}

int undo_parse_errand(struct undo *undo, const char *line)
{
	char word[16], subject[PLAN_SUBJECT_MAX], path[ERRAND_PATH_MAX];
	const char *value;
	enum step step;
	int end;

	if (sscanf(line, "%15s %255[^\t]%n", word, subject, &end) != 2 ||
		step_from_name(word, &step) < 0)
		return -EINVAL;
	value = line + end + (line[end] == '\t');
	if ((line[end] && (value == line + end || !*value)) || !is_one_line(value) ||
		strlen(value) >= PLAN_SUBJECT_MAX)
		return -EINVAL;
	if ((step == STEP_WRITE && is_attribute(subject)) ||
		(step == STEP_UNBIND && *value && !strchr(value, '/') &&
			errand_device_path(path, subject, "") == 0) ||
		((step == STEP_UNLOAD || step == STEP_RUN) && !*value))
		return add(undo, step, subject, value);
	return -EINVAL;
}
