/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_GRUB_DUMP_H
#define TESTS_UNIT_GRUB_DUMP_H

/*
 * Reading GRUB's scripts in tests. A list of entries is compared as text, one entry a line:
 *   place [id] title: (device)/kernel "options" initrds dtb=devicetree !reason
 */

#include "boot/entry.h"
#include "tests/unit/tree.h"

/* The state is a talloc context. */
int grub_test_setup(void **state);
int grub_test_teardown(void **state);

char *grub_dump(void *ctx, const struct entry_list *list);
char *grub_dump_problems(void *ctx, const struct entry_list *list); /* one a line */
char *grub_dump_writes(
	void *ctx, const struct entry_write *writes); /* "path name=value", one a line */

/* Bytes alone: there is no file and no volume. */
struct entry_list *grub_parse_bytes(void *ctx, const char *bytes, size_t len);
struct entry_list *grub_parse_text(void *ctx, const char *text);
struct entry_list *grub_parse_corpus(void *ctx, const char *name);

struct grub_example {
	const char *text, *entries;
};
void grub_check(void *ctx, const struct grub_example *examples, size_t count);
#define GRUB_CHECK(state, examples)                                                                \
	grub_check(*(state), examples, sizeof(examples) / sizeof(*(examples)))

/* Two filesystems: main is sda1, UUID 1111-AAAA, and has the configuration; other is sdb3, UUID
 * 2222-BBBB, label DATA. Every file that there is on main is an image of other. */
struct grub_trees {
	void *ctx;
	struct tree main, other;
};
void grub_trees_new(struct grub_trees *t);
void grub_trees_remove(struct grub_trees *t);
struct entry_list *grub_parse_trees(struct grub_trees *t, const char *file);

#endif
