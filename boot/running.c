// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/running.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <talloc.h>

#include "boot/handoff_tie.h"
#include "devices/cleanup.h"
#include "devices/kernel_words.h"

static bool is_of_loader(const char *word)
{
	return !strncmp(word, "BOOT_IMAGE=", 11) || !strncmp(word, "initrd=", 7) ||
	       !strncmp(word, HANDOFF_WORD "=", sizeof(HANDOFF_WORD));
}

/* The words without those that loaders add, one blank between them. */
static char *words_of(void *ctx, const char *at)
{
	char *words = talloc_strdup(ctx, "");

	while (words && *(at += strspn(at, KERNEL_BLANKS))) {
		bool is_open;
		const size_t len = kernel_word_length(at, &is_open);

		if (!is_of_loader(at))
			words = talloc_asprintf_append_buffer(
				words, "%s%.*s", *words ? " " : "", (int)len, at);
		at += len;
	}
	return words;
}

int running_cmdline(struct machine *m, void *ctx, char **cmdline, struct err *err)
{
	char *text, *words;
	int rc = machine_read_file(m, ctx, "proc/cmdline", KERNEL_WORDS_MAX, &text, err);

	if (rc < 0)
		return rc;
	words = words_of(ctx, text);
	if (!words)
		return err_errno(err, -ENOMEM, "read the command line");
	*cmdline = words;
	return 0;
}

/* "BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.1" names a path on whichever filesystem. */
static bool is_image_of(const char *cmdline, const char *path)
{
	const char *image = strstr(cmdline, "BOOT_IMAGE="), *end, *slash;
	size_t len;

	if (!image || (image > cmdline && image[-1] != ' '))
		return false;
	image += strlen("BOOT_IMAGE=");
	end = image + strcspn(image, " ");
	slash = memchr(image, '/', (size_t)(end - image));
	len = slash ? (size_t)(end - slash) : 0;
	return len && len == strlen(path) && !memcmp(slash, path, len);
}

bool running_has_version(const struct entry *e, const char *release)
{
	size_t len = strlen(e->kernel.path), want = strlen(release);

	if (e->version && !strcmp(e->version, release))
		return true;
	return want && len > want && !strcmp(e->kernel.path + len - want, release) &&
	       strchr("-/_", e->kernel.path[len - want - 1]);
}

static int mark(void *ctx, struct entry_list *entries, const char *cmdline, const char *release)
{
	char *running = words_of(ctx, cmdline);

	for (size_t i = 0; running && i < entries->count; i++) {
		struct entry *e = &entries->entries[i];
		_cleanup_talloc_ char *words = NULL;

		if (!e->kernel.path ||
			(!is_image_of(cmdline, e->kernel.path) && !running_has_version(e, release)))
			continue;
		words = words_of(ctx, e->options);
		if (!words)
			return -ENOMEM;
		e->is_running = !strcmp(words, running);
	}
	return running ? 0 : -ENOMEM;
}

int running_mark(struct machine *m, struct entry_list *entries)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	char *cmdline, *release;

	if (!ctx)
		return -ENOMEM;
	if (machine_read_file(m, ctx, "proc/cmdline", KERNEL_WORDS_MAX, &cmdline, NULL) < 0 ||
		machine_read_file(m, ctx, "proc/sys/kernel/osrelease", 256, &release, NULL) < 0)
		return 0;
	return mark(ctx, entries, cmdline, release);
}
