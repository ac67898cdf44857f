// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/discover.h"
#include "boot/volume/hold.h"
#include "boot/stack/stack.h"
#include "boot/stack/record.h"
#include "boot/stack/unlock.h"
#include "devices/cleanup.h"
#include "devices/log.h"
#include "ui/passphrase.h"
#include "ui/print.h"
#include "ui/refusal.h"

#define TRIES 3 /* of somebody who types */

/* "UUID=..." of the volume, or its device as the user calls it. */
static const char *uuid_of(const char *name)
{
	return strncmp(name, "UUID=", 5) ? NULL : name + 5;
}

static int is_block_device(struct session *s, const char *path)
{
	struct stat st;

	return *path == '/' && fstatat(s->machine.root_fd, path + 1, &st, 0) == 0 &&
	       S_ISBLK(st.st_mode);
}

/* The device that is meant, as far as one is there: by its name, or by udev's link for its UUID. */
static const char *find_device(struct session *s, const char *name)
{
	const char *uuid = uuid_of(name), *link;

	if (!uuid)
		return is_block_device(s, name) ? name : NULL;
	link = talloc_asprintf(s->memory, "/dev/disk/by-uuid/%s", uuid);
	return link && !strchr(uuid, '/') && is_block_device(s, link) ? link : NULL;
}

static int is_wanted(const struct stack_part *part, const char *name)
{
	const char *uuid = uuid_of(name);

	if (part->state != STACK_LOCKED)
		return 0;
	return uuid ? !strcasecmp(part->uuid, uuid) : !strcmp(part->device, name);
}

/* Among what stands on RAID and LVM too: those have to be opened first. NULL with a sentence if it is
 * not there. */
static const char *find_locked(
	struct session *s, struct volume_set *set, const char *name, struct err *err)
{
	const struct stack *stack = set->hold ? set->hold->stack : NULL;

	for (size_t i = 0; stack && i < stack->count; i++)
		if (is_wanted(&stack->parts[i], name))
			return stack->parts[i].device;
	err_set(err, -ENODEV,
		s->options.given & OPT_ALL_DISKS
			? "there is no locked volume %s; `stillboot list --all-disks` names those "
			  "that there are"
			: "there is no locked volume %s; with --all-disks RAID and LVM on disks "
			  "that "
			  "nobody uses are looked at too",
		name);
	return NULL;
}

/* What the volume stands on stays, and in the record; the rest that was opened to find it goes. */
static void let_go(struct volume_set *set)
{
	struct err err;

	if (volumes_close(set, &err) < 0)
		log_debug("%s", err.text);
}

static int read_key(struct session *s, const char *name, struct passphrase *p, struct err *err)
{
	_cleanup_talloc_ char *prompt = NULL;
	char line[256];

	if (s->options.given & OPT_DRY_RUN)
		return 0;
	if (s->options.key_file)
		return passphrase_read_file(s->options.key_file, STACK_KEY_MAX, p, err);
	if (!isatty(STDIN_FILENO))
		return passphrase_read_line(p, err);
	prompt = talloc_asprintf(
		NULL, "Passphrase of %s: ", print_escape(line, sizeof(line), name));
	return prompt ? passphrase_ask(prompt, p, err) : -ENOMEM;
}

/* Ask until one fits; who does not type has one try. */
static int try_keys(struct session *s, struct stack_locked *locked, const char *name, char **opened,
	struct err *err)
{
	int types = !s->options.key_file && isatty(STDIN_FILENO), rc = -EPERM;

	for (int left = types ? TRIES : 1; left && rc == -EPERM; left--) {
		struct passphrase p = {.bytes = NULL};

		rc = read_key(s, name, &p, err);
		if (rc < 0)
			return rc;
		rc = stack_unlock(locked, s->memory, p.bytes, p.len, opened, err);
		passphrase_free(&p);
		if (rc == -EPERM && left > 1)
			log_warn("%s", err->text);
	}
	return rc;
}

static int open_device(struct session *s, const char *device, char **opened, struct err *err)
{
	struct stack_locked *locked;
	int rc = stack_locked_read(&s->machine, s->memory, device, &locked, err);

	if (rc < 0)
		return rc;
	rc = try_keys(s, locked, device, opened, err);
	talloc_free(locked);
	return rc;
}

static int unlock(struct session *s, const char *name, char **opened, struct err *err)
{
	unsigned int flags = s->options.given & OPT_ALL_DISKS ? DISCOVER_ALL_DISKS : 0;
	const char *device = find_device(s, name);
	struct volume_set *set;
	int rc;

	if (device)
		return open_device(s, device, opened, err);
	rc = volumes_find(&s->machine, s->memory, flags, &set, err);
	if (rc < 0)
		return rc;
	device = find_locked(s, set, name, err);
	rc = device ? open_device(s, device, opened, err) : -ENODEV;
	let_go(set);
	return rc;
}

static enum exit_code close_volumes(struct session *s, const char *name)
{
	struct err err;
	int rc = name ? stack_record_close(&s->machine, name, &err)
		      : stack_record_close_all(&s->machine, &err);

	if (rc < 0)
		return command_fail(rc == -EBUSY ? EXIT_REFUSED : EXIT_FAILED, &err);
	puts(rc ? "closed" : "nothing was open");
	return EXIT_DONE;
}

enum exit_code command_unlock(struct session *s)
{
	const char *name = s->options.arguments[0];
	enum exit_code code = refusal_check(s);
	char line[256], *opened = NULL;
	struct err err;

	if (code != EXIT_DONE)
		return code;
	if (s->options.given & OPT_CLOSE)
		return close_volumes(s, name);
	if (!name) {
		log_error("name the encrypted volume: /dev/sda2 or UUID=...; `stillboot list "
			  "--all-disks` shows those that are locked");
		return EXIT_USAGE;
	}
	if (unlock(s, name, &opened, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (opened)
		printf("%s is open, read-only, as %s\n", print_escape(line, sizeof(line), name),
			opened);
	return EXIT_DONE;
}
