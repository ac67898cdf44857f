// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/undo_parts.h"

#define PATH_SIZE 160
#define AUTOPROBE "sys/bus/pci/drivers_autoprobe"

/* Does the attribute hold this word? */
static int holds(struct machine *m, const char *path, const char *word)
{
	_cleanup_talloc_ char *text = NULL;

	return machine_read_file(m, NULL, path, 64, &text, NULL) == 0 && !strcmp(text, word);
}

static void device_path(char path[PATH_SIZE], const char *slot, const char *attribute)
{
	snprintf(path, PATH_SIZE, "sys/bus/pci/devices/%.15s/%s", slot, attribute);
}

static int unbinds(const struct plan_device *d)
{
	for (size_t i = 0; i < d->step_count; i++)
		if (d->steps[i] == STEP_UNBIND)
			return 1;
	return 0;
}

struct undo *undo_take(struct machine *m, const struct plan *plan, void *ctx)
{
	struct undo *undo = talloc_zero(ctx, struct undo);

	if (undo)
		undo->devices = talloc_zero_array(undo, struct undo_device, plan->count);
	if (!undo || !undo->devices || undo_take_errands(m, plan, undo) < 0) {
		talloc_free(undo);
		return NULL;
	}
	undo->count = plan->count;
	undo->autoprobe = holds(m, AUTOPROBE, "1");
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_device *d = &plan->devices[i];
		struct undo_device *u = &undo->devices[i];
		char path[PATH_SIZE];

		snprintf(u->slot, sizeof(u->slot), "%s", d->function->slot);
		device_path(path, u->slot, "power/control");
		u->was_auto = holds(m, path, "auto");
		if (d->function->reset_method && d->action == PLAN_QUIESCE &&
			strlen(d->function->reset_method) < sizeof(u->methods))
			strcpy(u->methods, d->function->reset_method);
		if (!unbinds(d) || !d->function->driver)
			continue;
		u->vf_count = d->function->vf_count;
		if (strlen(d->function->driver) < sizeof(u->driver))
			strcpy(u->driver, d->function->driver);
	}
	return undo;
}

int undo_merge(struct undo *undo, const struct undo *earlier)
{
	undo->autoprobe |= earlier->autoprobe;
	for (size_t i = 0; i < earlier->count; i++) {
		const struct undo_device *was = &earlier->devices[i];

		for (size_t n = 0; n < undo->count; n++) {
			struct undo_device *u = &undo->devices[n];

			if (strcmp(u->slot, was->slot))
				continue;
			if (!u->driver[0])
				strcpy(u->driver, was->driver);
			u->was_auto |= was->was_auto;
			if (was->methods[0])
				strcpy(u->methods, was->methods);
			u->vf_count = u->vf_count ? u->vf_count : was->vf_count;
		}
	}
	return undo_merge_errands(undo, earlier);
}

struct applying {
	struct machine *m;
	size_t failures;
	void (*fail)(void *ctx, const char *what);
	void *ctx;
};

static int put_back(struct applying *a, const char *path, const char *value)
{
	struct err err;
	int rc = a->m->effects->write_attr(a->m, path, value, &err);

	if (rc < 0) {
		a->failures++;
		if (a->fail)
			a->fail(a->ctx, err.text);
	}
	return rc;
}

static int put_errand_back(void *a, const char *path, const char *value)
{
	return put_back(a, path, value);
}

/* A driver, and then the virtual functions, which exist only with it. Whatever bound it meanwhile,
 * autoprobe included, did what was wanted. */
static void bind(struct applying *a, const struct undo_device *u, size_t *bound)
{
	_cleanup_talloc_ char *now = NULL;
	char path[PATH_SIZE], count[16];

	device_path(path, u->slot, "");
	if (faccessat(a->m->root_fd, path, F_OK, 0) < 0) /* unplugged: there is nothing to bind */
		return;
	device_path(path, u->slot, "driver");
	now = machine_link_name(a->m, NULL, path);
	if (u->driver[0] && !now) {
		snprintf(path, sizeof(path), "sys/bus/pci/drivers/%s/bind", u->driver);
		if (put_back(a, path, u->slot) == 0)
			++*bound;
	}
	device_path(path, u->slot, "sriov_numvfs");
	if (u->vf_count && holds(a->m, path, "0")) {
		snprintf(count, sizeof(count), "%u", u->vf_count);
		put_back(a, path, count);
	}
}

/* The kernel may not take its own list any more: that of the first of several functions names `bus`
 * because it was made before the others were found. Then its default is as near as one comes. */
static void put_methods_back(struct applying *a, const struct undo_device *u)
{
	char path[PATH_SIZE];

	device_path(path, u->slot, "reset_method");
	if (!u->methods[0] || faccessat(a->m->root_fd, path, F_OK, 0) < 0 ||
		holds(a->m, path, u->methods))
		return;
	if (a->m->effects->write_attr(a->m, path, u->methods, NULL) < 0)
		put_back(a, path, "default");
}

int undo_autoprobe(struct machine *m, const struct undo *undo)
{
	if (!undo->autoprobe || !holds(m, AUTOPROBE, "0"))
		return 0;
	return m->effects->write_attr(m, AUTOPROBE, "1", NULL);
}

size_t undo_apply(struct machine *m, const struct undo *undo, size_t *bound,
	void (*fail)(void *ctx, const char *what), void *ctx)
{
	struct applying a = {.m = m, .fail = fail, .ctx = ctx};
	char path[PATH_SIZE];

	*bound = 0;
	if (undo->autoprobe && holds(m, AUTOPROBE, "0"))
		put_back(&a, AUTOPROBE, "1");
	for (size_t i = 0; i < undo->count; i++)
		bind(&a, &undo->devices[i], bound);
	for (size_t i = 0; i < undo->count; i++)
		put_methods_back(&a, &undo->devices[i]);
	*bound += undo_apply_errands(m, undo, put_errand_back, &a);
	/* Afterwards: a device that falls asleep before its driver is bound may be lost. */
	for (size_t i = 0; i < undo->count; i++) {
		device_path(path, undo->devices[i].slot, "power/control");
		if (undo->devices[i].was_auto && holds(m, path, "on"))
			put_back(&a, path, "auto");
	}
	return a.failures;
}
