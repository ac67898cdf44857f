// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/undo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/undo_parts.h"

/* A line of the file for each of a device's three facts, some 64 bytes each; one for each errand. */
#define FILE_MAX (4 << 20)
#define DEVICES_MAX 65536

int undo_write(struct machine *m, const struct undo *undo, struct err *err)
{
	_cleanup_talloc_ char *text = talloc_asprintf(NULL, "autoprobe %d\n", undo->autoprobe);
	int rc;

	for (size_t i = 0; i < undo->count && text; i++) {
		const struct undo_device *u = &undo->devices[i];

		if (u->driver[0])
			text = talloc_asprintf_append(text, "bind %s %s\n", u->slot, u->driver);
		if (text && u->vf_count)
			text = talloc_asprintf_append(text, "vfs %s %u\n", u->slot, u->vf_count);
		if (text && u->methods[0])
			text = talloc_asprintf_append(text, "methods %s %s\n", u->slot, u->methods);
		if (text && u->was_auto)
			text = talloc_asprintf_append(text, "control %s auto\n", u->slot);
	}
	text = undo_format_errands(undo, text);
	if (!text)
		return err_errno(err, -ENOMEM, "write /%s", UNDO_FILE);
	rc = m->effects->save_file(m, UNDO_FILE, text, strlen(text), err);
	return rc < 0 ? err_wrap(err, rc, "note how the devices were") : 0;
}

void undo_forget(struct machine *m)
{
	m->effects->remove_file(m, UNDO_FILE, NULL);
}

/* The device that the line is about; lines of one device follow each other. */
static struct undo_device *device_of(struct undo *undo, const char *slot)
{
	struct undo_device *u;

	if (undo->count && !strcmp(undo->devices[undo->count - 1].slot, slot))
		return &undo->devices[undo->count - 1];
	if (undo->count == DEVICES_MAX)
		return NULL;
	u = talloc_realloc(undo, undo->devices, struct undo_device, undo->count + 1);
	if (!u)
		return NULL;
	undo->devices = u;
	u = &undo->devices[undo->count++];
	*u = (struct undo_device){.was_auto = 0};
	snprintf(u->slot, sizeof(u->slot), "%s", slot);
	return u;
}

static int parse_line(struct undo *undo, const char *line)
{
	struct pci_slot numbers;
	struct undo_device *u;
	char word[16], slot[PCI_SLOT_MAX], value[64];
	int end = 0;

	if (sscanf(line, "autoprobe %1d%n", &undo->autoprobe, &end) == 1 && !line[end])
		return 0;
	if (sscanf(line, "%15s %15s %63[^\n]%n", word, slot, value, &end) != 3 || line[end] ||
		pci_parse_slot(slot, &numbers) < 0 || strchr(value, '/'))
		return undo_parse_errand(undo, line);
	u = device_of(undo, slot);
	if (!u)
		return -ENOMEM;
	if (!strcmp(word, "bind"))
		strcpy(u->driver, value);
	else if (!strcmp(word, "control") && !strcmp(value, "auto"))
		u->was_auto = 1;
	else if (!strcmp(word, "methods"))
		strcpy(u->methods, value);
	else if (!strcmp(word, "vfs"))
		return sscanf(value, "%5u", &u->vf_count) == 1 ? 0 : -EINVAL;
	else
		return -EINVAL;
	return 0;
}

int undo_parse(char *text, void *ctx, struct undo **undo, struct err *err)
{
	_cleanup_talloc_ struct undo *read = talloc_zero(NULL, struct undo);
	unsigned int number = 0;
	char *line, *rest;

	if (!read)
		return err_errno(err, -ENOMEM, "read /%s", UNDO_FILE);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		int rc = parse_line(read, line);

		number++;
		if (rc < 0)
			return err_errno(err, rc,
				"/%s, line %u is damaged ('%.80s'): mend it, or remove the file "
				"and bind the drivers by hand",
				UNDO_FILE, number, line);
	}
	*undo = talloc_steal(ctx, read);
	read = NULL;
	return 0;
}

int undo_read(struct machine *m, void *ctx, struct undo **undo, struct err *err)
{
	_cleanup_talloc_ char *text = NULL;
	int rc = machine_read_file(m, NULL, UNDO_FILE, FILE_MAX, &text, err);

	return rc < 0 ? rc : undo_parse(text, ctx, undo, err);
}
