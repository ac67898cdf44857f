// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/usage_disk.h"
#include "devices/usage_files.h"
#include "devices/usage_network.h"

#define WATCHDOGS_MAX 32 /* drivers/watchdog/watchdog_dev.c, MAX_DOGS */

/* Several users are rare and one in words is enough: the first one found stays. */
void usage_mark(struct pci_function *f, enum pci_use use, const char *text)
{
	for (struct pci_function *at = f; at; at = at->parent) {
		if (at != f && pci_is_bridge(at))
			continue;
		at->uses |= use;
		at->use = at->use ? at->use : text;
	}
	/* Unbinding or resetting the physical function takes its virtual ones away. */
	if (f && f->physical && f->physical != f)
		usage_mark(f->physical, use, text);
}

static void add_user(struct pci_snapshot *s, const struct pci_user *user)
{
	size_t room = talloc_array_length(s->users);

	if (s->user_count == room) {
		struct pci_user *grown = talloc_realloc(
			s, s->users, struct pci_user, room ? 2 * room : 16);

		if (!grown)
			return;
		s->users = grown;
	}
	s->users[s->user_count++] = *user;
}

struct pci_function *usage_mark_link(struct machine *m, struct pci_snapshot *s, const char *link,
	enum pci_use use, const char *text)
{
	struct pci_user user = {
		.path = pci_device_path(m, s, link),
		.function = pci_behind(m, s, link),
		.uses = use,
		.use = text,
	};

	if (user.path)
		add_user(s, &user);
	usage_mark(user.function, use, text);
	return user.function;
}

static char *words(struct pci_snapshot *s, const char *verb, const char *name)
{
	return talloc_asprintf(s, "%s %s", verb, name);
}

/* A class of sysfs whose members mark the function behind them. Framebuffers are fb0, fb1; of
 * DRM only the connectors count ("card0-HDMI-A-1"): a card alone may do nothing but compute. */
static const struct marker {
	const char *class, *prefix, *must_have;
	enum pci_use use;
	const char *verb;
} markers[] = {
	{"watchdog", "watchdog", "", PCI_USE_WATCHDOG, "carries"},
	{"graphics", "fb", "", PCI_USE_FRAMEBUFFER, "shows"},
	{"drm", "card", "-", PCI_USE_FRAMEBUFFER, "drives the connector"},
};

static const struct marker virtio_console = {
	"virtio-ports", "vport", "", PCI_USE_CONSOLE, "carries the console"};

/* Does the driver's module use the watchdog core (sys/module/watchdog/holders)? */
static int holds_watchdog(struct machine *m, void *ctx, const struct pci_function *f)
{
	char path[320];
	const char *module;

	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%.255s/module", f->driver);
	module = machine_link_name(m, ctx, path);
	if (!module)
		return 0;
	snprintf(path, sizeof(path), "sys/module/watchdog/holders/%.255s", module);
	return faccessat(m->root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * A watchdog whose driver names no parent device (i6300esb) stands among the virtual devices:
 * nothing leads to its function but the driver, which calls both by one name or is a module that
 * uses the watchdog core.
 */
static void read_virtual_watchdogs(struct machine *m, struct pci_snapshot *s)
{
	for (unsigned int n = 0; n < WATCHDOGS_MAX; n++) {
		_cleanup_talloc_ void *tmp = talloc_new(NULL);
		char path[64], name[16], *identity;

		snprintf(name, sizeof(name), "watchdog%u", n);
		snprintf(path, sizeof(path), "sys/class/watchdog/%s", name);
		if (faccessat(m->root_fd, path, F_OK, 0) < 0 || pci_behind(m, s, path))
			continue;
		snprintf(path, sizeof(path), "sys/class/watchdog/%s/identity", name);
		if (machine_read_file(m, tmp, path, 256, &identity, NULL) < 0)
			identity = talloc_strdup(tmp, "");
		for (size_t i = 0; i < s->count; i++) {
			struct pci_function *f = &s->functions[i];

			if (f->driver &&
				(!strcmp(f->driver, identity) || holds_watchdog(m, tmp, f)))
				usage_mark(f, PCI_USE_WATCHDOG, words(s, "carries", name));
		}
	}
}

static void read_class(struct machine *m, struct pci_snapshot *s, const struct marker *marker)
{
	_cleanup_talloc_ char **names = NULL;
	char path[320];

	snprintf(path, sizeof(path), "sys/class/%s", marker->class);
	names = machine_list_names(m, NULL, path);
	for (char **name = names; name && *name; name++) {
		if (strncmp(*name, marker->prefix, strlen(marker->prefix)) ||
			!strstr(*name, marker->must_have))
			continue;
		snprintf(path, sizeof(path), "sys/class/%s/%.255s", marker->class, *name);
		usage_mark_link(m, s, path, marker->use, words(s, marker->verb, *name));
	}
}

/* "ttyS0                -W- (EC p a)    4:64" */
static void read_consoles(struct machine *m, struct pci_snapshot *s)
{
	_cleanup_talloc_ char *text = NULL;
	char *line, *rest, link[128];

	if (machine_read_file(m, NULL, "proc/consoles", 1 << 16, &text, NULL) < 0)
		return;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		line[strcspn(line, " ")] = '\0';
		snprintf(link, sizeof(link), "sys/class/tty/%.64s", line);
		usage_mark_link(m, s, link, PCI_USE_CONSOLE, words(s, "carries the console", line));
		/* Virtio's consoles have no parent (drivers/tty/hvc/hvc_console.c). */
		if (!strncmp(line, "hvc", 3))
			read_class(m, s, &virtio_console);
	}
}

/* A captured tree may hold nothing of procfs: then nothing is known to be in use. */
static int read_tables(struct usage_scan *scan, void *ctx, struct err *err)
{
	int rc = mounts_read_all(scan->m, ctx, &scan->mounts, err);

	if (rc == -ENOENT) {
		scan->mounts = talloc_zero(ctx, struct mount_list);
		rc = scan->mounts ? 0 : -ENOMEM;
	}
	return rc < 0 ? rc : swaps_read(scan->m, ctx, &scan->swaps, err);
}

int usage_read(struct machine *m, struct pci_snapshot *s, struct err *err)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct usage_scan scan = {.m = m, .s = s};
	int rc = read_tables(&scan, tmp, err);

	if (rc < 0)
		return err_wrap(err, rc, "find out who needs which device");
	usage_read_disks(&scan);
	usage_read_network(&scan);
	usage_read_files(m, s);
	read_consoles(m, s);
	read_virtual_watchdogs(m, s);
	for (size_t i = 0; i < sizeof(markers) / sizeof(*markers); i++)
		read_class(m, s, &markers[i]);
	return 0;
}
