// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/stack/dm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <talloc.h>
#include <time.h>

#include "boot/stack/tool.h"
#include "devices/cleanup.h"

#define REMOVE_MS 3000
/* What libdevmapper calls DM_UDEV_DISABLE_{SUBSYSTEM,DISK,OTHER}_RULES_FLAG and
 * DM_UDEV_PRIMARY_SOURCE_FLAG, in the upper half of the number that goes with the uevent. */
#define LEAVE_ALONE ((0x2U | 0x4U | 0x8U | 0x40U) << 16)
#define TABLE_MAX 512 /* bytes for one line of a table */

struct request {
	struct dm_ioctl header;
	struct dm_target_spec target;
	char parameters[TABLE_MAX];
};

static int call(int control, unsigned long command, const char *name, struct request *r)
{
	r->header.version[0] = DM_VERSION_MAJOR;
	r->header.data_size = sizeof(*r);
	r->header.data_start = offsetof(struct request, target);
	snprintf(r->header.name, sizeof(r->header.name), "%s", name);
	return ioctl(control, command, r) < 0 ? -errno : 0;
}

static int open_control(struct machine *m, struct err *err)
{
	int fd;

	tool_load_module(m, "dm_mod", "dev/mapper/control");
	fd = openat(m->root_fd, "dev/mapper/control", O_RDWR | O_CLOEXEC);
	return fd < 0 ? err_errno(err, -errno, "open dev/mapper/control") : fd;
}

static int load(int control, const struct dm_mapping *mapping)
{
	struct request r = {.header.target_count = 1, .target.length = mapping->sectors};

	if (strlen(mapping->parameters) >= sizeof(r.parameters))
		return -ENAMETOOLONG;
	snprintf(r.target.target_type, sizeof(r.target.target_type), "%s", mapping->target);
	strcpy(r.parameters, mapping->parameters);
	return call(control, DM_TABLE_LOAD, mapping->name, &r);
}

static int resume(int control, const char *name)
{
	struct request r = {.header.event_nr = LEAVE_ALONE};

	return call(control, DM_DEV_SUSPEND, name, &r);
}

int dm_create(struct machine *m, const struct dm_mapping *mapping, struct err *err)
{
	_cleanup_fd_ int control = open_control(m, err);
	struct request r = {.header.flags = 0};
	int rc;

	if (control < 0)
		return control;
	snprintf(r.header.uuid, sizeof(r.header.uuid), "%s", mapping->uuid);
	rc = call(control, DM_DEV_CREATE, mapping->name, &r);
	if (rc < 0)
		return err_errno(err, rc, "make the mapping %s", mapping->name);
	rc = load(control, mapping);
	if (rc == 0)
		rc = resume(control, mapping->name);
	if (rc < 0) {
		struct request gone = {.header.flags = 0};

		call(control, DM_DEV_REMOVE, mapping->name, &gone);
		return err_errno(err, rc, "load the table of the mapping %s (%s)", mapping->name,
			mapping->target);
	}
	return 0;
}

struct removal {
	struct machine *m;
	const char *name;
};

static int remove_mapping(void *argument, struct err *err)
{
	static const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};
	const struct removal *removal = argument;
	_cleanup_fd_ int control = open_control(removal->m, err);
	char node[160];
	int rc = control;

	if (control < 0)
		return control;
	for (int ms = 0; ms <= REMOVE_MS; ms += 10) {
		struct request r = {.header.flags = 0};

		rc = call(control, DM_DEV_REMOVE, removal->name, &r);
		if (rc != -EBUSY)
			break;
		nanosleep(&moment, NULL);
	}
	if (rc < 0 && rc != -ENXIO) /* it is gone */
		return err_errno(err, rc, "remove the mapping %s", removal->name);
	/* Where no udev is, whoever made the mapping made the node by hand. */
	snprintf(node, sizeof(node), "dev/mapper/%.128s", removal->name);
	unlinkat(removal->m->root_fd, node, 0);
	return 0;
}

int dm_remove(struct machine *m, const char *name, struct err *err)
{
	struct removal removal = {m, name};
	char what[192];

	snprintf(what, sizeof(what), "remove the mapping %.128s", name);
	return m->effects->perform(m, what, remove_mapping, &removal, err);
}

char *dm_attribute(struct machine *m, void *ctx, const char *block, const char *attribute)
{
	char path[320], *value;

	snprintf(path, sizeof(path), "sys/class/block/%.255s/dm/%.16s", block, attribute);
	return machine_read_file(m, ctx, path, 4096, &value, NULL) < 0 ? NULL : value;
}

char *dm_find(struct machine *m, void *ctx, const char *attribute, const char *value)
{
	_cleanup_talloc_ char **names = machine_list_names(m, NULL, "sys/class/block");

	for (char **name = names; name && *name; name++) {
		_cleanup_talloc_ char *found = strncmp(*name, "dm-", 3)
						       ? NULL
						       : dm_attribute(m, NULL, *name, attribute);

		if (found && !strcmp(found, value))
			return talloc_strdup(ctx, *name);
	}
	return NULL;
}
