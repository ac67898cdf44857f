/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_RULE_H
#define POLICY_RULE_H

/*
 * One device { ... } rule as loaded: what it matches, what it says, and where it stands. A rule
 * knows which of its fields were written (says); the others hold nothing. Rules are kept in the
 * order in which they were declared, the strings of a set below the set's talloc context.
 */

#include "devices/plan.h"
#include "policy/policy.h"

/* The fields of device { ... }; the bits of rule.says and the rows of the table in
 * device_schema.c. Those up to RULE_USE narrow down whom the rule speaks about, the others say
 * what is to be done. */
enum rule_field {
	RULE_VENDOR,
	RULE_DEVICE,
	RULE_CLASS,
	RULE_DRIVER,
	RULE_SLOT,
	RULE_PLACE,
	RULE_USE,
	RULE_LEAVE,
	RULE_STEPS,
	RULE_DEADLINE,
	RULE_WHY,
	RULE_FIELDS
};

/* A class by code: those functions whose class agrees with code in the bits of mask. Where the
 * words "bridge" and "display" mean more than a code, is() decides and the code is not used. */
struct class_pattern {
	uint32_t code, mask;
	int (*is)(const struct pci_function *f);
};

struct step_list {
	enum step steps[PLAN_STEPS_MAX];
	size_t count;
};

struct rule {
	const char *where; /* "default.lua:12" */
	unsigned int says; /* 1 << enum rule_field */
	unsigned int vendor, device;
	struct class_pattern class;
	const char *driver, *slot; /* globs */
	unsigned int place;        /* enum pci_place */
	unsigned int use;          /* enum pci_use: any of these */
	unsigned int leave;        /* 0 or 1 */
	struct step_list steps;
	unsigned int deadline; /* milliseconds */
	const char *why;
};

/* The fields of boot { ... }; the bits of boot_rule.says and the rows of boot_schema.c. */
enum boot_field { BOOT_ON_HANG, BOOT_FIELDS };

struct boot_rule {
	unsigned int says;    /* 1 << enum boot_field */
	unsigned int on_hang; /* enum policy_on_hang */
};

struct rule_set {
	struct rule *rules;
	size_t count;
	struct boot_rule boot; /* of each field the last that was written */
};

struct policy {
	struct rule_set set;
};

static inline int rule_says(const struct rule *rule, enum rule_field field)
{
	return rule->says >> field & 1;
}

/* Does every match field that the rule has agree with the function? */
int rule_matches(const struct rule *rule, const struct pci_function *f);

#endif
