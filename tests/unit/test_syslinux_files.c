// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Menus of several files. Each case is a tree: files as "PATH", "TEXT" pairs, of which the first is
 * read. What comes out is compared as text: submenus, id, kernel and reason of each entry, the
 * default with a star; then the problems.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/format.h"
#include "tests/unit/tree.h"

#define FILES_MAX 12

static struct tree tree;

static int setup(void **state)
{
	tree_new(&tree);
	*state = talloc_new(NULL);
	return !*state;
}

static int teardown(void **state)
{
	tree_remove(&tree);
	return talloc_free(*state);
}

static char *add_menus(char *text, const struct entry_menu *menu)
{
	if (!menu)
		return text;
	text = add_menus(text, menu->above);
	return talloc_asprintf_append(text, "%s>", menu->title);
}

static char *dump(void *ctx, const struct entry_list *list)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (list->default_pattern && e == entry_list_default(list))
			text = talloc_strdup_append(text, "*");
		text = add_menus(text, e->menu);
		text = talloc_asprintf_append(text, "%s", e->id);
		if (e->kernel.path)
			text = talloc_asprintf_append(
				text, " %s \"%s\"", e->kernel.path, e->options);
		if (e->reason)
			text = talloc_asprintf_append(text, " !%s", e->reason);
		text = talloc_strdup_append(text, "\n");
	}
	for (size_t i = 0; i < list->problem_count; i++)
		text = talloc_asprintf_append(text, "%s\n", list->problems[i]);
	return text;
}

/* The volume of the tree, and a reading of a file in it. */
static struct reading open_tree(void *ctx, const char *path, struct entry_list *list)
{
	const char *dir = tree.path;
	struct volume_set *set;
	struct reading r = reading_of_bytes(list, path);
	struct err err;

	assert_int_equal(volumes_of_trees(ctx, &dir, 1, &set, &err), 0);
	r.volumes = set;
	r.volume = &set->volumes[0];
	return r;
}

static struct entry_list *parse(void *ctx, const char *path, const char *text)
{
	struct entry_list *list = entry_list_new(ctx);
	struct reading r = open_tree(ctx, path, list);
	struct err err;

	assert_non_null(list);
	assert_int_equal(syslinux_parse(&r, text, strlen(text), &err), 0);
	return list;
}

static void reads_several_files(void **state)
{
	static const struct {
		const char *files[2 * FILES_MAX], *dump;
	} cases[] = {
		/* Everything is as if it stood there: the label goes on, APPEND is known. */
		{{"syslinux/syslinux.cfg", "include a.cfg\nappend own\ninclude /b.cfg\n",
			 "syslinux/a.cfg", "append general\nlabel a\nlinux a\nlabel x\n", "b.cfg",
			 "linux b\nlabel c\nlinux c"},
			"a /syslinux/a \"general\"\nx /syslinux/b \"own\"\nc /syslinux/c "
			"\"general\"\n"},
		/* Paths begin where the main configuration is. */
		{{"boot/syslinux/syslinux.cfg", "include /a.cfg\n", "a.cfg", "include b.cfg\n",
			 "boot/syslinux/b.cfg", "label b\nlinux b\ndefault b\n"},
			"*b /boot/syslinux/b \"\"\n"},
		{{"a.cfg", "label a\nmenu include b.cfg ^The tag\nlabel c\n", "b.cfg",
			 "menu title Title\nlabel b\nmenu begin x\nlabel d\n"},
			"a /a \"\"\nTitle>b /b \"\"\nTitle>x>d /d \"\"\nc /c \"\"\n"},
		{{"a.cfg", "include\ninclude b.cfg\nlabel a\ninclude http://h/c\n"},
			"a /a \"\"\na.cfg:1: INCLUDE names no file\n"
			"a.cfg:2: open /b.cfg on TREE: No such file or directory\n"
			"a.cfg:4: what lies on the network is not included\n"},
		{{"a.cfg", "text help\nx\n"}, "a.cfg: TEXT without ENDTEXT: the rest is lost\n"},
		/* Another configuration: nothing is inherited, its directory may be another. */
		{{"isolinux/isolinux.cfg",
			 "append no\ndefault go\nlabel go\nconfig /arch/a.cfg\nappend /arch/\n",
			 "arch/a.cfg",
			 "default s\nlabel s\ncom32 whichsys\nappend -pxe- p -iso- t\n"
			 "label p\nconfig p.cfg\nlabel t\nmenu label ^Sys\nconfig sys.cfg",
			 "arch/p.cfg", "label p\nlinux p\n", "arch/sys.cfg",
			 "ui menu\ninclude head.cfg\nlabel t\nlinux t\nlabel u\nmenu "
			 "default\nlinux "
			 "u\n",
			 "arch/head.cfg", "append head\n"},
			"go>p>p /arch/p \"\"\ngo>Sys>t /arch/t \"head\"\n"
			"*go>Sys>u /arch/u \"head\"\n"},
		/* The menu program, with files of its own. */
		{{"a.cfg", "label m\nmenu label M\nkernel vesamenu.c32\nappend b.cfg ~ c.cfg\n",
			 "b.cfg", "append b\nlabel b\n", "c.cfg",
			 "label c\nlabel m\ncom32 menu.c32\n"
			 "append a.cfg\n"},
			"M>b /b \"b\"\nM>c /c \"b\"\n"},
		{{"a.cfg", "ui menu.c32 b.cfg\nlabel a\n", "b.cfg", "label b\nmenu default\n"},
			"a /a \"\"\n*b /b \"\"\n"},
		/* What stands in the list already is not shown twice. */
		{{"a.cfg", "include c.cfg\nlabel help\nconfig b.cfg\n", "b.cfg",
			 "prompt 1\ninclude c.cfg\nlabel b\n", "c.cfg", "label c\nlinux c\n"},
			"c /c \"\"\nhelp>b /b \"\"\n"},
		{{"a.cfg", "label a\nconfig b.cfg\nlabel d\n", "b.cfg", "label c\nconfig b.cfg\n"},
			"d /d \"\"\n"},
		{{"a.cfg", "label a\nconfig ../x/b.cfg\nmenu default\n", "x/b.cfg/d", ""},
			"*a !/x/b.cfg is missing\n"},
		{{"pxelinux.cfg/default", "include pxelinux.cfg/menu\n", "pxelinux.cfg/menu",
			 "label a\nlinux /a\n"},
			"a /a \"\"\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *const *files = cases[i].files;
		char *got, *at;

		teardown(state);
		setup(state);
		for (size_t j = 0; files[j]; j += 2)
			tree_file(&tree, files[j], files[j + 1]);
		got = dump(*state, parse(*state, files[0], files[1]));
		at = strstr(got, tree.path);
		if (at)
			got = talloc_asprintf(
				*state, "%.*sTREE%s", (int)(at - got), got, at + strlen(tree.path));
		if (strcmp(got, cases[i].dump))
			fail_msg("%s\n--- gave\n%s--- not\n%s", files[1], got, cases[i].dump);
	}
}

static void ends_where_files_go_in_circles(void **state)
{
	const char *text = "label a\ninclude a.cfg\ninclude a.cfg\nmenu begin\ninclude a.cfg x\n";
	struct entry_list *list;

	tree_file(&tree, "a.cfg", text);
	list = parse(*state, "a.cfg", text);
	/* SYSLINUX_INCLUDES_MAX and the first */
	assert_int_equal(list->count, 513);
	assert_int_equal(list->problem_count, READING_PROBLEMS_MAX);
}

static void includes_sixteen_deep(void **state)
{
	char name[32], text[64];
	struct entry_list *list;

	for (int i = 1; i < 20; i++) {
		snprintf(name, sizeof(name), "%d.cfg", i);
		snprintf(text, sizeof(text), "label %d\ninclude %d.cfg\n", i, i + 1);
		tree_file(&tree, name, text);
	}
	list = parse(*state, "0.cfg", "include 1.cfg\n");
	assert_int_equal(list->count, 16);
	assert_string_equal(list->problems[0],
		"16.cfg:2: /17.cfg is included too deep, or is one file too many");
}

static void limits_what_it_keeps(void **state)
{
	char *text = talloc_strdup(*state, "");
	struct entry_list *list;

	for (int i = 0; i < 5000; i++)
		text = talloc_asprintf_append_buffer(text, "label %d\n", i);
	list = parse(*state, "a.cfg", text);
	assert_int_equal(list->count, ENTRY_LIST_MAX);
	assert_string_equal(
		list->problems[0], "a.cfg: there is too much in it: the rest is left out");

	text = talloc_strdup(*state, "");
	for (int i = 0; i < 2000; i++)
		text = talloc_strdup_append_buffer(text, "menu begin\n");
	text = talloc_strdup_append_buffer(text, "label a\n");
	for (int i = 0; i < 2000; i++)
		text = talloc_strdup_append_buffer(text, "menu end\n");
	text = talloc_strdup_append_buffer(text, "label b\n");
	list = parse(*state, "a.cfg", text);
	assert_int_equal(list->count, 2);
	assert_null(list->entries[1].menu);
	assert_string_equal(list->problems[0], "a.cfg:17: the submenu is too deep or one too many; "
					       "what is in it is shown outside");
}

static void refuses_a_command_line_that_no_kernel_takes(void **state)
{
	char *text = talloc_asprintf(*state,
		"append %04096d\nlabel x\nlinux /k\n"
		"label y\nlinux /k z\n",
		0);
	struct entry_list *list = parse(*state, "a.cfg", text);

	assert_null(list->entries[0].reason);
	assert_string_equal(
		list->entries[1].reason, "its command line is longer than a kernel takes");
	assert_string_equal(list->entries[1].options, "");
}

static void names_the_filesystem(void **state)
{
	static const char text[] = "sysappend 0x40003\nappend a\nlabel x\nlinux /k\nlabel y\n"
				   "ipappend 0\nlinux /k\n";
	struct entry_list *list = entry_list_new(*state);
	struct reading r = open_tree(*state, "a.cfg", list);
	struct volume volume = *r.volume;
	struct err err;

	volume.uuid = "DA1A-0B2E";
	r.volume = &volume;
	assert_int_equal(syslinux_parse(&r, text, strlen(text), &err), 0);
	assert_string_equal(list->entries[0].options, "a FSUUID=DA1A-0B2E");
	assert_string_equal(list->entries[1].options, "a");
}

static void knows_its_places(void **state)
{
	static const char *const places[] = {
		"extlinux.conf",
		"boot/extlinux.conf",
		"extlinux/extlinux.conf",
		"boot/extlinux/extlinux.conf",
		"syslinux.cfg",
		"syslinux/syslinux.cfg",
		"boot/syslinux/syslinux.cfg",
		"BOOT/SYSLINUX/SYSLINUX.CFG",
		"isolinux.cfg",
		"isolinux/isolinux.cfg",
		"boot/isolinux/isolinux.cfg",
		"EFI/BOOT/syslinux.cfg",
		"EFI/syslinux/syslinux.cfg",
		"pxelinux.cfg/default",
		"pxelinux.cfg/default-arm-bcm283x",
		"pxelinux.cfg/b8945908-d6a6-41a9-611d-74a6ab80b83d",
		"pxelinux.cfg/01-88-99-aa-bb-cc-dd",
		"pxelinux.cfg/C000025B",
	};
	const struct format *format = formats;

	while (format->name && strcmp(format->name, "syslinux"))
		format++;
	assert_non_null(format->name);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const struct volume *v;
		struct reading r;
		size_t found = 0;

		teardown(state);
		setup(state);
		tree_file(&tree, places[i], "");
		r = open_tree(*state, "x", NULL);
		v = r.volume;
		for (size_t j = 0; j < FORMAT_PLACES_MAX && format->places[j].pattern; j++) {
			char **paths = volume_glob(v, *state, format->places[j].pattern);

			for (size_t k = 0; paths[k]; k++)
				found += !strcmp(paths[k], places[i]);
		}
		if (!found)
			fail_msg("%s is not looked for", places[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_several_files, setup, teardown),
		cmocka_unit_test_setup_teardown(ends_where_files_go_in_circles, setup, teardown),
		cmocka_unit_test_setup_teardown(includes_sixteen_deep, setup, teardown),
		cmocka_unit_test_setup_teardown(limits_what_it_keeps, setup, teardown),
		cmocka_unit_test_setup_teardown(
			refuses_a_command_line_that_no_kernel_takes, setup, teardown),
		cmocka_unit_test_setup_teardown(names_the_filesystem, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_its_places, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
