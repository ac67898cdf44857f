// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/appliance/modules.h"

#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <talloc.h>

#include "devices/library.h"

#define LIBRARY "libkmod.so.2"

/* The library's functions by their own names and types. */
struct library {
	typeof(kmod_new) *new;
	typeof(kmod_unref) *unref;
	typeof(kmod_load_resources) *load_resources;
	typeof(kmod_set_log_priority) *set_log_priority;
	typeof(kmod_module_new_from_lookup) *lookup;
	typeof(kmod_list_next) *list_next;
	typeof(kmod_module_get_module) *get_module;
	typeof(kmod_module_get_name) *get_name;
	typeof(kmod_module_probe_insert_module) *insert;
	typeof(kmod_module_unref) *module_unref;
	typeof(kmod_module_unref_list) *unref_list;
};

struct modules {
	struct machine *m;
	struct library library;
	struct kmod_ctx *kmod;
};

static int load_library(struct library *l)
{
	const struct library_function wanted[] = {
		{&l->new, "kmod_new"},
		{&l->unref, "kmod_unref"},
		{&l->load_resources, "kmod_load_resources"},
		{&l->set_log_priority, "kmod_set_log_priority"},
		{&l->lookup, "kmod_module_new_from_lookup"},
		{&l->list_next, "kmod_list_next"},
		{&l->get_module, "kmod_module_get_module"},
		{&l->get_name, "kmod_module_get_name"},
		{&l->insert, "kmod_module_probe_insert_module"},
		{&l->module_unref, "kmod_module_unref"},
		{&l->unref_list, "kmod_module_unref_list"},
	};

	return library_load(LIBRARY, wanted, sizeof(wanted) / sizeof(*wanted));
}

static int destroy(struct modules *mods)
{
	if (mods->kmod)
		mods->library.unref(mods->kmod);
	return 0;
}

int modules_new(struct machine *m, void *ctx, struct modules **modules, struct err *err)
{
	struct modules *mods = talloc_zero(ctx, struct modules);
	int rc = mods ? load_library(&mods->library) : -ENOMEM;

	if (rc < 0)
		talloc_free(mods);
	if (rc == -ENOENT)
		return err_set(err, rc, LIBRARY " is not installed: no module can be loaded");
	if (rc == -ENOSYS)
		return err_set(err, rc, LIBRARY " is too old");
	if (rc < 0)
		return err_errno(err, rc, "load modules");
	mods->m = m;
	talloc_set_destructor(mods, destroy);
	mods->kmod = mods->library.new(NULL, NULL);
	if (!mods->kmod) {
		talloc_free(mods);
		return err_errno(err, -ENOMEM, "load modules");
	}
	mods->library.set_log_priority(mods->kmod, -1); /* errors come back, too */
	mods->library.load_resources(mods->kmod);       /* or it opens the indexes each time */
	*modules = mods;
	return 0;
}

struct request {
	struct modules *mods;
	const char *alias;
	unsigned int flags;
};

/* A module that the kernel refused is no reason to leave out the others. */
static int insert_all(const struct request *r, struct kmod_list *list, struct err *err)
{
	const struct library *l = &r->mods->library;
	int rc = 0;

	for (struct kmod_list *at = list; at; at = l->list_next(list, at)) {
		struct kmod_module *module = l->get_module(at);
		int one = l->insert(module, r->flags, NULL, NULL, NULL, NULL);

		/* Positive: a blacklist has it. */
		if (one < 0 && rc == 0)
			rc = err_errno(err, one, "load the module %s", l->get_name(module));
		l->module_unref(module);
	}
	return rc;
}

static int act(void *argument, struct err *err)
{
	const struct request *r = argument;
	struct kmod_list *list = NULL;
	int rc = r->mods->library.lookup(r->mods->kmod, r->alias, &list);

	if (rc < 0)
		return err_errno(err, rc, "find the module %s", r->alias);
	if (!list)
		return err_set(err, 1, "there is no module %s", r->alias);
	rc = insert_all(r, list, err);
	r->mods->library.unref_list(list);
	return rc;
}

int modules_load(struct modules *modules, const char *alias, enum modules_blacklist blacklist,
	struct err *err)
{
	struct request request = {modules, alias,
		blacklist == MODULES_ALL ? KMOD_PROBE_APPLY_BLACKLIST
					 : KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY};
	char what[512];

	snprintf(what, sizeof(what), "load the module %s", alias);
	return modules->m->effects->perform(modules->m, what, act, &request, err);
}
