/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_DECISION_WORDS_H
#define POLICY_DECISION_WORDS_H

/* The words that stand for enumerations in a decision's JSON, for writing and reading it. */

extern const char *const decision_whats[4]; /* of struct request's what */
extern const char *const decision_hows[2];  /* of struct option_change's how */

#endif
