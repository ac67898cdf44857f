/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_ARRANGED_H
#define POLICY_ARRANGED_H

/* A step as an arrange function gets and gives it; the rows of step_schema.c. */

#include "policy/rule.h"

enum arranged_field {
	ARRANGED_STEP,
	ARRANGED_SLOT,
	ARRANGED_DRIVER,
	ARRANGED_RULE,
	ARRANGED_DEADLINE,
	ARRANGED_PATH,
	ARRANGED_VALUE,
	ARRANGED_MODULE,
	ARRANGED_INTERFACE,
	ARRANGED_SECONDS,
	ARRANGED_COMMAND,
	ARRANGED_FIELDS
};

struct arranged_step {
	unsigned int says; /* 1 << enum arranged_field */
	unsigned int step; /* enum step */
	const char *slot, *driver, *rule, *path, *value, *module, *interface;
	const char **command;
	unsigned int deadline, settle; /* milliseconds */
};

#endif
