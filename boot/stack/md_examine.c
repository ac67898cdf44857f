// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/stack/md_examine.h"

#include <linux/raid/md_p.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The value behind "Key : ", in a line of its own; NULL if this line has another key. */
static const char *value_of(const char *line, const char *key)
{
	size_t len = strlen(key);

	line += strspn(line, " ");
	return strncmp(line, key, len) || strncmp(line + len, " : ", 3) ? NULL : line + len + 3;
}

static void take_line(const char *line, struct md_member *m)
{
	const char *value;

	value = value_of(line, "Raid Level");
	if (value)
		snprintf(m->level, sizeof(m->level), "%.*s", (int)strcspn(value, " \n"), value);
	value = value_of(line, "Raid Devices");
	if (value)
		m->devices = (unsigned int)strtoul(value, NULL, 10);
	value = value_of(line, "Feature Map");
	if (value)
		m->features = (unsigned int)strtoul(value, NULL, 16);
	if (value_of(line, "Reshape pos'n"))
		m->reshaping = 1;
}

void md_examine_parse(const char *text, struct md_member *member)
{
	*member = (struct md_member){.devices = 0};
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		take_line(line, member);
	}
}

const char *md_member_reason(const struct md_member *m)
{
	if (m->reshaping || m->features & MD_FEATURE_RESHAPE_ACTIVE)
		return "it is in the middle of a reshape, which assembling would go on with";
	if (m->features & MD_FEATURE_JOURNAL)
		return "it has a journal, which would be replayed";
	if (m->features & MD_FEATURE_CLUSTERED)
		return "it belongs to a cluster";
	if (!strcmp(m->level, "container"))
		return "firmware RAID is not assembled: its metadata cannot be kept from being "
		       "written";
	return NULL;
}
