// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/bls/own.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/format.h"
#include "boot/volume/volume.h"
#include "devices/cleanup.h"

#define DIRECTORY "loader/entries"
#define SORT_KEY "zz-stillboot"
#define NAME_LENGTH 48 /* bytes of the title that are taken */
#define NUMBER_MAX 99

bool entry_is_own(const struct entry *e)
{
	return e->format && !strcmp(e->format, "bls1") &&
	       !strncmp(e->id, OWN_PREFIX, strlen(OWN_PREFIX));
}

/* Of a title what every filesystem takes: small letters and digits, a dash for what is between them. */
static void make_name(char *name, const char *title)
{
	char *to = name;

	for (; *title && to < name + NAME_LENGTH; title++)
		if (isascii(*title) && isalnum((unsigned char)*title))
			*to++ = (char)tolower((unsigned char)*title);
		else if (to > name && to[-1] != '-')
			*to++ = '-';
	while (to > name && to[-1] == '-')
		to--;
	*to = '\0';
	if (to == name)
		strcpy(name, "entry");
}

static bool is_below_boot(const char *path)
{
	path += strspn(path, "/");
	return !strncmp(path, "boot/", 5);
}

static int choose_file(
	struct entry_write *w, const struct own_entry *own, const char **id, struct err *err)
{
	const char *above = is_below_boot(own->kernel) ? "boot/" : "";
	char name[NAME_LENGTH + 1];

	make_name(name, own->title);
	for (int n = 1; n <= NUMBER_MAX; n++) {
		char number[8] = "";
		_cleanup_fd_ int fd = -1;

		if (n > 1)
			snprintf(number, sizeof(number), "-%d", n);
		*id = talloc_asprintf(w, OWN_PREFIX "%s%s", name, number);
		w->path = talloc_asprintf(w, "%s" DIRECTORY "/%s.conf", above, *id ? *id : "");
		if (!*id || !w->path)
			return err_errno(err, -ENOMEM, "keep '%s'", own->title);
		fd = volume_open_any(own->volume, w->path, O_PATH | O_NOFOLLOW);
		if (fd == -ENOENT)
			return 0;
	}
	return err_set(err, -EEXIST, "there are enough entries called '%s'; choose another title",
		own->title);
}

static char *make_text(void *ctx, const struct own_entry *own)
{
	char *text = talloc_asprintf(ctx,
		"title %s\n"
		"sort-key " SORT_KEY "\n"
		"linux %s\n",
		own->title, own->kernel);

	for (size_t i = 0; text && i < own->initrd_count; i++)
		text = talloc_asprintf_append_buffer(text, "initrd %s\n", own->initrds[i]);
	if (text && own->devicetree)
		text = talloc_asprintf_append_buffer(text, "devicetree %s\n", own->devicetree);
	if (text && *own->options)
		text = talloc_asprintf_append_buffer(text, "options %s\n", own->options);
	return text;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* What in it is not as it was meant, NULL if all is. */
static const char *find_difference(const struct entry *e, const struct own_entry *own)
{
	if (!same(e->title, own->title))
		return "title";
	if (!same(e->kernel.path, own->kernel) || e->efi.path)
		return "kernel";
	if (!same(e->devicetree.path, own->devicetree) || e->devicetree_overlays)
		return "device tree";
	if (e->initrd_count != own->initrd_count)
		return "initrd";
	for (size_t i = 0; i < own->initrd_count; i++)
		if (!same(e->initrds[i].path, own->initrds[i]))
			return "initrd";
	return same(e->options, own->options) && !e->reason ? NULL : "command line";
}

/* Line ends, quotes, paths with blanks: whatever the format cannot say, reading it shows. */
static int check_text(const char *text, const struct own_entry *own, struct err *err)
{
	_cleanup_talloc_ struct entry_list *list = entry_list_new(NULL);
	struct reading r = reading_of_bytes(list, OWN_PREFIX "x.conf");
	const char *wrong;
	int rc = list ? bls_parse(&r, text, strlen(text), err)
		      : err_errno(err, -ENOMEM, "keep '%s'", own->title);

	if (rc < 0)
		return rc;
	wrong = find_difference(&list->entries[0], own);
	return wrong ? err_set(err, -EINVAL,
			       "its %s has something that the Boot Loader Specification's files "
			       "cannot say",
			       wrong)
		     : 0;
}

static int check_files(const struct own_entry *own, struct err *err)
{
	int rc = volume_has(own->volume, own->kernel, err);

	for (size_t i = 0; i < own->initrd_count && rc == 0; i++)
		rc = volume_has(own->volume, own->initrds[i], err);
	return rc == 0 && own->devicetree ? volume_has(own->volume, own->devicetree, err) : rc;
}

int own_entry_write(void *ctx, const struct own_entry *own, struct entry_write **write,
	const char **id, struct err *err)
{
	_cleanup_talloc_ struct entry_write *w = talloc_zero(ctx, struct entry_write);
	const char *own_id = NULL;
	int rc;

	if (!w)
		return err_errno(err, -ENOMEM, "keep '%s'", own->title);
	w->kind = ENTRY_WRITE_FILE;
	w->volume = own->volume;
	w->value = make_text(w, own);
	if (!w->value)
		return err_errno(err, -ENOMEM, "keep '%s'", own->title);
	rc = check_text(w->value, own, err);
	if (rc == 0)
		rc = check_files(own, err);
	if (rc == 0)
		rc = choose_file(w, own, &own_id, err);
	if (rc < 0)
		return rc;
	*id = own_id;
	*write = w;
	w = NULL;
	return 0;
}

int own_entry_remove(void *ctx, const struct entry *e, struct entry_write **write, struct err *err)
{
	struct entry_write *w;

	if (!entry_is_own(e))
		return err_set(err, -EPERM,
			"entry '%s' is not one that was kept here: %s is left alone", e->id,
			e->source.file);
	w = talloc_zero(ctx, struct entry_write);
	if (!w)
		return err_errno(err, -ENOMEM, "remove '%s'", e->id);
	w->kind = ENTRY_WRITE_FILE;
	w->volume = e->source.volume;
	w->path = e->source.file;
	*write = w;
	return 0;
}
