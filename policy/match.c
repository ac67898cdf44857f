// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <talloc.h>

#include "policy/glob.h"
#include "policy/loaded.h"
#include "policy/schemas.h"
#include "policy/version_range.h"

static int any_glob(const char *const *globs, const char *text)
{
	for (; *globs; globs++)
		if (glob_matches(*globs, text))
			return 1;
	return 0;
}

static int any_id(const struct id_list *list, unsigned int id)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->ids[i] == id)
			return 1;
	return 0;
}

#define GLOBS(list) ((const char *const *)(list))

/* A field of a PCI function; on another bus it does not come to this (declare.c, check_device). */
#define OF_FUNCTION(field, agrees)                                                                 \
	static int match_##field(                                                                  \
		const struct policy *p, const struct device_rule *rule, const struct subject *s)   \
	{                                                                                          \
		const struct pci_function *f = s->f;                                               \
                                                                                                   \
		(void)p;                                                                           \
		return f && (agrees);                                                              \
	}

OF_FUNCTION(vendor, any_id(&rule->vendor, f->vendor))
OF_FUNCTION(device_id, any_id(&rule->device, f->device))
OF_FUNCTION(subsystem_vendor, any_id(&rule->subsystem_vendor, f->subsystem_vendor))
OF_FUNCTION(subsystem_device, any_id(&rule->subsystem_device, f->subsystem_device))
OF_FUNCTION(class,
	rule->class.is ? rule->class.is(f) : (f->class & rule->class.mask) == rule->class.code)
OF_FUNCTION(place, f->place == rule->place)
OF_FUNCTION(port, rule->port == PORT_NONE ? f->express < 0 : f->express == (int)rule->port)

/* As people write slots: domain 0 may be left out. */
static int match_slot(
	const struct policy *p, const struct device_rule *rule, const struct subject *s)
{
	static const char domain0[] = "0000:";
	size_t len = sizeof(domain0) - 1;

	(void)p;
	if (!s->f)
		return 0;
	if (any_glob(GLOBS(rule->slot), s->f->slot))
		return 1;
	return !strncmp(s->f->slot, domain0, len) && any_glob(GLOBS(rule->slot), s->f->slot + len);
}

/* "*" asks for a driver, whichever: a function without one never matches. */
static int match_driver(
	const struct policy *p, const struct device_rule *rule, const struct subject *s)
{
	const char *driver = s->f ? s->f->driver : s->other->driver;

	(void)p;
	return driver && any_glob(GLOBS(rule->driver), driver);
}

static int match_use(
	const struct policy *p, const struct device_rule *rule, const struct subject *s)
{
	(void)p;
	return ((s->f ? s->f->uses : s->other->uses) & rule->use) != 0;
}

static int match_bus(
	const struct policy *p, const struct device_rule *rule, const struct subject *s)
{
	(void)p;
	return !strcmp(rule->bus, s->f ? "pci" : s->other->bus);
}

static int match_name(
	const struct policy *p, const struct device_rule *rule, const struct subject *s)
{
	(void)p;
	return s->other && any_glob(GLOBS(rule->name), s->other->name);
}

#define OF_HOST(field, agrees)                                                                     \
	static int match_##field(                                                                  \
		const struct policy *p, const struct device_rule *rule, const struct subject *s)   \
	{                                                                                          \
		const struct host *host = p->facts->host;                                          \
                                                                                                   \
		(void)s;                                                                           \
		return agrees;                                                                     \
	}

OF_HOST(machine_vendor, any_glob(GLOBS(rule->machine_vendor), host->vendor))
OF_HOST(machine_product, any_glob(GLOBS(rule->machine_product), host->product))
OF_HOST(kernel, version_range_holds(&rule->kernel, host->kernel))
OF_HOST(lockdown, rule->lockdown == host->lockdown)

static int (*const matches[DEVICE_WHEN])(
	const struct policy *p, const struct device_rule *rule, const struct subject *s) = {
	[DEVICE_VENDOR] = match_vendor,
	[DEVICE_DEVICE] = match_device_id,
	[DEVICE_SUBSYSTEM_VENDOR] = match_subsystem_vendor,
	[DEVICE_SUBSYSTEM_DEVICE] = match_subsystem_device,
	[DEVICE_CLASS] = match_class,
	[DEVICE_DRIVER] = match_driver,
	[DEVICE_SLOT] = match_slot,
	[DEVICE_PLACE] = match_place,
	[DEVICE_PORT] = match_port,
	[DEVICE_USE] = match_use,
	[DEVICE_BUS] = match_bus,
	[DEVICE_NAME] = match_name,
	[DEVICE_MACHINE_VENDOR] = match_machine_vendor,
	[DEVICE_MACHINE_PRODUCT] = match_machine_product,
	[DEVICE_KERNEL] = match_kernel,
	[DEVICE_LOCKDOWN] = match_lockdown,
};

struct asking {
	struct policy *p;
	const struct subject *subject;
	int yes;
};

static int push_arguments(lua_State *L, void *data)
{
	const struct asking *a = data;

	tables_push_subject(L, a->p, a->subject);
	tables_push_machine(L, a->p);
	return 2;
}

static void take_answer(lua_State *L, void *data)
{
	struct asking *a = data;

	if (!lua_isboolean(L, -1))
		luaL_error(L, "when must say true or false, not a %s", luaL_typename(L, -1));
	a->yes = lua_toboolean(L, -1);
}

static int ask(struct policy *p, const struct device_rule *rule, const struct subject *subject,
	struct err *err)
{
	struct asking asking = {p, subject, 0};
	struct err cause;
	const struct sandbox_call call = {
		rule->declared.where, rule->when, push_arguments, take_answer, &asking};
	int rc = sandbox_call(p->sandbox, &call, &cause);

	if (rc < 0)
		return err_set(err, rc, "%.*s (the rule at %s, asked about %s)", ERR_TEXT_MAX - 150,
			cause.text, rule->declared.where,
			subject->f ? subject->f->slot : subject->other->name);
	return asking.yes;
}

int match_device(struct policy *p, const struct device_rule *rule, const struct subject *subject,
	enum device_field *field, struct err *err)
{
	unsigned int says = rule->declared.says & ((1u << DEVICE_WHEN) - 1);
	int yes;

	if (!(says >> DEVICE_BUS & 1) && !subject->f) {
		if (field)
			*field = DEVICE_BUS;
		return 0;
	}
	while (says) {
		unsigned int f = (unsigned int)__builtin_ctz(says);

		if (!matches[f](p, rule, subject)) {
			if (field)
				*field = (enum device_field)f;
			return 0;
		}
		says &= says - 1;
	}
	if (!declared_says(&rule->declared, DEVICE_WHEN))
		return 1;
	yes = ask(p, rule, subject, err);
	if (!yes && field)
		*field = DEVICE_WHEN;
	return yes;
}

int match_machine(const struct policy *p, const struct machine_rule *rule)
{
	const struct host *h = p->facts->host;
	const struct {
		const char **globs, *text;
	} fields[] = {
		[MACHINE_VENDOR] = {rule->vendor, h->vendor},
		[MACHINE_PRODUCT] = {rule->product, h->product},
		[MACHINE_VERSION] = {rule->version, h->version},
		[MACHINE_BOARD_VENDOR] = {rule->board_vendor, h->board_vendor},
		[MACHINE_BOARD] = {rule->board, h->board},
		[MACHINE_BIOS_VENDOR] = {rule->bios_vendor, h->bios_vendor},
		[MACHINE_BIOS] = {rule->bios, h->bios},
	};

	for (unsigned int i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (declared_says(&rule->declared, i) &&
			!any_glob(GLOBS(fields[i].globs), fields[i].text))
			return 0;
	if (declared_says(&rule->declared, MACHINE_KERNEL) &&
		!version_range_holds(&rule->kernel, h->kernel))
		return 0;
	return !declared_says(&rule->declared, MACHINE_LOCKDOWN) || rule->lockdown == h->lockdown;
}

/* "0x8086" */
static char *saw_id(void *ctx, unsigned int id)
{
	return talloc_asprintf(ctx, "0x%04x", id);
}

static const char *word_of(unsigned int field, unsigned int value)
{
	return schema_word_of(device_schema.fields[field].words, value);
}

char *match_saw(const struct policy *p, void *ctx, const struct subject *s, enum device_field field)
{
	const struct host *h = p->facts->host;
	const char *driver = s->f ? s->f->driver : s->other->driver;
	const char *use = s->f ? s->f->use : s->other->use;

	switch (field) {
	case DEVICE_VENDOR:
		return saw_id(ctx, s->f->vendor);
	case DEVICE_DEVICE:
		return saw_id(ctx, s->f->device);
	case DEVICE_SUBSYSTEM_VENDOR:
		return saw_id(ctx, s->f->subsystem_vendor);
	case DEVICE_SUBSYSTEM_DEVICE:
		return saw_id(ctx, s->f->subsystem_device);
	case DEVICE_CLASS:
		return talloc_asprintf(ctx, "0x%06x", s->f->class);
	case DEVICE_DRIVER:
		return talloc_strdup(ctx, driver ? driver : "no driver");
	case DEVICE_SLOT:
		return talloc_strdup(ctx, s->f->slot);
	case DEVICE_PLACE:
		return talloc_strdup(ctx, word_of(DEVICE_PLACE, s->f->place));
	case DEVICE_PORT:
		return talloc_strdup(
			ctx, word_of(DEVICE_PORT,
				     s->f->express < 0 ? PORT_NONE : (unsigned int)s->f->express));
	case DEVICE_USE:
		return talloc_strdup(ctx, use ? use : "nobody uses it");
	case DEVICE_BUS:
		return talloc_strdup(ctx, s->f ? "pci" : s->other->bus);
	case DEVICE_NAME:
		return talloc_strdup(ctx, s->other->name);
	case DEVICE_MACHINE_VENDOR:
		return talloc_strdup(ctx, h->vendor);
	case DEVICE_MACHINE_PRODUCT:
		return talloc_strdup(ctx, h->product);
	case DEVICE_KERNEL:
		return talloc_strdup(ctx, h->kernel);
	case DEVICE_LOCKDOWN:
		return talloc_strdup(ctx, word_of(DEVICE_LOCKDOWN, h->lockdown));
	case DEVICE_WHEN:
		return talloc_strdup(ctx, "the function said false");
	default:
		return talloc_strdup(ctx, "");
	}
}
