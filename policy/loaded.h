/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_LOADED_H
#define POLICY_LOADED_H

/*
 * A policy as loaded, for the files of policy/ that load it and decide by it. It is made for one
 * machine: what machine { ... } includes and what predicates see depends on that.
 */

#include "policy/policy.h"
#include "policy/problems.h"
#include "policy/rule.h"
#include "policy/sandbox.h"

struct policy {
	const struct policy_facts *facts;
	struct sandbox *sandbox;
	struct problems *problems;
	size_t memory; /* that all declarations take, in bytes */
	struct device_rule *devices;
	struct entry_rule *entries;
	struct machine_rule *machines;
	struct boot_rule *boots;
	struct arrangement *arrangements;
	size_t device_count, entry_count, machine_count, boot_count, arrangement_count;
	/* Reads what machine { include = ... } names; NULL where nothing can be included. */
	int (*include)(struct policy *p, const char *from, const char *name, struct err *err);
	struct machine *m;  /* that include() reads from; NULL without */
	int is_extra;       /* the file of --policy is being read: its path is not below the root */
	unsigned int depth; /* of includes */
	int *function_tables; /* references of the tables that predicates see, one for each function;
				 0 for not yet made */
	int *other_tables;    /* likewise for devices of other buses */
	int machine_table;
};

/* All declarations together: more are refused. */
size_t policy_count(const struct policy *p);

/* The words of the language (declare.c). */
extern const luaL_Reg policy_words[];
sandbox_unknown declare_unknown;

/* Does the rule speak about the subject (match.c)? 1 or 0; negative with an error when its predicate
 * failed. *field, if not NULL, is the first that does not agree. */
int match_device(struct policy *p, const struct device_rule *rule, const struct subject *subject,
	enum device_field *field, struct err *err);
/* Without its predicate. */
int match_machine(const struct policy *p, const struct machine_rule *rule);

/* What a match field of a device rule saw, in words (explain.c); belongs to ctx. */
char *match_saw(
	const struct policy *p, void *ctx, const struct subject *subject, enum device_field field);

/* Push plain tables (tables.c): of a subject, of the machine. They raise errors. */
void tables_push_subject(lua_State *L, struct policy *p, const struct subject *subject);
void tables_push_machine(lua_State *L, struct policy *p);

/* Set a field of the table on top of the stack; NULL sets nothing. */
void tables_set_text(lua_State *L, const char *name, const char *text);

/* Let the arrange functions work on a decision, each on what the one before made (arrange.c). */
int arrange_run(struct policy *p, struct decision *decision, struct err *err);

/* In milliseconds, where nobody says so (decide.c). */
unsigned int policy_errand_deadline(enum step step);

/* Add an errand with its defaults (decide.c); NULL when there are PLAN_ERRANDS_MAX or no memory. */
struct errand_request *decision_add_errand(struct decision *d, enum step step, unsigned int stage);

#endif
