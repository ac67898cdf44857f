// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/at_end.h"

#include <string.h>

/* What ends with a system. Consoles, watchdogs and displays do not. */
#define ENDING (PCI_USE_DISK | PCI_USE_NETWORK | PCI_USE_VFIO | PCI_USE_OPEN)

static void end_uses(struct pci_snapshot *s)
{
	size_t count = 0;

	for (size_t i = 0; i < s->count; i++) {
		struct pci_function *f = &s->functions[i];

		f->uses &= ~(unsigned int)ENDING;
		if (!f->uses)
			f->use = NULL;
	}
	for (size_t i = 0; i < s->user_count; i++)
		if (!(s->users[i].uses & ENDING))
			s->users[count++] = s->users[i];
	s->user_count = count;
}

int at_end_plan(struct session *s, struct still_plan *end, struct err *err)
{
	int rc;

	memset(end, 0, sizeof(*end));
	rc = command_read_facts(s, end, err);
	if (rc < 0)
		return rc;
	end_uses(end->snapshot);
	return command_decide_again(s, end, err);
}
