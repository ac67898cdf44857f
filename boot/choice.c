// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/choice.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/version.h"

struct choices *choices_new(void *ctx)
{
	struct choices *c = talloc_zero(ctx, struct choices);

	if (c)
		c->chosen = CHOICE_NONE;
	return c;
}

int choices_add(struct choices *c, enum entry_choice choice, const char *name, const char *where,
	size_t index)
{
	struct choice_proposal *more = talloc_realloc(
		c, c->list, struct choice_proposal, c->count + 1);
	struct choice_proposal p = {.choice = choice, .index = index};

	if (!more)
		return -ENOMEM;
	c->list = more;
	p.name = name ? talloc_strdup(c, name) : NULL;
	p.where = talloc_strdup(c, where);
	if (!p.where || (name && !p.name))
		return -ENOMEM;
	more[c->count++] = p;
	return 0;
}

int choices_put_first(struct choices *c, const char *name, const char *where, size_t index)
{
	int rc = choices_add(c, ENTRY_CHOICE_SAVED, name ? name : "newest version", where, index);
	struct choice_proposal p;

	if (rc < 0)
		return rc;
	p = c->list[c->count - 1];
	p.newest = !name;
	memmove(c->list + 1, c->list, (c->count - 1) * sizeof(p));
	c->list[0] = p;
	return 0;
}

static bool can_be_booted(const struct entry *e)
{
	return !e->reason && !e->hidden_by;
}

/* Its version, or its kernel's name where it has none ("vmlinuz-6.1.0-42-amd64"). */
static const char *version_of(const struct entry *e)
{
	const char *slash = e->kernel.path ? strrchr(e->kernel.path, '/') : NULL;

	if (e->version)
		return e->version;
	return slash ? slash + 1 : "";
}

/* Entries without tries left are older than all others. */
static bool is_newer(const struct entry *e, const struct entry *than)
{
	if (!e->tries_left != !than->tries_left)
		return e->tries_left;
	return version_compare(version_of(e), version_of(than)) > 0;
}

size_t choice_newest(const struct entry_list *entries)
{
	size_t newest = CHOICE_NONE;

	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *e = &entries->entries[i];

		if (can_be_booted(e) &&
			(newest == CHOICE_NONE || is_newer(e, &entries->entries[newest])))
			newest = i;
	}
	return newest;
}

/* How well a proposal has to stand; each is less than the one before. */
enum demand { DEMAND_GOOD, DEMAND_BOOTABLE, DEMAND_THERE };

static bool meets(
	const struct choice_proposal *p, const struct entry_list *entries, enum demand demand)
{
	const struct entry *e;

	if (p->index >= entries->count)
		return false;
	e = &entries->entries[p->index];
	if (e->hidden_by && !p->name)
		return false;
	if (demand == DEMAND_THERE)
		return true;
	if (e->reason)
		return false;
	return demand == DEMAND_BOOTABLE || e->tries_left != 0 || p->choice == ENTRY_CHOICE_ONESHOT;
}

static size_t find(const struct choices *c, const struct entry_list *entries, enum demand demand)
{
	for (int choice = ENTRY_CHOICE_ONESHOT; choice <= ENTRY_CHOICE_NEWEST; choice++)
		for (size_t i = 0; i < c->count; i++)
			if (c->list[i].choice == (enum entry_choice)choice &&
				meets(&c->list[i], entries, demand))
				return i;
	return CHOICE_NONE;
}

/* Whatever was proposed cannot be booted, and something else can. */
static int propose_newest(struct choices *c, const struct entry_list *entries)
{
	size_t newest = choice_newest(entries);

	return newest == CHOICE_NONE
		       ? 0
		       : choices_add(c, ENTRY_CHOICE_NEWEST, NULL, "the newest version", newest);
}

int choices_decide(struct choices *c, struct entry_list *entries)
{
	while (c->count && c->list[c->count - 1].choice == ENTRY_CHOICE_NEWEST)
		c->count--; /* of an earlier time */
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].newest)
			c->list[i].index = choice_newest(entries);
	c->chosen = find(c, entries, DEMAND_GOOD);
	if (c->chosen == CHOICE_NONE && propose_newest(c, entries) < 0)
		return -ENOMEM;
	for (int demand = DEMAND_GOOD; c->chosen == CHOICE_NONE && demand <= DEMAND_THERE; demand++)
		c->chosen = find(c, entries, (enum demand)demand);
	for (size_t i = 0; i < entries->count; i++)
		entries->entries[i].is_default = c->chosen != CHOICE_NONE &&
						 c->list[c->chosen].index == i;
	return 0;
}

const struct choice_proposal *choices_passed_by(const struct choices *c, size_t index)
{
	const struct choice_proposal *first = NULL;

	for (size_t i = 0; i < c->count; i++) {
		if (c->list[i].choice != ENTRY_CHOICE_ONESHOT)
			continue;
		if (c->list[i].index == index)
			return NULL;
		first = first ? first : &c->list[i];
	}
	return first;
}

const char *choice_word(enum entry_choice choice)
{
	static const char *const words[] = {
		[ENTRY_CHOICE_ONESHOT] = "one-shot choice",
		[ENTRY_CHOICE_SAVED] = "saved choice",
		[ENTRY_CHOICE_POLICY] = "policy",
		[ENTRY_CHOICE_FORMAT] = "configuration",
		[ENTRY_CHOICE_NEWEST] = "newest version",
	};

	return words[choice];
}
