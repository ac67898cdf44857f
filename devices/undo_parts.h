/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_UNDO_PARTS_H
#define DEVICES_UNDO_PARTS_H

/* What undo.c and undo_file.c leave to undo_errands.c: errands, by the contracts of undo.h. */

#include "devices/undo.h"

/* What the plan's errands change; -ENOMEM. */
int undo_take_errands(struct machine *m, const struct plan *plan, struct undo *undo);

/* What the earlier one knows is how it was; -ENOMEM. */
int undo_merge_errands(struct undo *undo, const struct undo *earlier);

/* Put them back, the last one first. Each change that is needed goes through put_back (path below
 * the root, and what to write); returns how many drivers were bound again. */
size_t undo_apply_errands(struct machine *m, const struct undo *undo,
	int (*put_back)(void *ctx, const char *path, const char *value), void *ctx);

/* Their lines, behind the talloc string text; NULL when memory ran out. */
char *undo_format_errands(const struct undo *undo, char *text);

/* One such line. -EINVAL if it is none, -ENOMEM. */
int undo_parse_errand(struct undo *undo, const char *line);

#endif
