// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/menu_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

static void add_file(char **text, const char *lead, const struct entry_file *file)
{
	if (file->path)
		*text = talloc_asprintf_append(*text, " %s%s%s%s", lead, file->path,
			file->on ? "@" : "", file->on ? file->on : "");
}

static void add_entry(char **text, const struct entry_list *list, const struct entry *e)
{
	*text = talloc_asprintf_append(*text, "%u%s%s:", e->source.line,
		e == entry_list_default(list) ? "*" : " ", e->title);
	add_file(text, "", &e->kernel);
	for (size_t i = 0; i < e->initrd_count; i++)
		add_file(text, "+", &e->initrds[i]);
	add_file(text, "dtb=", &e->devicetree);
	if (*e->options || e->reason)
		*text = talloc_asprintf_append(*text, " | %s", e->options);
	if (e->reason)
		*text = talloc_asprintf_append(*text, " | %s", e->reason);
	*text = talloc_asprintf_append(*text, "\n");
}

char *menu_text(struct entry_list *list)
{
	char *text = talloc_strdup(list, "");

	for (size_t i = 0; i < list->count; i++) {
		add_entry(&text, list, &list->entries[i]);
		assert_int_equal(list->entries[i].position, i);
	}
	if (list->timeout >= 0)
		text = talloc_asprintf_append(text, "timeout %d\n", list->timeout);
	for (size_t i = 0; i < list->problem_count; i++)
		text = talloc_asprintf_append(text, "problem: %s\n", list->problems[i]);
	return text;
}

void menu_text_check(entry_parser *parser, const char *file, const char *text, const char *expected)
{
	struct entry_list *list = entry_list_new(NULL);
	struct reading r = reading_of_bytes(list, file);
	struct err err;
	const char *found;

	if (parser(&r, text, strlen(text), &err) < 0)
		fail_msg("%s: %s", text, err.text);
	found = menu_text(list);
	if (strcmp(found, expected))
		fail_msg("%s\ngave\n%s\nnot\n%s", text, found, expected);
	talloc_free(list);
}
