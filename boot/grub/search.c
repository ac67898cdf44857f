// SPDX-License-Identifier: GPL-2.0-or-later
/* search: which filesystem? Found by whoever has the volumes; here it gets its name. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/reader.h"

/* grub-core/commands/search_wrap.c; a hint is where to look first, and we look everywhere. */
static const struct option {
	const char *name, *letter;
	const char *kind; /* what it says the name is */
	enum { FLAG, SETS, HINT } use;
} options[] = {
	{"--fs-uuid", "-u", "UUID", FLAG},
	{"--label", "-l", "LABEL", FLAG},
	{"--fs-label", "-l", "LABEL", FLAG},
	{"--file", "-f", "FILE", FLAG},
	{"--set", "-s", NULL, SETS},
	{"--no-floppy", "-n", NULL, FLAG},
	{"--hint", "-h", NULL, HINT},
	{"--hint-bios", NULL, NULL, HINT},
	{"--hint-efi", NULL, NULL, HINT},
	{"--hint-baremetal", NULL, NULL, HINT},
	{"--hint-ieee1275", NULL, NULL, HINT},
	{"--hint-arc", NULL, NULL, HINT},
};

struct search {
	const char *kind;
	const char *words[2]; /* a variable, if there are two, and the name */
	size_t word_count;
	const char *variable; /* NULL: nothing is set */
};

static const struct option *option_of(const char *arg)
{
	size_t len = strcspn(arg, "=");

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		const struct option *o = &options[i];

		if ((strlen(o->name) == len && !strncmp(arg, o->name, len)) ||
			(o->letter && !strcmp(arg, o->letter)))
			return o;
	}
	return NULL;
}

static void take_option(struct search *s, const struct option *o, const char *value)
{
	if (o->kind)
		s->kind = o->kind;
	if (o->use == SETS)
		s->variable = value && *value ? value : "root";
}

static void take_word(struct search *s, const char *word)
{
	if (s->word_count < 2)
		s->words[s->word_count++] = word;
}

static struct search parse(const struct grub_args *args)
{
	struct search s = {.kind = "FILE"};

	for (size_t i = 1; i < args->argc; i++) {
		const char *arg = args->argv[i];
		const struct option *o = option_of(arg);
		const char *value = strchr(arg, '=');

		if (*arg != '-') {
			take_word(&s, arg);
			continue;
		}
		if (o)
			take_option(&s, o, value ? value + 1 : NULL);
		if (o && o->use == HINT && !value)
			i++;
	}
	/* "--set root NAME", as the manual's synopsis has it. */
	if (s.variable && s.word_count == 2)
		s.variable = s.words[0];
	return s;
}

/* search.fs_uuid NAME [VARIABLE [HINT...]] */
static struct search parse_short(const struct grub_args *args)
{
	static const char *const kinds[][2] = {
		{"search.fs_uuid", "UUID"},
		{"search.fs_label", "LABEL"},
		{"search.file", "FILE"},
	};
	struct search s = {0};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(args->argv[0], kinds[i][0]))
			s.kind = kinds[i][1];
	if (s.kind && args->argc > 1) {
		take_word(&s, args->argv[1]);
		s.variable = args->argc > 2 ? args->argv[2] : NULL;
	}
	return s;
}

void grub_search(struct grub_reader *r)
{
	bool is_short = strchr(r->args.argv[0], '.');
	struct search s = is_short ? parse_short(&r->args) : parse(&r->args);
	char *device;

	if (!s.variable || !s.word_count)
		return;
	device = talloc_asprintf(r, "%s=%s", s.kind, s.words[s.word_count - 1]);
	if (!device) {
		r->rc = -ENOMEM;
		return;
	}
	grub_set(r, s.variable, device);
	talloc_free(device);
}
