// SPDX-License-Identifier: GPL-2.0-or-later
/* A configuration and those it includes. */
#include "boot/syslinux/syslinux.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <talloc.h>

#include "boot/format.h"
#include "devices/cleanup.h"

static void read_text(struct syslinux *p, const char *file, struct syslinux_text rest)
{
	const char *above = p->file;
	unsigned int line_above = p->line;
	struct syslinux_text line;

	p->file = file;
	p->line = 0;
	while (!p->rc && !p->is_full && syslinux_next_line(&rest, &line)) {
		p->line++;
		syslinux_run_line(p, line);
	}
	if (p->in_text)
		reading_problem(p->reading, p->file, 0, "TEXT without ENDTEXT: the rest is lost");
	p->in_text = false;
	p->file = above;
	p->line = line_above;
}

static int read_included(struct syslinux *p, const char *path, struct err *err)
{
	struct reading *r = p->reading;
	size_t len;
	char *bytes;
	int rc = reading_file(r, p->ctx, r->volume, path, SYSLINUX_FILE_MAX, &bytes, &len, err);

	if (rc < 0)
		return rc;
	if (r->is_new)
		r->is_new(r, r->volume, path);
	p->depth++;
	read_text(p, path + (*r->file != '/'), (struct syslinux_text){bytes, len});
	p->depth--;
	return 0;
}

bool syslinux_include(struct syslinux *p, struct syslinux_text name, struct err *err)
{
	const char *path;
	int rc;

	if (!name.len || syslinux_is_remote(name)) {
		err_set(err, -EINVAL,
			name.len ? "what lies on the network is not included"
				 : "INCLUDE names no file");
		return false;
	}
	path = syslinux_path(p, name);
	if (p->depth == SYSLINUX_DEPTH_MAX || p->includes == SYSLINUX_INCLUDES_MAX) {
		err_set(err, -ELOOP, "%s is included too deep, or is one file too many", path);
		return false;
	}
	p->includes++;
	rc = read_included(p, path, err);
	if (rc == -ENOMEM)
		p->rc = rc;
	return rc == 0;
}

/* Windows' editors begin a file with this. */
static struct syslinux_text without_mark(struct syslinux_text text)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t len = strlen(mark);

	if (text.len < len || memcmp(text.text, mark, len))
		return text;
	return (struct syslinux_text){text.text + len, text.len - len};
}

static void read_all(struct syslinux *p, struct syslinux_text text)
{
	struct reading *r = p->reading;
	struct syslinux_menu *top = talloc_zero(p->ctx, struct syslinux_menu);
	const char *file = syslinux_keep(p, (struct syslinux_text){r->file, strlen(r->file)});
	bool is_pxe = false;
	const char *directory = syslinux_directory(p, r->file, &is_pxe);

	if (!top) {
		p->rc = -ENOMEM;
		return;
	}
	top->default_item = SYSLINUX_NOWHERE;
	if (!syslinux_config_begin(p, top, directory))
		return;
	p->config->is_pxe = is_pxe;
	read_text(p, file, without_mark(text));
	syslinux_config_end(p);
	syslinux_choose_default(p);
	syslinux_name_menus(p);
}

int syslinux_parse(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	_cleanup_talloc_ struct syslinux *p = talloc_zero(r->list, struct syslinux);
	size_t before = r->list->count;

	if (!p)
		return err_errno(err, -ENOMEM, "%s", r->file);
	p->ctx = p;
	p->reading = r;
	p->is_uboot = fnmatch("i?86", r->architecture, 0) && strcmp(r->architecture, "x86_64");
	read_all(p, (struct syslinux_text){bytes, len});
	if (p->rc) {
		r->list->count = before;
		r->list->default_pattern = NULL;
		return err_errno(err, p->rc, "%s", r->file);
	}
	if (p->is_full)
		reading_problem(r, NULL, 0, "there is too much in it: the rest is left out");
	return 0;
}
