/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_COMMAND_H
#define UI_COMMAND_H

/*
 * What the commands share: each is a function in a file of its own and a row of the table in
 * main.c. A command speaks to the user itself and returns an exit code.
 */

#include "devices/machine.h"
#include "policy/ask.h"
#include "ui/options.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_REFUSED = 3, /* by policy or for safety */
};

struct session {
	struct machine machine;
	struct options options;
	void *memory;      /* talloc context for the whole run */
	int lock;          /* the file of lock.h, 0 for none */
	uint64_t began_us; /* when the command did (clock_wall_us()); 0 for nobody knows */
	int answered;      /* standard output has an answer, which an error would spoil */
};

typedef enum exit_code command(struct session *s);

command command_list, command_devices, command_plan, command_load, command_unload, command_exec,
	command_report, command_quiesce, command_rebind, command_save, command_preinit,
	command_audit, command_policy, command_show, command_unlock, command_settings, command_keep,
	command_menu, command_reboot, command_refresh, command_enable, command_disable,
	command_status, command_crash;

/* Print the sentence as the one error line; returns the code. */
enum exit_code command_fail(enum exit_code code, const struct err *err);

/* Print the talloc'ed jansson value (struct json_t *) to standard output and release it. */
struct json_t;
enum exit_code command_print_json(struct session *s, struct json_t *json);

/* What the machine is, what the policy decided, and the plan for it. When the policy does not load,
 * *policy_error is its sentence and the decision is that of the built-in one, else NULL. */
struct still_plan {
	struct pci_snapshot *snapshot;
	struct policy_facts facts; /* the snapshot among them */
	struct decision *decision;
	struct plan *plan;
	const char *policy_error;
	int is_kept; /* the decision is an earlier one, which nobody makes anew (pinned.h) */
};

/* Read the machine: snapshot and facts. */
int command_read_facts(struct session *s, struct still_plan *p, struct err *err);
/* Without root rights less is seen: say so. */
void command_warn_of_rights(const struct session *s, const struct still_plan *p);
/* Decide what a question asks, and make the plan; an error when its policy does not load. */
int command_ask(
	struct session *s, const struct question *question, struct still_plan *p, struct err *err);
/* Decide by the rules of this machine and --policy, or, when they do not load, by the built-in ones.
 * explain is a device of which the decision shall tell every rule, or NULL. */
int command_decide(struct session *s, struct still_plan *p, const char *explain, struct err *err);
/* All of this: read the facts, warn, decide. by_hand is what somebody leaves alone this time, borrowed;
 * NULL for nothing. */
int command_make_plan(struct session *s, struct still_plan *p, struct err *err);
int command_make_plan_by_hand(struct session *s, struct still_plan *p,
	const struct host_optouts *by_hand, struct err *err);
/* Decide once more, after the snapshot has changed. A policy that does not load any more is an error. */
int command_decide_again(struct session *s, struct still_plan *p, struct err *err);

/* Say so on standard error if the plan is only the built-in one. */
void command_policy_error(const struct still_plan *p);

#endif
