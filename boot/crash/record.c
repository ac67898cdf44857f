// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/crash/record.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "boot/record_json.h"
#include "devices/cleanup.h"
#include "devices/utf8.h"

#define TEXT_MAX 4096 /* bytes of a string; longer ones are cut */

static const char *const states[] = {
	[CRASH_FILE_SAME] = "same",
	[CRASH_FILE_CHANGED] = "changed",
	[CRASH_FILE_GONE] = "gone",
	[CRASH_FILE_UNKNOWN] = "unknown",
};

const char *crash_file_state_name(enum crash_file_state state)
{
	return states[state];
}

static int64_t mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* Where the open file is in sight of everybody; NULL if it is not. */
static const char *path_of(struct machine *m, void *ctx, int fd, const struct stat *st)
{
	char link[48], path[PATH_MAX];
	struct stat there;
	ssize_t len;

	snprintf(link, sizeof(link), "proc/self/fd/%d", fd);
	len = readlinkat(m->root_fd, link, path, sizeof(path) - 1);
	if (len < 2 || path[0] != '/')
		return NULL;
	path[len] = '\0';
	if (fstatat(m->root_fd, path + 1, &there, 0) < 0 || there.st_dev != st->st_dev ||
		there.st_ino != st->st_ino || !utf8_is_valid(path))
		return NULL;
	return talloc_strdup(ctx, path + 1);
}

void crash_record_add(struct machine *m, void *ctx, int fd, struct crash_record *r)
{
	struct stat st;

	if (r->file_count == CRASH_FILES_MAX || fstat(fd, &st) < 0)
		return;
	r->files[r->file_count++] = (struct crash_file){
		.path = path_of(m, ctx, fd, &st),
		.size = (uint64_t)st.st_size,
		.mtime_ns = mtime_ns(&st),
	};
}

enum crash_file_state crash_file_look(struct machine *m, const struct crash_file *file)
{
	struct stat st;

	if (!file->path)
		return CRASH_FILE_UNKNOWN;
	if (fstatat(m->root_fd, file->path, &st, 0) < 0)
		return errno == ENOENT || errno == ENOTDIR ? CRASH_FILE_GONE : CRASH_FILE_UNKNOWN;
	return (uint64_t)st.st_size == file->size && mtime_ns(&st) == file->mtime_ns
		       ? CRASH_FILE_SAME
		       : CRASH_FILE_CHANGED;
}

static json_t *loaded_json(const struct crash_record *r)
{
	json_t *files = json_array();

	for (size_t i = 0; i < r->file_count; i++)
		json_array_append_new(files, json_pack("{ss? sI sI}", "path", r->files[i].path,
						     "size", (json_int_t)r->files[i].size, "mtime",
						     (json_int_t)r->files[i].mtime_ns));
	return json_pack("{sI so so so so so}", "time", (json_int_t)r->time, "entry",
		record_json_text(r->entry, TEXT_MAX), "kernel",
		record_json_text(r->kernel, TEXT_MAX), "cmdline",
		record_json_text(r->cmdline, TEXT_MAX), "saver",
		record_json_text(r->saver, TEXT_MAX), "files", files);
}

int crash_record_write(struct machine *m, const struct crash_record *r, struct err *err)
{
	return record_json_save(m, CRASH_RECORD, loaded_json(r), err);
}

void crash_record_remove(struct machine *m)
{
	if (faccessat(m->root_fd, CRASH_RECORD, F_OK, 0) == 0)
		m->effects->remove_file(m, CRASH_RECORD, NULL);
}

static int take_texts(const json_t *json, struct crash_record *r, struct err *err)
{
	const struct record_json_text texts[] = {{"entry", &r->entry}, {"kernel", &r->kernel},
		{"cmdline", &r->cmdline}, {"saver", &r->saver}};

	return record_json_take(json, r, texts, sizeof(texts) / sizeof(*texts), TEXT_MAX, err);
}

/* A path that leads out of the root, or up, was not written by us. */
static int is_path(const char *path)
{
	return *path && *path != '/' && strlen(path) < PATH_MAX && strncmp(path, "../", 3) &&
	       !strstr(path, "/../");
}

static int take_file(const json_t *json, struct crash_record *r, struct err *err)
{
	const char *path = json_string_value(json_object_get(json, "path"));
	const json_t *size = json_object_get(json, "size"), *at = json_object_get(json, "mtime");
	struct crash_file *file = &r->files[r->file_count];

	if (!json_is_integer(size) || json_integer_value(size) < 0 || !json_is_integer(at) ||
		(path && !is_path(path)))
		return err_set(err, -EBADMSG, "one of its files is none");
	file->path = path ? talloc_strdup(r, path) : NULL;
	if (path && !file->path)
		return err_errno(err, -ENOMEM, "read it");
	file->size = (uint64_t)json_integer_value(size);
	file->mtime_ns = json_integer_value(at);
	r->file_count++;
	return 0;
}

static int take(const json_t *json, struct crash_record *r, struct err *err)
{
	const json_t *files = json_object_get(json, "files"), *at = json_object_get(json, "time");
	int rc;

	if (!json_is_integer(at) || !json_is_array(files) ||
		json_array_size(files) > CRASH_FILES_MAX)
		return err_set(err, -EBADMSG, "it does not say what was loaded when");
	r->time = json_integer_value(at);
	rc = take_texts(json, r, err);
	for (size_t i = 0; rc == 0 && i < json_array_size(files); i++)
		rc = take_file(json_array_get(files, i), r, err);
	return rc;
}

int crash_record_parse(
	const char *bytes, size_t len, void *ctx, struct crash_record **r, struct err *err)
{
	_cleanup_talloc_ struct crash_record *read = talloc_zero(ctx, struct crash_record);
	json_auto_t *json = NULL;
	int rc = read ? record_json_parse(bytes, len, &json, err)
		      : err_errno(err, -ENOMEM, "read it");

	if (rc == 0)
		rc = take(json, read, err);
	if (rc < 0)
		return rc;
	*r = read;
	read = NULL;
	return 0;
}

int crash_record_read(struct machine *m, void *ctx, struct crash_record **r, struct err *err)
{
	_cleanup_talloc_ char *text = NULL;
	int rc = machine_read_file(m, NULL, CRASH_RECORD, CRASH_RECORD_MAX, &text, err);

	if (rc == -ENOTDIR)
		rc = -ENOENT;
	if (rc < 0)
		return rc;
	rc = crash_record_parse(text, strlen(text), ctx, r, err);
	return rc < 0 ? err_wrap(err, rc, "/%s", CRASH_RECORD) : 0;
}
