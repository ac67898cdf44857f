// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/translate.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define EVERYWHERE "C.UTF-8"

/* The first that is set and not empty, as setlocale(3) reads them. */
static const char *wanted_locale(int category)
{
	const char *names[] = {"LC_ALL", category == LC_CTYPE ? "LC_CTYPE" : "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return NULL;
}

static int is_plain(const char *locale)
{
	return !strcmp(locale, "C") || !strcmp(locale, "POSIX");
}

/* gettext takes the language from the locale, but only from one that there is. */
static void say_language(const char *locale)
{
	char language[64];

	if (strlen(locale) >= sizeof(language) || !strncmp(locale, "C.", 2))
		return;
	strcpy(language, locale);
	language[strcspn(language, ".@")] = '\0';
	setenv("LANGUAGE", language, 0);
}

void translate_setup(void)
{
	const char *dir = getenv("STILLBOOT_LOCALEDIR"), *characters = wanted_locale(LC_CTYPE);
	const char *messages = wanted_locale(LC_MESSAGES);

	if (!characters || !setlocale(LC_CTYPE, characters))
		setlocale(LC_CTYPE, EVERYWHERE);
	if (!messages || !is_plain(messages)) {
		setlocale(LC_MESSAGES, EVERYWHERE);
		if (messages)
			say_language(messages);
	}
	bindtextdomain("stillboot", dir ? dir : STILLBOOT_LOCALEDIR);
	bind_textdomain_codeset("stillboot", "UTF-8");
	textdomain("stillboot");
}

/* gettext looks at LANGUAGE again when a locale is set. */
void translate_to(const char *language)
{
	const char *messages = wanted_locale(LC_MESSAGES);

	unsetenv("LANGUAGE");
	say_language(language ? language : messages ? messages : "C");
	setlocale(LC_MESSAGES, "C");
	setlocale(LC_MESSAGES, EVERYWHERE);
}
