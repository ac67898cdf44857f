// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/host_bus.h"
#include "devices/utf8.h"

#define FILE_MAX 65536 /* bytes; command lines end at 4096 (COMMAND_LINE_SIZE) */
#define LINE_MAX 512   /* of what is one name or number */

/* "" for what is not there; NULL when memory ran out. */
static char *read_text(struct machine *m, void *ctx, const char *path, size_t limit)
{
	char *text;
	int rc = machine_read_file(m, ctx, path, limit, &text, NULL);

	if (rc == -ENOMEM)
		return NULL;
	return rc < 0 ? talloc_strdup(ctx, "") : text;
}

static int read_line(struct machine *m, struct host *h, const char *path, const char **line)
{
	char *text = read_text(m, h, path, LINE_MAX);

	if (!text)
		return -ENOMEM;
	utf8_clean(text, HOST_TEXT_MAX);
	*line = text;
	return 0;
}

static int read_lines(struct machine *m, struct host *h)
{
	const struct {
		const char *path;
		const char **line;
	} lines[] = {
		{"sys/class/dmi/id/sys_vendor", &h->vendor},
		{"sys/class/dmi/id/product_name", &h->product},
		{"sys/class/dmi/id/product_version", &h->version},
		{"sys/class/dmi/id/board_vendor", &h->board_vendor},
		{"sys/class/dmi/id/board_name", &h->board},
		{"sys/class/dmi/id/bios_vendor", &h->bios_vendor},
		{"sys/class/dmi/id/bios_version", &h->bios},
		{"proc/sys/kernel/osrelease", &h->kernel},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(lines) / sizeof(*lines); i++)
		rc = read_line(m, h, lines[i].path, lines[i].line);
	return rc;
}

static int knows(const struct host *h, const char *driver)
{
	for (size_t i = 0; i < h->driver_count; i++)
		if (!strcmp(h->drivers[i].driver, driver))
			return 1;
	return 0;
}

static int add_driver(struct machine *m, struct host *h, const char *driver)
{
	struct host_driver *drivers = talloc_realloc(
		h, h->drivers, struct host_driver, h->driver_count + 1);
	char path[128];

	if (!drivers)
		return -ENOMEM;
	h->drivers = drivers;
	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%.64s/module", driver);
	drivers[h->driver_count] = (struct host_driver){
		.driver = talloc_strdup(h, driver),
		.module = machine_link_name(m, h, path),
	};
	if (!drivers[h->driver_count].driver)
		return -ENOMEM;
	if (!drivers[h->driver_count].module) /* built in */
		drivers[h->driver_count].module = "";
	h->driver_count++;
	return 0;
}

static int read_drivers(struct machine *m, const struct pci_snapshot *snapshot, struct host *h)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < snapshot->count; i++) {
		const char *driver = snapshot->functions[i].driver;

		if (driver && !knows(h, driver))
			rc = add_driver(m, h, driver);
	}
	return rc;
}

int host_read(struct machine *m, const struct pci_snapshot *snapshot, void *ctx, struct host **host,
	struct err *err)
{
	_cleanup_talloc_ struct host *h = talloc_zero(ctx, struct host);

	if (!h || read_lines(m, h) < 0)
		return err_errno(err, -ENOMEM, "read what machine this is");
	h->cmdline = read_text(m, h, "proc/cmdline", FILE_MAX);
	h->lockdown = snapshot->lockdown;
	if (!h->cmdline || read_drivers(m, snapshot, h) < 0 || host_read_buses(m, snapshot, h) < 0)
		return err_errno(err, -ENOMEM, "read what machine this is");
	*host = talloc_steal(ctx, h);
	h = NULL;
	return 0;
}

const struct bus_device *host_find(const struct host *h, const char *name)
{
	for (size_t i = 0; i < h->other_count; i++) {
		const struct bus_device *other = &h->others[i];
		size_t len = strlen(other->bus);

		if (!strncmp(name, other->bus, len) && name[len] == ':' &&
			!strcmp(name + len + 1, other->name))
			return other;
	}
	return NULL;
}
