// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/stack_find.h"

#include <blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#include "boot/block.h"
#include "boot/parallel.h"
#include "boot/stack_paths.h"
#include "devices/cleanup.h"

#define ROUNDS_MAX 8 /* LVM on LUKS on LVM on RAID is four */

/* What a child finds out; "" where there is nothing. */
struct identity {
	char type[64], uuid[64], label[256];
};

static void take_value(blkid_probe probe, const char *name, char *value, size_t size)
{
	const char *found;

	if (blkid_probe_lookup_value(probe, name, &found, NULL) < 0)
		return;
	strncpy(value, found, size - 1);
	value[size - 1] = '\0';
}

static int probe_device(const void *input, void *output, int *fd)
{
	struct identity *identity = output;
	_cleanup_fd_ int device = open(input, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	blkid_probe probe = blkid_new_probe(); /* it ends with the child */

	(void)fd;
	if (device < 0 || !probe || blkid_probe_set_device(probe, device, 0, 0) < 0)
		return -ENODEV;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(
		probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL);
	if (blkid_do_safeprobe(probe) != 0)
		return -ENODATA;
	take_value(probe, "TYPE", identity->type, sizeof(identity->type));
	take_value(probe, "UUID", identity->uuid, sizeof(identity->uuid));
	take_value(probe, "LABEL", identity->label, sizeof(identity->label));
	return 0;
}

/* The members that are known, and the devices that have been probed. */
struct search {
	struct stack_member *members;
	size_t count;
	const char **seen;
	size_t seen_count;
};

static int is_seen(const struct search *s, const char *path)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (!strcmp(s->seen[i], path))
			return 1;
	return 0;
}

static int add_member(struct search *s, const char *device, const struct identity *identity)
{
	struct stack_member *more = talloc_realloc(
		s, s->members, struct stack_member, s->count + 1);

	if (!more)
		return -ENOMEM;
	s->members = more;
	more += s->count++;
	*more = (struct stack_member){
		.device = device,
		.type = talloc_strdup(s, identity->type),
		.uuid = *identity->uuid ? talloc_strdup(s, identity->uuid) : NULL,
		.label = *identity->label ? talloc_strdup(s, identity->label) : NULL,
	};
	return more->type ? 0 : -ENOMEM;
}

static int probe_all(struct search *s, const char **paths, size_t count)
{
	_cleanup_talloc_ struct parallel_job *jobs = talloc_zero_array(
		s, struct parallel_job, count);
	_cleanup_talloc_ struct identity *found = talloc_zero_array(s, struct identity, count);
	int rc = 0;

	if (!jobs || !found)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		jobs[i].input = paths[i];
		jobs[i].output = &found[i];
	}
	parallel_run(jobs, count, probe_device, sizeof(*found), STACK_PROBE_MS);
	for (size_t i = 0; i < count && rc == 0; i++)
		if (jobs[i].rc == 0 && stack_is_member(found[i].type))
			rc = add_member(s, paths[i], &found[i]);
	return rc;
}

/* Probe what has come since the last time. */
static int look(struct machine *m, struct search *s, struct err *err)
{
	struct block_device *devices;
	size_t count, fresh = 0;
	const char **more;
	int rc = block_list(m, s, &devices, &count, err);

	if (rc < 0)
		return rc;
	stack_one_path_each(m, devices, &count);
	more = talloc_realloc(s, s->seen, const char *, s->seen_count + count);
	if (!more && s->seen_count + count)
		return err_errno(err, -ENOMEM, "list block devices");
	s->seen = more;
	for (size_t i = 0; i < count; i++)
		if (!is_seen(s, devices[i].path))
			more[s->seen_count + fresh++] = devices[i].path;
	rc = probe_all(s, more + s->seen_count, fresh);
	s->seen_count += fresh;
	return rc < 0 ? err_errno(err, rc, "probe block devices") : 0;
}

int stack_find(struct machine *m, struct stack *stack, struct err *err)
{
	_cleanup_talloc_ struct search *s = talloc_zero(NULL, struct search);
	unsigned int flags = 0;
	int rc = s ? 0 : err_errno(err, -ENOMEM, "find storage stacks");

	for (int round = 0; round < ROUNDS_MAX && rc == 0; round++) {
		rc = look(m, s, err);
		if (rc == 0)
			rc = stack_assemble(m, stack, s->members, s->count, flags, err);
		if (rc < 0 || (rc == 0 && flags))
			break;
		if (rc == 0)
			flags = STACK_DEGRADED; /* nobody else comes */
		rc = 0;
	}
	return rc < 0 ? rc : 0;
}
