// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/commit.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "boot/efi_variable.h"
#include "boot/grub/environment.h"
#include "boot/settings/settings.h"
#include "boot/volume/volume.h"
#include "devices/cleanup.h"

/* Of an environment block or a file of settings: all its changes at once. */
struct block {
	char *bytes; /* NULL: it is written otherwise, or removed */
	size_t len;
};

struct action {
	const struct entry_write *write; /* the first, of a block */
	const char *path;                /* in the place */
	struct machine_place place;
	struct block block;
};

struct commit {
	struct action *list;
	size_t count;
};

static struct machine_place place_of(const struct volume *v)
{
	struct machine_place place = {.device = v->device, .type = v->type, .inside = v->root};
	struct stat st;

	if (v->flags & VOLUME_OUR_MOUNT)
		return place;
	place.target = v->target;
	if (fstat(v->fd, &st) == 0) {
		place.target_device = st.st_dev;
		place.target_inode = st.st_ino;
	}
	return place;
}

static struct action *add(struct commit *c, const struct entry_write *write)
{
	struct action *more = talloc_realloc(c, c->list, struct action, c->count + 1);

	if (!more)
		return NULL;
	c->list = more;
	more[c->count] = (struct action){.write = write};
	if (write->volume) {
		more[c->count].place = place_of(write->volume);
		more[c->count].path = volume_path(write->volume, write->path);
	}
	return &more[c->count++];
}

static struct action *find_block(struct commit *c, const struct entry_write *write)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].block.bytes && c->list[i].write->volume == write->volume &&
			!strcmp(c->list[i].write->path, write->path))
			return &c->list[i];
	return NULL;
}

static int change_environment(
	struct commit *c, const struct entry_write *write, struct block *block, struct err *err)
{
	int rc = block->bytes ? 0
			      : volume_read(write->volume, c, write->path, GRUB_ENVIRONMENT_MAX,
					&block->bytes, &block->len, err);

	if (rc < 0)
		return rc;
	rc = grub_environment_set(block->bytes, block->len, write->name, write->value, err);
	return rc < 0 ? err_wrap(err, rc, "%s on %s", write->path, volume_name(write->volume)) : 0;
}

static int change_settings(
	struct commit *c, const struct entry_write *write, struct block *block, struct err *err)
{
	int rc = block->bytes ? 0
			      : volume_read(write->volume, c, write->path, SETTINGS_FILE_MAX,
					&block->bytes, &block->len, err);

	if (rc < 0 && rc != -ENOENT)
		return rc;
	rc = settings_edit(c, &block->bytes, &block->len, write->name, write->value, err);
	return rc < 0 ? err_wrap(err, rc, "%s on %s", write->path, volume_name(write->volume)) : 0;
}

/* A file that could not be changed is not written. */
static int prepare_block(struct commit *c, const struct entry_write *write, struct err *err)
{
	struct action *a = find_block(c, write);
	struct block block = a ? a->block : (struct block){NULL, 0};
	int rc = write->kind == ENTRY_WRITE_SETTING ? change_settings(c, write, &block, err)
						    : change_environment(c, write, &block, err);

	if (rc < 0)
		return rc;
	if (!a)
		a = add(c, write);
	if (!a)
		return err_errno(err, -ENOMEM, "%s", write->path);
	a->block = block;
	return 0;
}

static bool is_oneshot(const struct entry_write *w)
{
	return w->kind == ENTRY_WRITE_GRUBENV && !strcmp(w->name, "next_entry");
}

/* Would the block be another one? */
static int changes_block(struct commit *c, const struct entry_write *write, struct err *err)
{
	struct block block = {NULL, 0};
	char *before;
	int rc = volume_read(
		write->volume, c, write->path, GRUB_ENVIRONMENT_MAX, &block.bytes, &block.len, err);

	if (rc < 0)
		return rc;
	before = talloc_memdup(c, block.bytes, block.len);
	if (!before)
		return err_errno(err, -ENOMEM, "%s", write->path);
	rc = grub_environment_set(block.bytes, block.len, write->name, write->value, err);
	return rc < 0 ? rc : memcmp(before, block.bytes, block.len) != 0;
}

/* One of our own, which need not be there yet. */
static bool is_file(const struct entry_write *w)
{
	return w->kind == ENTRY_WRITE_FILE || w->kind == ENTRY_WRITE_SETTING;
}

/* As with GRUB, which writes to neither: "the chosen boot menu entry will remain the default even after
 * reboot" (grub-reboot(8)). To open them for writing would change more of a disk than this: the metadata of
 * arrays, journals. */
static int refuse_on_stack(struct commit *c, const struct entry_write *w, struct err *err)
{
	const char *volume = volume_name(w->volume);
	static const char why[] = "LVM, RAID and LUKS are opened read-only here";
	int rc = w->kind == ENTRY_WRITE_GRUBENV ? changes_block(c, w, err) : 1;

	if (rc <= 0)
		return rc;
	if (is_file(w))
		return err_set(err, -EROFS, "%s cannot be written on %s: %s", w->path, volume, why);
	if (w->kind == ENTRY_WRITE_RENAME)
		return err_set(err, -EROFS,
			"%s on %s keeps its name, and its boots are not counted: %s", w->path,
			volume, why);
	if (is_oneshot(w) && (!w->value || !*w->value))
		return err_set(err, -EROFS,
			"the choice for one boot, next_entry in %s on %s, stays and will count "
			"again: %s; the system that it belongs to can take it out: `stillboot list "
			"--set-oneshot ''` or `grub-editenv FILE unset next_entry`",
			w->path, volume, why);
	return err_set(err, -EROFS,
		"%s in %s on %s stays as it is: %s; the system that it belongs to can write it",
		w->name, w->path, volume, why);
}

/* Is this a filesystem that files are made on? */
static int check_filesystem(const struct entry_write *write, struct err *err)
{
	static const char *const read_only[] = {"iso9660", "squashfs", "erofs", "cramfs", "romfs"};
	const struct volume *v = write->volume;

	for (size_t i = 0; v->type && i < sizeof(read_only) / sizeof(*read_only); i++)
		if (!strcmp(v->type, read_only[i]))
			return err_set(err, -EROFS,
				"%s cannot be written on %s: %s is a filesystem that is only read",
				write->path, volume_name(v), v->type);
	return 0;
}

static int prepare_one(struct commit *c, const struct entry_write *write, struct err *err)
{
	if (write->volume && write->volume->flags & VOLUME_SLEEPS)
		return err_set(err, -EBUSY,
			"%s on %s is not written: a hibernated system may have that open",
			write->path, volume_name(write->volume));
	if (write->volume && write->volume->flags & VOLUME_IN_FILE)
		return err_set(err, -EROFS,
			"%s on %s stays as it is: that lies within a file, such as an ISO image, "
			"which is opened read-only",
			write->path, volume_name(write->volume));
	if (write->volume && write->volume->flags & VOLUME_OUR_STACK)
		return refuse_on_stack(c, write, err);
	if (is_file(write) && check_filesystem(write, err) < 0)
		return -EROFS;
	if (write->kind == ENTRY_WRITE_GRUBENV || write->kind == ENTRY_WRITE_SETTING)
		return prepare_block(c, write, err);
	return add(c, write) ? 0 : err_errno(err, -ENOMEM, "prepare what is to be written");
}

int commit_prepare(
	void *ctx, const struct entry_write *writes, struct commit **commit, struct err *err)
{
	struct commit *c = talloc_zero(ctx, struct commit);
	int failed = c ? 0 : err_errno(err, -ENOMEM, "prepare what is to be written");

	for (const struct entry_write *w = writes; c && w; w = w->next) {
		struct err one;
		int rc = prepare_one(c, w, &one);

		if (rc < 0 && (!failed || is_oneshot(w)))
			failed = err_set(err, rc, "%s", one.text);
	}
	*commit = c;
	return failed;
}

static int carry_out(struct machine *m, const struct action *a, struct err *err)
{
	const struct entry_write *w = a->write;

	switch (w->kind) {
	case ENTRY_WRITE_GRUBENV:
		return m->effects->overwrite(
			m, &a->place, a->path, a->block.bytes, a->block.len, err);
	case ENTRY_WRITE_RENAME:
		return m->effects->rename(m, &a->place, a->path, w->value, err);
	case ENTRY_WRITE_EFI:
		return efi_variable_write(m, w->name, w->value, err);
	case ENTRY_WRITE_SETTING:
		return m->effects->replace(
			m, &a->place, a->path, a->block.bytes, a->block.len, err);
	case ENTRY_WRITE_FILE:
		return m->effects->replace(
			m, &a->place, a->path, w->value, w->value ? strlen(w->value) : 0, err);
	}
	return 0;
}

int commit_run(struct machine *m, const struct commit *commit, struct err *err)
{
	int failed = 0;

	for (size_t i = 0; i < commit->count; i++) {
		struct err one;
		int rc = carry_out(m, &commit->list[i], &one);

		if (rc < 0 && !failed)
			failed = err_set(err, rc, "%s", one.text);
	}
	return failed;
}
