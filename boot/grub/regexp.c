// SPDX-License-Identifier: GPL-2.0-or-later
/* regexp (grub-core/commands/regexp.c), with bounds: the C library's expressions can be made to
 * take any time and memory. */
#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "boot/grub/command.h"

#define PATTERN_MAX 256
#define STRING_MAX 1024
#define REPEAT_MAX 256 /* all {n,m} of a pattern, and 2 for each + of what is repeated, multiplied */
#define GROUPS_MAX 32
#define LOOKUPS_REGEXP 40

static const struct grub_option regexp_options[] = {
	{"set", 's', GRUB_VALUE_NEEDED},
	{NULL, '\0', GRUB_VALUE_NONE},
};

/* No references to what was matched, which take exponential time, and few repetitions. */
static bool is_harmless(const char *pattern)
{
	unsigned long repeat = 1, groups = 0;

	if (strlen(pattern) > PATTERN_MAX)
		return false;
	for (const char *p = pattern; *p && repeat <= REPEAT_MAX; p++) {
		if (*p == '\\' && isdigit((unsigned char)p[1]))
			return false;
		p += *p == '\\' && p[1];
		groups += *p == '(';
		/* The C library makes "xx*" of "x+" (glibc posix/regcomp.c, parse_dup_op), and so twice
		 * as much of each further one: "x++++". */
		if (*p == '+' && p > pattern && strchr(")+*?}", p[-1]))
			repeat *= 2;
		if (*p == '{') {
			const char *comma = p + 1 + strcspn(p + 1, ",}");
			unsigned long from = strtoul(p + 1, NULL, 10);
			unsigned long to = *comma == ',' ? strtoul(comma + 1, NULL, 10) : 0;

			from = from > to ? from : to;
			repeat = from > REPEAT_MAX ? from : repeat * (from ? from : 1);
		}
	}
	return repeat <= REPEAT_MAX && groups < GROUPS_MAX;
}

/* "[NUMBER:]VARIABLE" gets a group's text, or is unset where it has none. */
static void set_match(struct grub_run *g, const char *spec, char *string, const regmatch_t *matches)
{
	char *colon;
	unsigned long group = strtoul(spec, &colon, 10);
	const char *variable = *colon == ':' && colon > spec ? colon + 1 : spec;
	const regmatch_t *m;
	char kept;

	if (variable == spec)
		group = 1;
	if (group >= GROUPS_MAX || matches[group].rm_so < 0) {
		grub_set(g, variable, NULL);
		return;
	}
	m = &matches[group];
	kept = string[m->rm_eo];
	string[m->rm_eo] = '\0';
	grub_set(g, variable, string + m->rm_so);
	string[m->rm_eo] = kept;
}

static int match(struct grub_run *g, struct grub_call *call, const char *pattern, char *string)
{
	struct grub_options options = grub_options(regexp_options, call);
	regmatch_t matches[GROUPS_MAX];
	regex_t regex;
	int option, rc;

	if (regcomp(&regex, pattern, REG_EXTENDED))
		return GRUB_FALSE;
	rc = regexec(&regex, string, GROUPS_MAX, matches, 0);
	while (!rc && (option = grub_options_next(&options)) != GRUB_OPTION_END)
		if (option == 0 && options.value)
			set_match(g, options.value, string, matches);
	regfree(&regex);
	return rc ? GRUB_FALSE : GRUB_OK;
}

int grub_command_regexp(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct grub_options options = grub_options(regexp_options, call);
	char *words[2] = {0};
	size_t count = 0;
	int option;

	(void)command;
	while ((option = grub_options_next(&options)) != GRUB_OPTION_END)
		if (option == GRUB_OPTION_WORD && count++ < 2)
			words[count - 1] = (char *)options.value;
	if (count != 2)
		return GRUB_BAD_ARGUMENT;
	if (!is_harmless(words[0]) || strlen(words[1]) > STRING_MAX) {
		grub_problem(g, call->node->line, "this regular expression is too costly");
		return GRUB_FALSE;
	}
	return grub_lookup(g, LOOKUPS_REGEXP) ? match(g, call, words[0], words[1]) : GRUB_FALSE;
}
