// SPDX-License-Identifier: GPL-2.0-or-later
/* A command line that is copied: as the kernel tells its words apart, none of them names a handoff. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/handoff_tie.h"
#include "devices/kernel_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *line = talloc_strndup(ctx, (const char *)data, size),
	     *text = handoff_untie(ctx, line);
	struct kernel_word word;

	if (strlen(text) > strlen(line))
		abort();
	while ((text = kernel_words_next(text, &word)))
		if (word.value && !strcmp(word.name, HANDOFF_WORD))
			abort();
	talloc_free(ctx);
	return 0;
}
