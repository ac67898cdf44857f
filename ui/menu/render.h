/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_RENDER_H
#define MENU_RENDER_H

/*
 * From one screen to the next in few bytes: ncurses, which knows terminals, writing into a memory file. It
 * touches no terminal and no signal, and there can be several. LINES and COLUMNS of the environment are ours.
 */

#include "devices/err.h"
#include "ui/menu/grid.h"

struct render;
struct renders; /* all that there are: ncurses does not keep its screens apart (render.c) */

struct renders *renders_new(void *ctx);

/* One more of them, below ctx, for a terminal of this size. */
struct render_setup {
	struct renders *all;
	const char *const *types; /* NULL at its end */
	int width, height;
	int is_ascii; /* whatever the locale says */
};

/* For the first of its types that terminfo knows. -EOPNOTSUPP if it knows none, or if that one cannot place its
 * cursor. */
int render_new(
	void *ctx, const struct render_setup *setup, struct render **render, struct err *err);

/* The type that was taken. */
const char *render_type(const struct render *render);
int render_has_mouse(const struct render *render);

/* Each adds to what is to be taken. Beginning with the first frame, until the end, the terminal is in the state
 * that terminfo has for programs with a screen. After the end it may begin again. */
void render_frame(struct render *render, const struct grid *grid);
void render_end(struct render *render);
/* The bytes up to now, valid until the next call of any of these. */
const char *render_take(struct render *render, size_t *len);

/* The screen has another size (then the next frames of all others are drawn whole, too), or shows what nobody knows: the next frame is drawn whole. */
void render_resize(struct render *render, int width, int height);
void render_spoiled(struct render *render);

#endif
