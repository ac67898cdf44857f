// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/kernel_words.h"

#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"

size_t kernel_word_length(const char *at, bool *is_open)
{
	size_t len = 0;

	*is_open = false;
	for (; at[len] && (*is_open || !strchr(KERNEL_BLANKS, at[len])); len++)
		*is_open ^= at[len] == '"';
	return len;
}

/* The quotes around a value, or around the whole word, are not part of it. */
static void unquote(char *text, size_t len, size_t equals, struct kernel_word *w)
{
	const bool ends = len && text[len - 1] == '"';

	if (equals) {
		text[equals] = '\0';
		w->value = text + equals + 1;
	}
	if (w->value && *w->value == '"') {
		w->value++;
		if (ends)
			text[len - 1] = '\0';
	}
}

char *kernel_words_next(char *at, struct kernel_word *w)
{
	const char *equals;
	bool quoted, open;
	size_t len;
	char *rest;

	at += strspn(at, KERNEL_BLANKS);
	if (!*at)
		return NULL;
	len = kernel_word_length(at, &open);
	rest = at + len + (at[len] != '\0');
	at[len] = '\0';
	quoted = *at == '"';
	at += quoted;
	len -= quoted;
	/* A value has a name in front of it. */
	equals = len ? memchr(at + 1, '=', len - 1) : NULL;
	*w = (struct kernel_word){.name = at, .is_open = open};
	unquote(at, len, equals ? (size_t)(equals - at) : 0, w);
	if (quoted && len && at[len - 1] == '"')
		at[len - 1] = '\0';
	return rest;
}

char *kernel_words_read(struct machine *m, void *ctx)
{
	char *text;

	return machine_read_file(m, ctx, "proc/cmdline", KERNEL_WORDS_MAX, &text, NULL) < 0 ? NULL
											    : text;
}

char *kernel_words_value(struct machine *m, void *ctx, const char *name)
{
	_cleanup_talloc_ char *text = kernel_words_read(m, NULL);
	const char *value = NULL;
	struct kernel_word word;

	for (char *at = text; at && (at = kernel_words_next(at, &word));)
		if (word.value && !strcmp(word.name, name))
			value = word.value;
	return value ? talloc_strdup(ctx, value) : NULL;
}
