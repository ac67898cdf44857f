// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/handoff_tie.h"

#include <errno.h>
#include <sha256.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/kernel_words.h"

static const char name[] = HANDOFF_WORD "=";

void handoff_digest(const char *record, size_t len, char digest[HANDOFF_DIGEST + 1])
{
	char all[SHA256_DIGEST_STRING_LENGTH];

	SHA256Data((const uint8_t *)record, len, all);
	snprintf(digest, HANDOFF_DIGEST + 1, "%.*s", HANDOFF_DIGEST, all);
}

/* To the end of the word and of the blanks behind it. */
static size_t length_with_blanks(const char *at)
{
	bool is_open;
	const size_t len = kernel_word_length(at, &is_open);

	return len + strspn(at + len, KERNEL_BLANKS);
}

char *handoff_untie(void *ctx, const char *cmdline)
{
	char *text = talloc_strdup(ctx, cmdline), *to = text;

	for (const char *at = cmdline; text && *at;) {
		const size_t len = length_with_blanks(at);
		const char *word = at + (*at == '"');

		if (strncmp(word, name, strlen(name))) {
			memcpy(to, at, len);
			to += len;
		}
		at += len;
	}
	if (text)
		*to = '\0';
	return text;
}

int handoff_tie_prepare(void *ctx, struct pinned *p, struct err *err)
{
	char *rest;

	if (!p->handoff_room || p->tied)
		return 0;
	rest = handoff_untie(ctx, p->cmdline);
	if (!rest)
		return err_errno(err, -ENOMEM, "tie the handoff");
	if (strlen(rest) + HANDOFF_WORD_SIZE > p->image.cmdline_max) {
		p->handoff_room = 0;
		return err_set(err, 1,
			"there is no room in the command line to name the handoff: it has %zu "
			"characters, this kernel takes %zu, and the name takes %zu",
			strlen(rest), p->image.cmdline_max, HANDOFF_WORD_SIZE);
	}
	p->tied = talloc_asprintf(ctx, "%s%0*d %s", name, HANDOFF_DIGEST, 0, rest);
	talloc_free(rest);
	return p->tied ? 0 : err_errno(err, -ENOMEM, "tie the handoff");
}

void handoff_tie(struct pinned *p, const char digest[HANDOFF_DIGEST + 1])
{
	memcpy(p->tied + strlen(name), digest, HANDOFF_DIGEST);
}
