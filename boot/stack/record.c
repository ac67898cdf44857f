// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/stack/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <talloc.h>

#include "boot/stack/dm.h"
#include "boot/stack/overlay.h"
#include "boot/stack/tool.h"
#include "boot/volume/block.h"
#include "devices/cleanup.h"
#include "devices/log.h"

#define RECORD_MAX (1 << 18) /* bytes: so many items with long names */

static const char *const words[] = {
	[STACK_ITEM_VOLUME] = "volume",
	[STACK_ITEM_ARRAY] = "array",
	[STACK_ITEM_CRYPT] = "crypt",
};

#define WORDS (sizeof(words) / sizeof(*words))

static int parse_line(struct stack_items *items, char *line)
{
	char *rest, *word = strtok_r(line, " ", &rest), *name = strtok_r(NULL, " ", &rest),
		    *uuid = strtok_r(NULL, " ", &rest);
	size_t kind = 0;
	struct stack_item *item = &items->items[items->count];

	while (word && kind < WORDS && strcmp(word, words[kind]))
		kind++;
	if (!uuid || kind == WORDS || strchr(name, '/'))
		return 0;
	*item = (struct stack_item){
		(enum stack_item_kind)kind, talloc_strdup(items, name), talloc_strdup(items, uuid)};
	if (!item->name || !item->uuid)
		return -ENOMEM;
	items->count++;
	return 0;
}

struct stack_items *stack_record_parse(void *ctx, char *text)
{
	struct stack_items *items = talloc_zero(ctx, struct stack_items);
	char *line, *rest;

	if (items)
		items->items = talloc_array(items, struct stack_item, STACK_ITEMS_MAX);
	if (!items || !items->items)
		return NULL;
	for (line = strtok_r(text, "\n", &rest); line && items->count < STACK_ITEMS_MAX;
		line = strtok_r(NULL, "\n", &rest))
		if (parse_line(items, line) < 0)
			return NULL;
	return items;
}

struct stack_items *stack_record_read(struct machine *m, void *ctx)
{
	char none[] = "", *text = NULL;
	struct stack_items *items;

	machine_read_file(m, ctx, STACK_RECORD_FILE, RECORD_MAX, &text, NULL);
	items = stack_record_parse(ctx, text ? text : none);
	talloc_free(text);
	return items;
}

static int is_same(const struct stack_item *a, const struct stack_item *b)
{
	return a->kind == b->kind && !strcmp(a->name, b->name) && !strcmp(a->uuid, b->uuid);
}

/* Whoever lists, unlocks or jumps at the same time waits for the moment that this takes; the lock goes with the
 * descriptor. -1 where no record ever was: nobody else knows of one then. */
static int lock_record(struct machine *m)
{
	int fd = openat(m->root_fd, "run/stillboot", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0 && errno == EINTR)
		continue;
	return fd;
}

/* The record without one item, or with it as the last. */
static int write_record(struct machine *m, const struct stack_item *without,
	const struct stack_item *with, struct err *err)
{
	_cleanup_fd_ int lock = lock_record(m);
	_cleanup_talloc_ struct stack_items *old = stack_record_read(m, NULL);
	_cleanup_talloc_ char *text = talloc_strdup(NULL, "");

	(void)lock; /* until the end */
	for (size_t i = 0; old && text && i < old->count; i++)
		if (!is_same(&old->items[i], without))
			text = talloc_asprintf_append(text, "%s %s %s\n", words[old->items[i].kind],
				old->items[i].name, old->items[i].uuid);
	if (with && text)
		text = talloc_asprintf_append(
			text, "%s %s %s\n", words[with->kind], with->name, with->uuid);
	if (!old || !text)
		return err_errno(err, -ENOMEM, "write /%s", STACK_RECORD_FILE);
	if (*text)
		return m->effects->save_file(m, STACK_RECORD_FILE, text, strlen(text), err);
	return old->count ? m->effects->remove_file(m, STACK_RECORD_FILE, err) : 0;
}

int stack_record_add(struct machine *m, const struct stack_item *item, struct err *err)
{
	return write_record(m, item, item, err);
}

int stack_record_remove(struct machine *m, const struct stack_item *item, struct err *err)
{
	return write_record(m, item, NULL, err);
}

static char *holder_of(struct machine *m, void *ctx, const char *block)
{
	char path[320];
	char **names;

	snprintf(path, sizeof(path), "sys/class/block/%.255s/holders", block);
	names = machine_list_names(m, ctx, path);
	return names ? names[0] : NULL;
}

/* LVM's UUIDs name a volume whatever its mapping is called; the name of an encrypted one is ours. */
static char *find_mapping(struct machine *m, void *ctx, const struct stack_item *item)
{
	char *block, *uuid;

	if (item->kind == STACK_ITEM_VOLUME)
		return dm_find(m, ctx, "uuid", item->uuid);
	block = dm_find(m, ctx, "name", item->name);
	uuid = block ? dm_attribute(m, ctx, block, "uuid") : NULL;
	return uuid && !strncmp(uuid, "CRYPT-", 6) ? block : NULL;
}

static int close_mapping(struct machine *m, const struct stack_item *item, struct err *err)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	char *block = find_mapping(m, tmp, item);
	char *name = block ? dm_attribute(m, tmp, block, "name") : NULL;
	char *holder = block ? holder_of(m, tmp, block) : NULL;

	if (!name)
		return 0;
	if (holder)
		return err_set(err, -EBUSY, "%s is part of %s", name, holder);
	return dm_remove(m, name, err);
}

/* An array is ours if all that it stands on are overlays; those are named then. */
static char **overlays_of(struct machine *m, void *ctx, const char *array)
{
	char path[320], **slaves;

	snprintf(path, sizeof(path), "sys/class/block/%.255s/slaves", array);
	slaves = machine_list_names(m, ctx, path);
	for (size_t i = 0; slaves && slaves[i]; i++) {
		slaves[i] = overlay_name(m, ctx, slaves[i]);
		if (!slaves[i])
			return NULL;
	}
	return slaves && slaves[0] ? slaves : NULL;
}

static int close_array(struct machine *m, const struct stack_item *item, struct err *err)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	char **overlays = overlays_of(m, tmp, item->name);
	char *holder = holder_of(m, tmp, item->name);
	char *device = talloc_asprintf(tmp, "/dev/%s", item->name);
	const char *const stop[] = {"mdadm", "--stop", device, NULL};
	int rc;

	if (!overlays)
		return 0;
	if (holder)
		return err_set(err, -EBUSY, "%s is part of %s", item->name, holder);
	rc = tool_do(m, stop, err);
	for (char **overlay = overlays; *overlay && rc == 0; overlay++)
		rc = dm_remove(m, *overlay, err);
	return rc;
}

int stack_items_have(struct machine *m, const struct stack_items *items, const char *block)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);

	for (size_t i = 0; i < items->count; i++) {
		const struct stack_item *item = &items->items[i];
		const char *found = item->kind == STACK_ITEM_ARRAY ? item->name
								   : find_mapping(m, tmp, item);

		if (found && !strcmp(found, block))
			return item->kind != STACK_ITEM_ARRAY || overlays_of(m, tmp, block);
	}
	return 0;
}

int stack_item_close(struct machine *m, const struct stack_item *item, struct err *err)
{
	int rc = item->kind == STACK_ITEM_ARRAY ? close_array(m, item, err)
						: close_mapping(m, item, err);

	return rc < 0 ? rc : stack_record_remove(m, item, err);
}

int stack_record_close_all(struct machine *m, struct err *err)
{
	_cleanup_talloc_ struct stack_items *items = stack_record_read(m, NULL);
	int first = 0;

	if (!items)
		return err_errno(err, -ENOMEM, "read /%s", STACK_RECORD_FILE);
	for (size_t i = items->count; i--;) {
		struct err why;
		int rc = stack_item_close(m, &items->items[i], &why);

		if (rc < 0)
			log_debug("%s", why.text);
		if (rc < 0 && first == 0)
			first = err_set(err, rc, "%s", why.text);
	}
	overlay_remove_strays(m);
	return first < 0 ? first : items->count > 0;
}

/* Is this mapping called so, by its own device, by what it stands on, or by its UUID? */
static int is_called(struct machine *m, const struct stack_item *item, const char *name)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	char *block = dm_find(m, tmp, "name", item->name), *base = NULL;
	char path[PATH_MAX], real[PATH_MAX], **slaves;

	if (!strncmp(name, "UUID=", 5))
		return !strcasecmp(item->name + strcspn(item->name, "-") + 1, name + 5);
	if (block && realpath(name, real))
		base = block_name_of(tmp, real);
	if (!base)
		return 0;
	snprintf(path, sizeof(path), "sys/class/block/%.255s/slaves", block);
	slaves = machine_list_names(m, tmp, path);
	for (char **slave = slaves; slave && *slave; slave++)
		if (!strcmp(*slave, base))
			return 1;
	return !strcmp(block, base) || !strcmp(base, item->name);
}

int stack_record_close(struct machine *m, const char *name, struct err *err)
{
	_cleanup_talloc_ struct stack_items *items = stack_record_read(m, NULL);
	int rc = 0;

	for (size_t i = 0; items && i < items->count && rc == 0; i++)
		if (items->items[i].kind == STACK_ITEM_CRYPT &&
			is_called(m, &items->items[i], name)) {
			rc = stack_item_close(m, &items->items[i], err);
			rc = rc < 0 ? rc : 1;
		}
	for (size_t i = items && rc > 0 ? items->count : 0; i--;)
		if (items->items[i].kind != STACK_ITEM_CRYPT)
			stack_item_close(m, &items->items[i], NULL); /* or somebody needs it */
	return rc;
}
