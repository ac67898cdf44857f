// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/reader.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/format.h"
#include "devices/cleanup.h"

const char *grub_keep(struct grub_reader *r, const char *text)
{
	const char *copy = talloc_strdup(r->list, text);

	if (!copy)
		r->rc = -ENOMEM;
	return copy ? copy : "";
}

void grub_set(struct grub_reader *r, const char *name, const char *value)
{
	if (!grub_scope_set(r->scope, name, value))
		r->rc = -ENOMEM;
}

static const struct {
	const char *word;
	enum grub_block block;
} blocks[] = {
	{"menuentry", GRUB_BLOCK_ENTRY},
	{"hiddenentry", GRUB_BLOCK_ENTRY},
	{"submenu", GRUB_BLOCK_SUBMENU},
	{"function", GRUB_BLOCK_FUNCTION},
};

static enum grub_block block_of(const struct grub_reader *r)
{
	for (size_t i = 0; r->args.argc && i < sizeof(blocks) / sizeof(*blocks); i++)
		if (!strcmp(r->args.argv[0], blocks[i].word))
			return blocks[i].block;
	return GRUB_BLOCK_PLAIN;
}

/* The brace may stand on a line of its own. */
static void find_brace(struct grub_reader *r)
{
	struct grub_lexer ahead = r->lexer;
	struct grub_token token = {.kind = r->statement.end};

	while (token.kind == GRUB_NEWLINE)
		grub_lexer_next(&ahead, &token);
	if (token.kind != GRUB_OPEN)
		return;
	r->lexer = ahead;
	r->statement.end = GRUB_OPEN;
}

static void begin_block(struct grub_reader *r, enum grub_block block)
{
	struct grub_frame *frame;

	/* A new entry within an entry: the one before was never closed. */
	while (block != GRUB_BLOCK_FUNCTION && r->in_entry)
		grub_end_braces(r);
	frame = grub_push(r, block);
	if (!frame)
		return;
	if (block == GRUB_BLOCK_FUNCTION)
		grub_leave_out(r, frame);
	if (block == GRUB_BLOCK_SUBMENU && !grub_submenu_begin(r, frame))
		frame->block = GRUB_BLOCK_PLAIN;
	if (block == GRUB_BLOCK_ENTRY)
		grub_entry_begin(r);
}

static void run_statement(struct grub_reader *r)
{
	size_t piece = 0;
	enum grub_block block;

	while (piece < r->statement.count && grub_keyword(r, piece))
		piece++;
	if (!grub_reading(r)) {
		if (r->statement.end == GRUB_OPEN)
			grub_push(r, GRUB_BLOCK_PLAIN);
		return;
	}
	grub_statement_expand(&r->statement, piece, r->scope, &r->args);
	block = block_of(r);
	if (block != GRUB_BLOCK_PLAIN)
		find_brace(r);
	if (r->statement.end == GRUB_OPEN && block != GRUB_BLOCK_PLAIN) {
		begin_block(r, block);
		return;
	}
	if (!grub_decide(r))
		grub_command(r);
	if (r->statement.end == GRUB_OPEN)
		grub_push(r, GRUB_BLOCK_PLAIN);
}

/* At the end of the file with something left out: is there more to read after all? */
static bool read_what_was_left_out(struct grub_reader *r)
{
	if (grub_reading(r))
		return false;
	r->leave_out_nothing = true;
	r->lexer = r->left_out.lexer;
	r->depth = r->left_out.depth;
	r->beyond = 0;
	r->frames[r->depth - 1].left_out = false;
	return true;
}

static void read_statements(struct grub_reader *r)
{
	do {
		while (!r->rc && !r->full) {
			r->statement_start = r->lexer;
			if (!grub_statement_read(&r->lexer, &r->statement))
				break;
			run_statement(r);
			if (r->statement.end == GRUB_CLOSE)
				grub_end_braces(r);
		}
	} while (!r->rc && !r->full && read_what_was_left_out(r));
	while (r->depth > 1)
		grub_pop(r);
}

/* What GRUB itself sets (grub-core/normal/main.c, features), as far as files ask for it. */
static void set_known(struct grub_reader *r)
{
	static const char *const features[] = {
		"feature_200_final",
		"feature_all_video_module",
		"feature_chainloader_bpb",
		"feature_default_font_path",
		"feature_menuentry_id",
		"feature_menuentry_options",
		"feature_nativedisk_cmd",
		"feature_ntldr",
		"feature_platform_search_hint",
		"feature_timeout_style",
	};

	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++)
		grub_set(r, features[i], "y");
	/* Files set it themselves; a fragment of one does not. */
	grub_set(r, "menuentry_id_option", "--id");
}

static struct grub_reader *reader_new(void *ctx, const char *file)
{
	struct grub_reader *r = talloc_zero(ctx, struct grub_reader);

	if (!r)
		return NULL;
	r->file = file;
	r->list = entry_list_new(r);
	r->globals = grub_scope_new(r, NULL);
	r->scope = r->globals;
	r->args.allowance = GRUB_ALLOWANCE_MAX;
	r->frames[0].block = GRUB_BLOCK_SUBMENU;
	r->depth = 1;
	if (!r->list || !r->globals)
		TALLOC_FREE(r);
	return r;
}

int grub_parse(struct reading *reading, const char *bytes, size_t len, struct err *err)
{
	_cleanup_talloc_ struct grub_reader *r = reader_new(NULL, reading->file);
	const char *pattern;

	if (!r)
		return err_errno(err, -ENOMEM, "%s", reading->file);
	set_known(r);
	grub_lexer_init(&r->lexer, bytes, len);
	read_statements(r);
	pattern = grub_scope_get(r->globals, "default", strlen("default"));
	if (pattern && *pattern)
		pattern = grub_keep(r, pattern);
	if (!r->rc)
		r->rc = entry_list_append(reading->list, r->list);
	if (r->rc)
		return err_errno(err, r->rc, "%s", reading->file);
	if (pattern && *pattern)
		reading->list->default_pattern = pattern;
	return 0;
}
