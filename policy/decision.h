/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_DECISION_H
#define POLICY_DECISION_H

/*
 * What a policy decided: what is asked for each function, which errands are to be run, what changes on
 * the target's command line, and what is said of entries and of booting. It is data alone, without
 * Lua: it is what the process in which the policy runs sends back, and what is kept beside a loaded
 * kernel for the case that the policy does not load any more. As bytes it is a JSON object.
 */

#include "devices/err.h"
#include "policy/rule.h"

/* What is asked for one function. */
struct request {
	const char *slot;
	/* Which device stood there, and its driver (NULL for none): what is decided is for that one.
	 * 0 and 0 where it is not known. */
	uint16_t vendor, device;
	const char *driver;
	enum {
		ASK_NOTHING,   /* no rule speaks of it */
		ASK_LEAVE,     /* a rule leaves it */
		ASK_UNDECIDED, /* a rule takes a leave back, but none says what to do */
		ASK_STEPS,
	} what;
	const char *where,
		*why;      /* the rule that decided; where is NULL for ASK_NOTHING, why may be */
	unsigned int uses; /* enum pci_use: what may need the function, and the rule speaks of it */
	enum step steps[PLAN_STEPS_MAX];
	unsigned char stages[PLAN_STEPS_MAX]; /* as in a plan */
	size_t step_count;
	unsigned int deadline_ms; /* to unbind */
};

struct errand_request {
	struct plan_errand errand;
	unsigned int uses; /* of STEP_UNBIND: as above */
};

/* A word to be added to or taken out of the target's command line. */
struct option_change {
	enum { OPTION_REMOVE, OPTION_ADD } how; /* removed are those that match the glob */
	const char *word, *where, *why;         /* why may be NULL */
	unsigned int order;                     /* of its rule, while the decision is made */
};

/* The way out of this kernel when a driver never lets go of its device. */
enum policy_on_hang {
	POLICY_HANG_RESTART, /* at once, past all drivers (sysrq b) */
	POLICY_HANG_CRASH,   /* by a crash (sysrq c), which a loaded crash kernel catches */
};

/* What one rule had to do with the slot that was to be explained. */
struct explanation {
	const char *where;
	const char *field; /* the first that does not agree, NULL if the rule matches */
	const char *saw;   /* what that field saw; NULL if nothing */
	const char *won;   /* what it decided: "leave, steps"; NULL if nothing */
};

/* More changes of the command line are refused. The kernel takes 2048 bytes of it (x86,
 * arch/x86/include/asm/setup.h, COMMAND_LINE_SIZE). */
#define DECISION_OPTIONS_MAX 4096

struct decision { /* a talloc context */
	struct request *requests;
	size_t count;
	struct errand_request *errands; /* ordered by stage */
	size_t errand_count;
	struct option_change *options;
	size_t option_count;
	struct entry_rule *entries; /* in the order of their declaration */
	size_t entry_count;
	struct boot_rule boot;                   /* of each field the last that was written, ... */
	const char *boot_where[BOOT_FIELDS];     /* and which rule that was */
	const char *no_quiesce, *no_quiesce_why; /* the rule that switches it off; NULL for none */
	const char *no_jump, *no_jump_why;       /* likewise, of the jump itself */
	unsigned int load_retries;
	struct explanation *explanations;
	size_t explanation_count;
};

/* The request for a slot; NULL if there is none. */
const struct request *decision_find(const struct decision *d, const char *slot);

/* As JSON text, malloc'ed (free() it) and *len long; NULL if there is no memory. */
char *decision_write(const struct decision *d, size_t *len);

/* And back; bytes are hostile: limits, words and shapes are checked, -EBADMSG with what is wrong. The
 * decision belongs to ctx. */
int decision_parse(
	const char *bytes, size_t len, void *ctx, struct decision **decision, struct err *err);

#define DECISION_MAX ((size_t)32 << 20) /* bytes of the largest that is read */

#endif
