// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of the language: each reads its table by a schema and adds a record to the policy. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "policy/loaded.h"
#include "policy/schemas.h"
#include "policy/value.h"

/* The declaration that is being read. */
struct declaring {
	struct policy *p;
	const struct sandbox_chunk *chunk;
	const char *word;
	unsigned int line;
	size_t problems;   /* before it */
	int has_unknown;   /* a name in it is not there, which was told */
	const char *error; /* problems_add() failed: what to raise */
};

static int tell_at(struct policy *p, const struct sandbox_chunk *chunk, unsigned int line,
	unsigned int column, const char *text)
{
	char *plain = talloc_strndup(p, text, PROBLEM_TEXT_MAX);
	int rc = -ENOMEM;

	if (plain) {
		sandbox_one_line(plain);
		rc = problems_add(p->problems, chunk->name, line, column, plain);
	}
	talloc_free(plain);
	return rc;
}

/* A problem stands where its field stands, if that is found behind the declaration's beginning. Lua
 * counts a call that goes over several lines by its first. */
static void tell(void *data, const char *field, const char *text)
{
	struct declaring *d = data;
	const struct sandbox_chunk *c = d->chunk;
	unsigned int line = d->line, column = 0;

	if (!text) {
		d->has_unknown = 1;
		return;
	}
	if (line)
		column = field ? problems_find_field(c->bytes, c->len, field, &line)
			       : problems_find(c->bytes, c->len, d->word, &line);
	if (tell_at(d->p, c, line, column, text) < 0)
		d->error = "too many errors";
}

int declare_unknown(void *data, const struct sandbox_chunk *chunk, unsigned int line,
	const char *name, const char *text)
{
	unsigned int column = line ? problems_find(chunk->bytes, chunk->len, name, &line) : 0;

	return tell_at(data, chunk, line, column, text) == 0;
}

size_t policy_count(const struct policy *p)
{
	return p->device_count + p->entry_count + p->machine_count + p->boot_count +
	       p->arrangement_count;
}

/* Room for one more; doubles, so that the count needs no capacity beside it. */
static void *grow(struct policy *p, void *array, size_t size, size_t count)
{
	if (count & (count - 1))
		return array;
	return talloc_realloc_size(p, array, size * (count ? 2 * count : 1));
}

/* What no single field can see; NULL if all is well. */
static const char *check_device(const struct device_rule *rule, unsigned int says)
{
	const unsigned int of_pci = 1u << DEVICE_VENDOR | 1u << DEVICE_DEVICE |
				    1u << DEVICE_SUBSYSTEM_VENDOR | 1u << DEVICE_SUBSYSTEM_DEVICE |
				    1u << DEVICE_CLASS | 1u << DEVICE_SLOT | 1u << DEVICE_PLACE |
				    1u << DEVICE_PORT;
	int elsewhere = rule->bus && strcmp(rule->bus, "pci") != 0;

	if (says >> DEVICE_LEAVE & 1 && rule->leave && says >> DEVICE_STEPS & 1)
		return "device has leave = true and steps: it can only be one of them";
	if (elsewhere && says & of_pci)
		return "vendor, device, class, slot, place and port are of PCI functions: on "
		       "another bus a device has a name and a driver";
	if (elsewhere && says >> DEVICE_STEPS & 1 &&
		(rule->steps.count != 1 || rule->steps.steps[0] != STEP_UNBIND))
		return "on a bus other than PCI the only step is \"unbind\"";
	if (!elsewhere && says >> DEVICE_NAME & 1)
		return "name is of devices on another bus: say which by bus, or use slot";
	return NULL;
}

/* NULL where the declaration does something; else what it lacks, on the stack. */
static const char *check_actions(lua_State *L, const struct schema *schema, unsigned int says)
{
	const char *text = lua_pushfstring(L, "%s needs one of", schema->name);
	const char *between = " ";

	for (size_t i = 0; i < schema->count; i++) {
		if (schema->fields[i].kind != SCHEMA_ACTION)
			continue;
		if (says >> i & 1)
			return NULL;
		text = lua_pushfstring(L, "%s%s%s", text, between, schema->fields[i].name);
		between = ", ";
	}
	return lua_pushfstring(L, "%s: as it stands it does nothing", text);
}

/* Begin a declaration. */
static struct declaring begin(lua_State *L, const char *word)
{
	struct policy *p = sandbox_data(L);

	if (policy_count(p) >= POLICY_RULES_MAX)
		luaL_error(L, "more than %d rules", POLICY_RULES_MAX);
	if (!sandbox_chunk(L))
		luaL_error(L, "%s is only for files, not for functions", word);
	return (struct declaring){
		.p = p,
		.chunk = sandbox_chunk(L),
		.word = word,
		.line = sandbox_line(L),
		.problems = p->problems->count,
	};
}

/* What talloc takes for each block beside its contents, roughly. */
#define BLOCK_SIZE 112

/* Read the fields; 0 if there was anything wrong. */
static int read(lua_State *L, struct declaring *d, const struct schema *schema, void *record)
{
	const struct schema_teller teller = {tell, d};
	struct declared *declared = record;

	void *memory = talloc_new(d->p);

	if (!memory)
		luaL_error(L, VALUE_NO_MEMORY);
	declared->says = schema_read(L, schema, memory, record, &teller);
	d->p->memory += talloc_total_size(memory) + BLOCK_SIZE * talloc_total_blocks(memory);
	if (d->p->memory > POLICY_MEMORY_MAX)
		luaL_error(L, VALUE_NO_MEMORY);
	declared->where = talloc_asprintf(d->p, "%s:%u", d->chunk->name, d->line);
	declared->order = (unsigned int)policy_count(d->p);
	if (d->error || !declared->where)
		luaL_error(L, "%s", d->error ? d->error : VALUE_NO_MEMORY);
	return d->p->problems->count == d->problems && !d->has_unknown;
}

static void *keep(
	lua_State *L, struct policy *p, void *array, size_t *count, const void *record, size_t size)
{
	char *grown = grow(p, array, size, *count);

	if (!grown)
		luaL_error(L, VALUE_NO_MEMORY);
	memcpy(grown + (*count)++ * size, record, size);
	return grown;
}

static int finish(lua_State *L, struct declaring *d, const char *problem)
{
	if (problem)
		tell(d, NULL, problem);
	if (d->error)
		luaL_error(L, "%s", d->error);
	return problem == NULL;
}

static int declare_device(lua_State *L)
{
	struct declaring d = begin(L, "device");
	struct device_rule rule = {0};

	if (read(L, &d, &device_schema, &rule) &&
		finish(L, &d, check_actions(L, &device_schema, rule.declared.says)) &&
		finish(L, &d, check_device(&rule, rule.declared.says)))
		d.p->devices = keep(L, d.p, d.p->devices, &d.p->device_count, &rule, sizeof(rule));
	return 0;
}

static int declare_entry(lua_State *L)
{
	struct declaring d = begin(L, "entry");
	struct entry_rule rule = {0};

	if (read(L, &d, &entry_schema, &rule) &&
		finish(L, &d, check_actions(L, &entry_schema, rule.declared.says)))
		d.p->entries = keep(L, d.p, d.p->entries, &d.p->entry_count, &rule, sizeof(rule));
	return 0;
}

static int declare_boot(lua_State *L)
{
	struct declaring d = begin(L, "boot");
	struct boot_rule rule = {0};

	if (read(L, &d, &boot_schema, &rule) &&
		finish(L, &d, check_actions(L, &boot_schema, rule.declared.says)))
		d.p->boots = keep(L, d.p, d.p->boots, &d.p->boot_count, &rule, sizeof(rule));
	return 0;
}

/* The predicate is asked here and now: what a file includes depends on it. */
static int ask_machine(lua_State *L, struct policy *p, const struct machine_rule *rule)
{
	int yes;

	if (!match_machine(p, rule))
		return 0;
	if (!declared_says(&rule->declared, MACHINE_WHEN))
		return 1;
	lua_rawgeti(L, LUA_REGISTRYINDEX, rule->when);
	tables_push_machine(L, p);
	lua_call(L, 1, 1);
	if (!lua_isboolean(L, -1))
		luaL_error(L, "when must say true or false, not a %s", luaL_typename(L, -1));
	yes = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return yes;
}

#define INCLUDES_MAX 8 /* one in another */

/* What is wrong in the other file is among the problems then, and this one is read to its end. */
static void include(lua_State *L, struct declaring *d, const struct machine_rule *rule)
{
	struct policy *p = d->p;
	size_t before = p->problems->count;
	struct err err;
	int rc;

	if (p->depth == INCLUDES_MAX) {
		rc = err_set(&err, -ELOOP, "more than %d files include each other", INCLUDES_MAX);
	} else {
		p->depth++;
		rc = p->include
			     ? p->include(p, d->chunk->name, rule->include, &err)
			     : err_set(&err, -ENOENT, "%s cannot be included here", rule->include);
		p->depth--;
	}
	if (rc < 0 && p->problems->count == before)
		tell(d, "include", err.text);
	if (d->error)
		luaL_error(L, "%s", d->error);
}

static int declare_machine(lua_State *L)
{
	struct declaring d = begin(L, "machine");
	struct machine_rule rule = {0};

	if (!read(L, &d, &machine_schema, &rule) ||
		!finish(L, &d, check_actions(L, &machine_schema, rule.declared.says)))
		return 0;
	rule.matches = ask_machine(L, d.p, &rule);
	d.p->machines = keep(L, d.p, d.p->machines, &d.p->machine_count, &rule, sizeof(rule));
	if (rule.matches && declared_says(&rule.declared, MACHINE_INCLUDE))
		include(L, &d, &rule);
	return 0;
}

static int declare_arrange(lua_State *L)
{
	struct declaring d = begin(L, "arrange");
	struct arrangement a = {.declared.says = 0};

	if (lua_gettop(L) != 1 || !lua_isfunction(L, 1) || lua_iscfunction(L, 1)) {
		finish(L, &d,
			"arrange takes one function: arrange(function(machine, steps) ... return "
			"steps end)");
		return 0;
	}
	a.declared.where = talloc_asprintf(d.p, "%s:%u", d.chunk->name, d.line);
	if (!a.declared.where)
		luaL_error(L, VALUE_NO_MEMORY);
	a.function = luaL_ref(L, LUA_REGISTRYINDEX);
	d.p->arrangements = keep(L, d.p, d.p->arrangements, &d.p->arrangement_count, &a, sizeof(a));
	return 0;
}

const luaL_Reg policy_words[] = {
	{"arrange", declare_arrange},
	{"boot", declare_boot},
	{"device", declare_device},
	{"entry", declare_entry},
	{"machine", declare_machine},
	{NULL, NULL},
};
