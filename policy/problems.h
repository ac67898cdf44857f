/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_PROBLEMS_H
#define POLICY_PROBLEMS_H

/*
 * What is wrong with policy files: as many errors as can be found in one go, each with file, line and
 * column.
 */

#include <stddef.h>

/* More of them help nobody. */
#define PROBLEMS_MAX 50

struct problem {
	const char *file;
	unsigned int line, column; /* from 1; 0 where it is not known */
	const char *text;
};

struct problems { /* a talloc context */
	struct problem *list;
	size_t count;
};

/* Longer texts are cut, in bytes. */
#define PROBLEM_TEXT_MAX 1000

/* Add one; the strings are copied. -E2BIG when there are PROBLEMS_MAX already (it is not
 * added then), -ENOMEM. */
int problems_add(struct problems *p, const char *file, unsigned int line, unsigned int column,
	const char *text);

/* Add what an error says: "file:line: text" is taken apart, what does not begin so is about file. In the
 * bytes of that file the column is looked for. */
int problems_add_error(
	struct problems *p, const char *file, const char *bytes, size_t len, const char *error);

/* Where a word stands in a source, looking from a line on (from 1), at most 200 lines down; *line is
 * changed to the line where it was found. The column in bytes from 1, 0 if it is not there. */
unsigned int problems_find(const char *bytes, size_t len, const char *word, unsigned int *line);

/* The same of a field of a table: where it gets its value, "word =", if that is written anywhere. */
unsigned int problems_find_field(
	const char *bytes, size_t len, const char *word, unsigned int *line);

#endif
