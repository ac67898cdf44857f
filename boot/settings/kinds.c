// SPDX-License-Identifier: GPL-2.0-or-later
/* The settings there are, and what each can be. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "boot/settings/settings.h"
#include "devices/utf8.h"

#define TIMEOUT_MAX 86400 /* seconds: a day */
#define LANGUAGE_MAX 32
#define CONSOLE_MAX 64
#define ORDER_MAX 16 /* devices */
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static const char *const timeouts[] = {"never", "0", "3", "5", "10", "30", NULL};
static const char *const defaults[] = {"last", "newest", NULL};
static const char *const hiddens[] = {"show", "hide", NULL};

static bool is_made_of(const char *text, size_t len, const char *characters)
{
	return len && strspn(text, characters) >= len;
}

static const char *check_timeout(const char *value)
{
	size_t len = strlen(value);

	if (!strcmp(value, "never"))
		return NULL;
	return is_made_of(value, len, DIGITS) && len <= 6 && atol(value) <= TIMEOUT_MAX
		       ? NULL
		       : "it is a number of seconds, at most 86400, or \"never\"";
}

static const char *check_hidden(const char *value)
{
	return !strcmp(value, "show") || !strcmp(value, "hide") ? NULL
								: "it is \"show\" or \"hide\"";
}

static const char *check_language(const char *value)
{
	size_t len = strlen(value);

	return is_made_of(value, len, LETTERS DIGITS "_.@-") && len <= LANGUAGE_MAX &&
			       isalpha((unsigned char)*value)
		       ? NULL
		       : "it is the name of a language, such as \"de\" or \"pt_BR\"";
}

static bool is_console(const char *word, size_t len)
{
	const char *comma = memchr(word, ',', len);
	size_t name = comma ? (size_t)(comma - word) : len, rest = comma ? len - name - 1 : 0;

	if (!is_made_of(word, name, LETTERS DIGITS "/._-") || name > CONSOLE_MAX)
		return false;
	return !comma ||
	       (rest == 5 && (!memcmp(comma + 1, "ascii", 5) || !memcmp(comma + 1, "utf-8", 5)));
}

static const char *check_consoles(const char *value)
{
	while (*value) {
		size_t len = strcspn(value, " ");

		if (len && !is_console(value, len))
			return "it is a list of terminals, such as \"tty0 ttyS0,ascii\"";
		value += len + strspn(value + len, " ");
	}
	return NULL;
}

static const char *check_order(const char *value)
{
	size_t words = 0;

	for (value += strspn(value, " "); *value; words++) {
		value += strcspn(value, " ");
		value += strspn(value, " ");
	}
	return words <= ORDER_MAX ? NULL : "it has too many devices";
}

/* yescrypt's and SHA-512's, as crypt(5) has them. */
static const char *check_password(const char *value)
{
	bool known = !strncmp(value, "$y$", 3) || !strncmp(value, "$6$", 3);

	return known && is_made_of(value, strlen(value), LETTERS DIGITS "./$=") &&
			       strchr(value + 3, '$') && value[strlen(value) - 1] != '$'
		       ? NULL
		       : "it is kept as a hash of crypt(3), \"$y$...\" or \"$6$...\"";
}

const struct setting_kind setting_kinds[] = {
	[SETTING_TIMEOUT] = {"timeout", timeouts, check_timeout},
	[SETTING_DEFAULT] = {"default", defaults, NULL},
	[SETTING_ORDER] = {"order", NULL, check_order},
	[SETTING_HIDDEN] = {"hidden", hiddens, check_hidden},
	[SETTING_LANGUAGE] = {"language", NULL, check_language},
	[SETTING_CONSOLES] = {"consoles", NULL, check_consoles},
	[SETTING_PASSWORD] = {"password", NULL, check_password},
};

enum setting setting_named(const char *name)
{
	int which = 0;

	while (which < SETTINGS && strcmp(setting_kinds[which].name, name))
		which++;
	return (enum setting)which;
}

static bool has_control(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			return true;
	return false;
}

const char *setting_check(enum setting which, const char *value)
{
	if (!*value)
		return "it is empty";
	if (strlen(value) > SETTINGS_VALUE_MAX)
		return "it is too long";
	if (!utf8_is_valid(value) || has_control(value))
		return "it is no plain text";
	return setting_kinds[which].check ? setting_kinds[which].check(value) : NULL;
}
