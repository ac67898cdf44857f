// SPDX-License-Identifier: GPL-2.0-or-later
/* What scripts see: tables with copies of what is known, only to be read, as all functions get the same.
 * Each is made once, when it is asked for. */
#include <string.h>
#include <talloc.h>

#include "policy/loaded.h"
#include "policy/schemas.h"
#include "policy/walk.h"

void tables_set_text(lua_State *L, const char *name, const char *text)
{
	if (!text)
		return;
	lua_pushstring(L, text);
	lua_setfield(L, -2, name);
}

static void set_number(lua_State *L, const char *name, unsigned int value)
{
	lua_pushinteger(L, (lua_Integer)value);
	lua_setfield(L, -2, name);
}

static const struct schema_word *words_of(enum device_field field)
{
	return device_schema.fields[field].words;
}

/* { disk = true } */
static void set_uses(lua_State *L, unsigned int uses)
{
	lua_newtable(L);
	for (const struct schema_word *word = words_of(DEVICE_USE); word->name; word++)
		if (word->value != ~0u && uses & word->value) {
			lua_pushboolean(L, 1);
			lua_setfield(L, -2, word->name);
		}
	walk_freeze(L);
	lua_setfield(L, -2, "use");
}

static void set_resets(lua_State *L, const struct pci_function *f)
{
	lua_newtable(L);
	for (unsigned int bit = 0; pci_reset_name(bit); bit++)
		if (f->resets & 1U << bit) {
			lua_pushboolean(L, 1);
			lua_setfield(L, -2, pci_reset_name(bit));
		}
	walk_freeze(L);
	lua_setfield(L, -2, "resets");
}

static void push_function(lua_State *L, const struct pci_function *f)
{
	lua_createtable(L, 0, 16);
	tables_set_text(L, "bus", "pci");
	tables_set_text(L, "slot", f->slot);
	set_number(L, "vendor", f->vendor);
	set_number(L, "device", f->device);
	set_number(L, "subsystem_vendor", f->subsystem_vendor);
	set_number(L, "subsystem_device", f->subsystem_device);
	set_number(L, "class", f->class);
	tables_set_text(L, "driver", f->driver);
	tables_set_text(L, "place", schema_word_of(words_of(DEVICE_PLACE), f->place));
	tables_set_text(L, "port",
		schema_word_of(words_of(DEVICE_PORT),
			f->express < 0 ? PORT_NONE : (unsigned int)f->express));
	tables_set_text(L, "parent", f->parent ? f->parent->slot : NULL);
	set_number(L, "vf_count", f->vf_count);
	set_uses(L, f->uses);
	set_resets(L, f);
}

static void push_other(lua_State *L, const struct bus_device *other)
{
	lua_createtable(L, 0, 5);
	tables_set_text(L, "bus", other->bus);
	tables_set_text(L, "name", other->name);
	tables_set_text(L, "driver", other->driver);
	tables_set_text(L, "behind", other->behind);
	set_uses(L, other->uses);
}

/* The reference in which the subject's table is kept. */
static int *table_of(lua_State *L, struct policy *p, const struct subject *s)
{
	const struct policy_facts *facts = p->facts;

	if (!p->function_tables)
		p->function_tables = talloc_zero_array(p, int, facts->snapshot->count + 1);
	if (!p->other_tables)
		p->other_tables = talloc_zero_array(p, int, facts->host->other_count + 1);
	if (!p->function_tables || !p->other_tables)
		luaL_error(L, "out of memory");
	return s->f ? &p->function_tables[s->f - facts->snapshot->functions]
		    : &p->other_tables[s->other - facts->host->others];
}

void tables_push_subject(lua_State *L, struct policy *p, const struct subject *s)
{
	int *table = table_of(L, p, s);

	luaL_checkstack(L, 16, NULL);
	if (!*table) {
		if (s->f)
			push_function(L, s->f);
		else
			push_other(L, s->other);
		walk_freeze(L);
		*table = luaL_ref(L, LUA_REGISTRYINDEX);
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, *table);
}

static void push_machine(lua_State *L, struct policy *p)
{
	const struct host *h = p->facts->host;
	const struct pci_snapshot *snapshot = p->facts->snapshot;
	lua_Integer n = 0;

	lua_createtable(L, 0, 12);
	tables_set_text(L, "vendor", h->vendor);
	tables_set_text(L, "product", h->product);
	tables_set_text(L, "version", h->version);
	tables_set_text(L, "board_vendor", h->board_vendor);
	tables_set_text(L, "board", h->board);
	tables_set_text(L, "bios_vendor", h->bios_vendor);
	tables_set_text(L, "bios", h->bios);
	tables_set_text(L, "kernel", h->kernel);
	tables_set_text(L, "cmdline", h->cmdline);
	tables_set_text(L, "lockdown", schema_word_of(words_of(DEVICE_LOCKDOWN), h->lockdown));
	lua_createtable(L, (int)(snapshot->count + h->other_count), 0);
	for (size_t i = 0; i < snapshot->count; i++) {
		tables_push_subject(L, p, &(struct subject){.f = &snapshot->functions[i]});
		lua_rawseti(L, -2, ++n);
	}
	for (size_t i = 0; i < h->other_count; i++) {
		tables_push_subject(L, p, &(struct subject){.other = &h->others[i]});
		lua_rawseti(L, -2, ++n);
	}
	walk_freeze(L);
	lua_setfield(L, -2, "devices");
}

void tables_push_machine(lua_State *L, struct policy *p)
{
	luaL_checkstack(L, 16, NULL);
	if (!p->machine_table) {
		push_machine(L, p);
		walk_freeze(L);
		p->machine_table = luaL_ref(L, LUA_REGISTRYINDEX);
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, p->machine_table);
}
