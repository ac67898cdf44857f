// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/rule.h"

#include <string.h>

#include "policy/glob.h"

static int vendor_matches(const struct rule *rule, const struct pci_function *f)
{
	return f->vendor == rule->vendor;
}

static int device_matches(const struct rule *rule, const struct pci_function *f)
{
	return f->device == rule->device;
}

static int class_matches(const struct rule *rule, const struct pci_function *f)
{
	if (rule->class.is)
		return rule->class.is(f);
	return (f->class & rule->class.mask) == rule->class.code;
}

/* "*" asks for a driver, whichever: a function without one never matches. */
static int driver_matches(const struct rule *rule, const struct pci_function *f)
{
	return f->driver && glob_matches(rule->driver, f->driver);
}

/* As people write slots: domain 0 may be left out. */
static int slot_matches(const struct rule *rule, const struct pci_function *f)
{
	static const char domain0[] = "0000:";
	size_t len = sizeof(domain0) - 1;

	if (glob_matches(rule->slot, f->slot))
		return 1;
	return !strncmp(f->slot, domain0, len) && glob_matches(rule->slot, f->slot + len);
}

static int place_matches(const struct rule *rule, const struct pci_function *f)
{
	return f->place == rule->place;
}

static int use_matches(const struct rule *rule, const struct pci_function *f)
{
	return (f->uses & rule->use) != 0;
}

static int (*const matches[])(const struct rule *rule, const struct pci_function *f) = {
	[RULE_VENDOR] = vendor_matches,
	[RULE_DEVICE] = device_matches,
	[RULE_CLASS] = class_matches,
	[RULE_DRIVER] = driver_matches,
	[RULE_SLOT] = slot_matches,
	[RULE_PLACE] = place_matches,
	[RULE_USE] = use_matches,
};

int rule_matches(const struct rule *rule, const struct pci_function *f)
{
	for (unsigned int field = 0; field < sizeof(matches) / sizeof(*matches); field++)
		if (rule_says(rule, (enum rule_field)field) && !matches[field](rule, f))
			return 0;
	return 1;
}
