// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/stack/unlock.h"

#include <errno.h>
#include <libcryptsetup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/stack/dm.h"
#include "boot/stack/record.h"
#include "boot/stack/tool.h"
#include "devices/cleanup.h"
#include "devices/library.h"
#include "devices/log.h"

#define LIBRARY "libcryptsetup.so.12"
#define UUID_MAX 40 /* bytes in both headers */

/* The library's functions by their own names and types. */
struct library {
	typeof(crypt_init) *init;
	typeof(crypt_load) *load;
	typeof(crypt_free) *free;
	typeof(crypt_get_uuid) *get_uuid;
	typeof(crypt_metadata_locking) *metadata_locking;
	typeof(crypt_persistent_flags_get) *persistent_flags_get;
	typeof(crypt_set_log_callback) *set_log_callback;
	typeof(crypt_activate_by_passphrase) *activate_by_passphrase;
};

struct stack_locked {
	struct machine *m;
	struct library library;
	struct crypt_device *cd;
	const char *device;
	char name[sizeof(STACK_UNLOCK_PREFIX) + UUID_MAX];
	char said[160]; /* the library's last complaint */
};

static int load_library(struct machine *m, struct library *l, struct err *err)
{
	const struct library_function wanted[] = {
		{&l->init, "crypt_init"},
		{&l->load, "crypt_load"},
		{&l->free, "crypt_free"},
		{&l->get_uuid, "crypt_get_uuid"},
		{&l->metadata_locking, "crypt_metadata_locking"},
		{&l->persistent_flags_get, "crypt_persistent_flags_get"},
		{&l->set_log_callback, "crypt_set_log_callback"},
		{&l->activate_by_passphrase, "crypt_activate_by_passphrase"},
	};
	int rc;

	/* Read when the library of device-mapper is first used. */
	if (!tool_has_udev(m))
		setenv(TOOL_NO_UDEV, "1", 1);
	rc = library_load(LIBRARY, wanted, sizeof(wanted) / sizeof(*wanted));
	if (rc == -ENOENT)
		return err_set(err, rc, LIBRARY " is not installed: install libcryptsetup12");
	if (rc < 0)
		return err_set(err, rc, LIBRARY " is too old");
	/* Without a lock nothing is mended either (lib/luks2/luks2_disk_metadata.c,
	 * LUKS2_disk_hdr_read()). */
	l->metadata_locking(NULL, 0);
	return 0;
}

static void listen(int level, const char *message, void *argument)
{
	struct stack_locked *l = argument;

	if (level != CRYPT_LOG_ERROR)
		return;
	snprintf(l->said, sizeof(l->said), "%s", message);
	l->said[strcspn(l->said, "\n")] = '\0';
}

static int close_device(struct stack_locked *l)
{
	if (l->cd)
		l->library.free(l->cd);
	return 0;
}

/* The header is not ours to trust: its UUID becomes part of a name. */
static int take_uuid(struct stack_locked *l, struct err *err)
{
	const char *uuid = l->library.get_uuid(l->cd);
	size_t len = uuid ? strlen(uuid) : 0;

	if (!len || len >= UUID_MAX || strspn(uuid, "0123456789abcdefABCDEF-") != len)
		return err_set(
			err, -EINVAL, "%s has a LUKS header without a valid UUID", l->device);
	snprintf(l->name, sizeof(l->name), STACK_UNLOCK_PREFIX "%s", uuid);
	return 0;
}

static int read_header(struct stack_locked *l, struct err *err)
{
	uint32_t requirements = 0;
	int rc = l->library.init(&l->cd, l->device);

	if (rc < 0)
		return err_errno(err, rc, "open %s", l->device);
	l->library.set_log_callback(l->cd, listen, l);
	rc = l->library.load(l->cd, CRYPT_LUKS, NULL);
	if (rc < 0)
		return err_set(err, -EINVAL,
			"%s has no LUKS header that can be read: it is damaged, or no encrypted "
			"volume%s%s",
			l->device, *l->said ? ": " : "", l->said);
	rc = l->library.persistent_flags_get(l->cd, CRYPT_FLAGS_REQUIREMENTS, &requirements);
	if (rc == 0 && requirements)
		return err_set(err, -ENOTSUP,
			"%s is being re-encrypted, or needs a newer cryptsetup: opening it would "
			"write to it",
			l->device);
	return take_uuid(l, err);
}

int stack_locked_read(struct machine *m, void *ctx, const char *device,
	struct stack_locked **locked, struct err *err)
{
	_cleanup_talloc_ struct stack_locked *l = talloc_zero(ctx, struct stack_locked);
	_cleanup_talloc_ char *open = NULL;
	int rc;

	if (!l)
		return err_errno(err, -ENOMEM, "open %s", device);
	if (*m->root) /* the library would open this machine's */
		return err_set(err, -ENODEV, "%s is a device of another machine", device);
	l->m = m;
	l->device = talloc_strdup(l, device);
	rc = l->device ? load_library(m, &l->library, err) : -ENOMEM;
	if (rc < 0)
		return rc;
	talloc_set_destructor(l, close_device);
	rc = read_header(l, err);
	if (rc < 0)
		return rc;
	open = dm_find(m, NULL, "name", l->name);
	if (open)
		return err_set(err, -EEXIST, "%s is open already, as /dev/%s", device, open);
	*locked = l;
	l = NULL;
	return 0;
}

const char *stack_locked_uuid(const struct stack_locked *locked)
{
	return locked->name + strlen(STACK_UNLOCK_PREFIX);
}

struct opening {
	struct stack_locked *locked;
	const char *key;
	size_t len;
};

static int activate(void *argument, struct err *err)
{
	const struct opening *o = argument;
	struct stack_locked *l = o->locked;
	int rc;

	*l->said = '\0';
	rc = l->library.activate_by_passphrase(
		l->cd, l->name, CRYPT_ANY_SLOT, o->key, o->len, CRYPT_ACTIVATE_READONLY);
	if (rc >= 0)
		return 0;
	if (rc == -EPERM)
		return err_set(err, rc, "no key of %s fits this passphrase", l->device);
	if (*l->said)
		return err_set(err, rc, "open %s: %s", l->device, l->said);
	return err_errno(err, rc, "open %s", l->device);
}

int stack_unlock(struct stack_locked *l, void *ctx, const char *key, size_t len, char **opened,
	struct err *err)
{
	const struct stack_item item = {STACK_ITEM_CRYPT, l->name, stack_locked_uuid(l)};
	_cleanup_talloc_ char *block = NULL;
	struct opening opening = {l, key, len};
	char what[400];
	int rc = stack_record_add(l->m, &item, err);

	if (rc < 0)
		return rc;
	snprintf(what, sizeof(what), "open %s as %s, read-only", l->device, l->name);
	rc = l->m->effects->perform(l->m, what, activate, &opening, err);
	if (rc < 0) {
		stack_record_remove(l->m, &item, NULL);
		return rc;
	}
	block = dm_find(l->m, NULL, "name", l->name);
	*opened = block ? talloc_asprintf(ctx, "/dev/%s", block) : NULL;
	return 0;
}
