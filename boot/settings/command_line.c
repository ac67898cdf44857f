// SPDX-License-Identifier: GPL-2.0-or-later
/* What the running kernel's command line says. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/settings/settings.h"
#include "devices/cleanup.h"
#include "devices/kernel_words.h"

#define WHERE "the kernel's command line"

static const struct {
	const char *name;
	enum setting which;
	bool adds; /* to what the words before it said */
} words[] = {
	{"stillboot.timeout", SETTING_TIMEOUT, false},
	{"stillboot.default", SETTING_DEFAULT, false},
	{"stillboot.console", SETTING_CONSOLES, true},
};
#define COUNT (sizeof(words) / sizeof(*words))

static int take(struct settings *s, size_t row, const char *said)
{
	const enum setting which = words[row].which;
	const bool adds = words[row].adds && s->stored[which] && !strcmp(s->stored[which], WHERE);
	char *value = adds ? talloc_asprintf(s, "%s %s", s->values[which], said)
			   : talloc_strdup(s, said);
	const char *wrong = value ? setting_check(which, value) : NULL;

	if (!value)
		return -ENOMEM;
	if (wrong)
		return settings_problem(
			s, "%s on " WHERE " is not used: %s", words[row].name, wrong);
	s->values[which] = value;
	s->stored[which] = WHERE;
	return 0;
}

int settings_of_command_line(struct settings *s, const char *cmdline)
{
	_cleanup_talloc_ char *text = talloc_strdup(NULL, cmdline);
	struct kernel_word word;
	int rc = text || !cmdline ? 0 : -ENOMEM;

	for (char *at = text; at && (at = kernel_words_next(at, &word)) && rc == 0;)
		for (size_t i = 0; i < COUNT && rc == 0; i++)
			if (word.value && !strcmp(word.name, words[i].name))
				rc = take(s, i, word.value);
	return rc;
}
