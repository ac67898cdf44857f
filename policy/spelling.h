/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_SPELLING_H
#define POLICY_SPELLING_H

/*
 * "Did you mean": the known word that a mistyped one is probably meant to be.
 */

#include <stddef.h>

/* Longer words are not compared. */
#define SPELLING_WORD_MAX 31

/* The best candidate so far; starts as {.word = what was typed}. */
struct spelling {
	const char *word;
	const char *nearest; /* NULL as long as nothing is near */
	unsigned int distance;
};

/* Look at one known word (borrowed). Near is what differs by one or two letters inserted, left out,
 * replaced or swapped with their neighbour, and by less than half of the word typed. */
void spelling_consider(struct spelling *s, const char *known);

#endif
