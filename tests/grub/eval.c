// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * eval [--check] FILE: run a GRUB script and the bodies of its entries, and print what `echo` prints
 * and, as errors, what is wrong with it. With --check it is only parsed. Files that the script looks
 * for are those of this machine, as they are for grub-emu. Fails if anything was wrong.
 */
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/grub.h"

static void print(void *data, const char *text)
{
	(void)data;
	puts(text);
}

static void count(void *data, unsigned int line, const char *sentence)
{
	fprintf(stderr, "%u: %s\n", line, sentence);
	++*(size_t *)data;
}

static size_t check(void *ctx, const char *bytes, size_t len)
{
	struct grub_arena arena = {.ctx = ctx, .limit = GRUB_TREE_MAX};
	struct grub_parser parser;
	size_t problems = 0;

	grub_parser_init(&parser, &arena, bytes, len);
	parser.tell = count;
	parser.data = &problems;
	while (grub_parse_next(&parser))
		;
	return problems + parser.failed;
}

static size_t run(struct reading *r, const char *bytes, size_t len)
{
	struct grub_run *g = grub_run_new(r->list, r);
	struct err err;

	if (!g)
		return 1;
	g->echo = print;
	if (grub_run_all(g, bytes, len, &err) < 0)
		return 1;
	for (size_t i = 0; i < r->list->problem_count; i++)
		fprintf(stderr, "%s\n", r->list->problems[i]);
	return r->list->problem_count;
}

int main(int argc, char **argv)
{
	static const char *const tree = "/";
	void *ctx = talloc_new(NULL);
	bool only_check = argc == 3 && !strcmp(argv[1], "--check");
	struct entry_list *list = entry_list_new(ctx);
	struct reading r = reading_of_bytes(list, argv[argc - 1]);
	struct volume_set *volumes;
	size_t len, problems;
	struct err err;
	char *bytes;

	if (argc < 2 || volumes_of_trees(ctx, &tree, 1, &volumes, &err) < 0)
		return 2;
	r.volumes = volumes;
	r.volume = volumes->volumes;
	if (reading_file(&r, ctx, r.volume, argv[argc - 1], 4 << 20, &bytes, &len, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	problems = only_check ? check(ctx, bytes, len) : run(&r, bytes, len);
	talloc_free(ctx);
	return problems > 0;
}
