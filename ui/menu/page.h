/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_PAGE_H
#define MENU_PAGE_H

/* Text with headings and fields, to be wrapped for whatever room there is: what stands beside a list. */

#include <jansson.h>

#include "ui/menu/grid.h"

struct page_line {
	enum grid_style style;
	const char *label; /* NULL for none */
	const char *text;
};

struct page { /* a talloc context */
	struct page_line *lines;
	size_t count;
};

struct page *page_new(void *ctx);
/* All of these copy; a NULL text is a line that is not added. Memory that runs out leaves lines out. */
void page_add(struct page *p, enum grid_style style, const char *text);
void page_addf(struct page *p, enum grid_style style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void page_field(struct page *p, const char *label, const char *text);
/* Each string of a JSON array. */
void page_add_all(struct page *p, enum grid_style style, const json_t *texts);

/* Lines that it takes in this width. */
int page_height(const struct page *p, int width);
/* From a line of those on. */
void page_draw(const struct page *p, struct grid *g, int x, int y, int width, int height, int from);

#endif
