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

/* As people write slots: domain 0 may be left out. */
static int any_slot(const char *const *globs, const char *slot)
{
	static const char domain0[] = "0000:";
	size_t len = sizeof(domain0) - 1;

	return any_glob(globs, slot) ||
	       (!strncmp(slot, domain0, len) && any_glob(globs, slot + len));
}

static int class_agrees(const struct class_pattern *class, const struct pci_function *f)
{
	return class->is ? class->is(f) : (f->class & class->mask) == class->code;
}

/* Of a PCI function; on another bus it does not come to this (declare.c, check_device). */
static int function_agrees(
	const struct device_rule *rule, const struct pci_function *f, enum device_field field)
{
	switch (field) {
	case DEVICE_VENDOR:
		return any_id(&rule->vendor, f->vendor);
	case DEVICE_DEVICE:
		return any_id(&rule->device, f->device);
	case DEVICE_SUBSYSTEM_VENDOR:
		return any_id(&rule->subsystem_vendor, f->subsystem_vendor);
	case DEVICE_SUBSYSTEM_DEVICE:
		return any_id(&rule->subsystem_device, f->subsystem_device);
	case DEVICE_CLASS:
		return class_agrees(&rule->class, f);
	case DEVICE_SLOT:
		return any_slot(GLOBS(rule->slot), f->slot);
	case DEVICE_PLACE:
		return f->place == rule->place;
	case DEVICE_PORT:
		return rule->port == PORT_NONE ? f->express < 0 : f->express == (int)rule->port;
	default:
		return 0;
	}
}

static int agrees(const struct policy *p, const struct device_rule *rule, const struct subject *s,
	enum device_field field)
{
	const struct host *host = p->facts->host;
	const char *driver = s->f ? s->f->driver : s->other->driver;

	switch (field) {
	case DEVICE_DRIVER: /* "*" asks for a driver, whichever */
		return driver && any_glob(GLOBS(rule->driver), driver);
	case DEVICE_USE:
		return ((s->f ? s->f->uses : s->other->uses) & rule->use) != 0;
	case DEVICE_BUS:
		return !strcmp(rule->bus, s->f ? "pci" : s->other->bus);
	case DEVICE_NAME:
		return s->other && any_glob(GLOBS(rule->name), s->other->name);
	case DEVICE_MACHINE_VENDOR:
		return any_glob(GLOBS(rule->machine_vendor), host->vendor);
	case DEVICE_MACHINE_PRODUCT:
		return any_glob(GLOBS(rule->machine_product), host->product);
	case DEVICE_KERNEL:
		return version_range_holds(&rule->kernel, host->kernel);
	case DEVICE_LOCKDOWN:
		return rule->lockdown == host->lockdown;
	default:
		return s->f && function_agrees(rule, s->f, field);
	}
}

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
		enum device_field f = (enum device_field)__builtin_ctz(says);

		if (!agrees(p, rule, subject, f)) {
			if (field)
				*field = f;
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
