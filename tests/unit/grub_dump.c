// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/grub_dump.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/format.h"

int grub_test_setup(void **state)
{
	*state = talloc_new(NULL);
	return !*state;
}

int grub_test_teardown(void **state)
{
	return talloc_free(*state);
}

static char *add_place(char *text, const struct entry_menu *menu)
{
	if (!menu)
		return text;
	text = add_place(text, menu->above);
	return talloc_asprintf_append(text, "%u>", menu->position);
}

static char *add_file(char *text, const char *before, const struct entry_file *file)
{
	text = talloc_strdup_append(text, before);
	if (file->on)
		text = talloc_asprintf_append(text, "(%s)", file->on);
	return talloc_strdup_append(text, file->path);
}

char *grub_dump(void *ctx, const struct entry_list *list)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		text = add_place(text, e->menu);
		text = talloc_asprintf_append(text, "%u [%s] %s:", e->position, e->id, e->title);
		if (e->kernel.path) {
			text = add_file(text, " ", &e->kernel);
			text = talloc_asprintf_append(text, " \"%s\"", e->options);
		}
		for (size_t j = 0; j < e->initrd_count; j++)
			text = add_file(text, " ", &e->initrds[j]);
		if (e->devicetree.path)
			text = add_file(text, " dtb=", &e->devicetree);
		if (e->reason)
			text = talloc_asprintf_append(text, " !%s", e->reason);
		text = talloc_strdup_append(text, "\n");
	}
	return text;
}

struct entry_list *grub_parse_bytes(void *ctx, const char *bytes, size_t len)
{
	struct entry_list *list = entry_list_new(ctx);
	struct reading r = reading_of_bytes(list, "grub.cfg");
	struct err err;

	assert_non_null(list);
	assert_int_equal(grub_parse(&r, bytes, len, &err), 0);
	return list;
}

struct entry_list *grub_parse_text(void *ctx, const char *text)
{
	return grub_parse_bytes(ctx, text, strlen(text));
}

struct entry_list *grub_parse_corpus(void *ctx, const char *name)
{
	static char bytes[1 << 16];
	char *path = talloc_asprintf(ctx, "tests/fuzz/corpus/grub/%s", name);
	int fd = open(path, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (len < 0)
		fail_msg("cannot read %s: run from the top of the tree", path);
	close(fd);
	return grub_parse_bytes(ctx, bytes, (size_t)len);
}

void grub_check(void *ctx, const struct grub_example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *came = grub_dump(ctx, grub_parse_text(ctx, examples[i].text));

		if (strcmp(came, examples[i].entries))
			fail_msg("from\n%s\ncame\n%sinstead of\n%s", examples[i].text, came,
				examples[i].entries);
	}
}

void grub_trees_new(struct grub_trees *t)
{
	*t = (struct grub_trees){.ctx = talloc_new(NULL)};
	assert_non_null(t->ctx);
	tree_new(&t->main);
	tree_new(&t->other);
}

void grub_trees_remove(struct grub_trees *t)
{
	talloc_free(t->ctx);
	tree_remove(&t->main);
	tree_remove(&t->other);
}

static int other_is_inside(struct reading *r, const struct volume *v, const char *path,
	const struct volume **found, struct err *err)
{
	int rc = volume_has(v, path, err);

	if (rc == 0)
		*found = &r->volumes->volumes[1];
	return rc;
}

struct entry_list *grub_parse_trees(struct grub_trees *t, const char *file)
{
	const char *trees[2] = {talloc_asprintf(t->ctx, "sda1:%s", t->main.path),
		talloc_asprintf(t->ctx, "sdb3:%s", t->other.path)};
	struct entry_list *list = entry_list_new(t->ctx);
	struct reading r = reading_of_bytes(list, file);
	struct volume_set *volumes;
	struct err err;
	char *bytes;
	size_t len;

	assert_int_equal(volumes_of_trees(t->ctx, trees, 2, &volumes, &err), 0);
	volumes->volumes[0].uuid = "1111-AAAA";
	volumes->volumes[1].uuid = "2222-BBBB";
	volumes->volumes[1].label = "DATA";
	r.volumes = volumes;
	r.volume = volumes->volumes;
	r.look_inside = other_is_inside;
	assert_int_equal(volume_read(r.volume, t->ctx, file, 1 << 20, &bytes, &len, &err), 0);
	if (grub_parse(&r, bytes, len, &err))
		fail_msg("%s", err.text);
	return list;
}

char *grub_dump_problems(void *ctx, const struct entry_list *list)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < list->problem_count; i++)
		text = talloc_asprintf_append(text, "%s\n", list->problems[i]);
	return text;
}

char *grub_dump_writes(void *ctx, const struct entry_write *writes)
{
	char *text = talloc_strdup(ctx, "");

	for (; writes; writes = writes->next)
		text = talloc_asprintf_append(text, "%s %s%s%s\n", writes->path, writes->name,
			writes->value ? "=" : "", writes->value ? writes->value : "");
	return text;
}
