// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/policy.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "policy/builtin.h"
#include "policy/boot_schema.h"
#include "policy/device_schema.h"
#include "policy/rule.h"
#include "policy/sandbox.h"

/* What the words of a running chunk work on. */
struct declaring {
	struct rule_set *set; /* of this chunk alone; a talloc context */
	size_t room;          /* for so many more rules */
	const char *name;
};

/* What no single field can see. */
static void check_rule(lua_State *L, const struct rule *rule)
{
	unsigned int actions = 1u << RULE_LEAVE | 1u << RULE_STEPS | 1u << RULE_DEADLINE;

	if (!(rule->says & actions))
		luaL_error(
			L, "device needs leave, steps or deadline: as it stands it does nothing");
	if (rule_says(rule, RULE_LEAVE) && rule->leave && rule_says(rule, RULE_STEPS))
		luaL_error(L, "device has leave = true and steps: it can only be one of them");
}

/* Room for one more; doubles, so that the count needs no capacity beside it. */
static int grow(struct rule_set *set)
{
	struct rule *rules;

	if (set->count & (set->count - 1))
		return 0;
	rules = talloc_realloc(set, set->rules, struct rule, set->count ? 2 * set->count : 1);
	if (!rules)
		return -ENOMEM;
	set->rules = rules;
	return 0;
}

static int declare_device(lua_State *L)
{
	struct declaring *d = sandbox_data(L);
	struct rule rule = {0};

	if (d->set->count >= d->room)
		return luaL_error(L, "more than %d rules", POLICY_RULES_MAX);
	rule.says = schema_read(L, &device_schema, d->set, &rule);
	check_rule(L, &rule);
	rule.where = talloc_asprintf(d->set, "%s:%d", d->name, sandbox_line(L));
	if (!rule.where || grow(d->set) < 0)
		return luaL_error(L, "out of memory");
	d->set->rules[d->set->count++] = rule;
	return 0;
}

static void boot_merge(struct boot_rule *into, const struct boot_rule *later)
{
	if (later->says & 1u << BOOT_ON_HANG)
		into->on_hang = later->on_hang;
	into->says |= later->says;
}

static int declare_boot(lua_State *L)
{
	struct declaring *d = sandbox_data(L);
	struct boot_rule rule = {0};

	rule.says = schema_read(L, &boot_schema, d->set, &rule);
	boot_merge(&d->set->boot, &rule);
	return 0;
}

static const luaL_Reg words[] = {
	{"boot", declare_boot},
	{"device", declare_device},
	{NULL, NULL},
};

/* Append the rules of a chunk; their strings stay below the chunk's set, which stays below p. */
static int append(struct policy *p, const struct rule_set *set)
{
	size_t count = p->set.count + set->count;
	struct rule *rules = talloc_realloc(p, p->set.rules, struct rule, count);

	if (!rules && count)
		return -ENOMEM;
	if (set->count)
		memcpy(rules + p->set.count, set->rules, set->count * sizeof(*rules));
	p->set.rules = rules;
	p->set.count = count;
	boot_merge(&p->set.boot, &set->boot);
	return 0;
}

enum policy_on_hang policy_on_hang(const struct policy *p)
{
	return (enum policy_on_hang)p->set.boot.on_hang;
}

int policy_new(void *ctx, struct policy **policy)
{
	struct policy *p = talloc_zero(ctx, struct policy);

	if (!p)
		return -ENOMEM;
	*policy = p;
	return 0;
}

int policy_add_chunk(
	struct policy *p, const char *bytes, size_t len, const char *name, struct err *err)
{
	const struct sandbox_chunk chunk = {.bytes = bytes, .len = len, .name = name};
	struct rule_set *set;
	struct declaring declaring;
	int rc;

	if (len > POLICY_FILE_MAX)
		return err_set(err, -EFBIG, "%s: larger than %d bytes", name, POLICY_FILE_MAX);
	set = talloc_zero(p, struct rule_set);
	if (!set)
		return err_errno(err, -ENOMEM, "%s", name);
	declaring = (struct declaring){
		.set = set,
		.room = POLICY_RULES_MAX - p->set.count,
		.name = name,
	};
	rc = sandbox_run(&chunk, words, &declaring, err);
	if (!rc && append(p, set) < 0)
		rc = err_errno(err, -ENOMEM, "%s", name);
	if (rc < 0)
		talloc_free(set);
	return rc;
}

int policy_load_builtin(void *ctx, struct policy **policy, struct err *err)
{
	struct policy *p;
	int rc;

	if (policy_new(ctx, &p) < 0)
		return err_errno(err, -ENOMEM, "load the built-in policy");
	rc = policy_add_chunk(p, builtin_policy, builtin_policy_len, POLICY_BUILTIN, err);
	if (rc < 0) {
		talloc_free(p);
		return rc;
	}
	*policy = p;
	return 0;
}
