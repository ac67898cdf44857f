// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/leave/exitrd_target.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/utf8.h"

#define VERSION 2
#define FILE_MAX ((json_int_t)4 << 30)  /* bytes, as when it was pinned */
#define START_MAX ((json_int_t)1 << 32) /* bytes; the field of a bzImage has 32 bits */
#define ROOM_MAX ((json_int_t)1 << 30)  /* bytes */
#define CMDLINE_MAX 65536               /* bytes; no kernel takes more */

char *exitrd_target_write(const struct exitrd *what)
{
	const struct pinned *p = what->pinned;
	_cleanup_talloc_ char *title = talloc_strdup(NULL, what->title ? what->title : "");
	json_t *json;
	char *text;

	if (!title)
		return NULL;
	utf8_clean(title, EXITRD_TITLE_MAX);
	json = json_pack("{si ss ss sI sI sI sI sI sb}", "version", VERSION, "title", title,
		"format", p->image.format ? p->image.format : "", "kernel_size",
		(json_int_t)p->kernel_size, "initrd_size",
		(json_int_t)(p->initrd_fd < 0 ? 0 : p->initrd_size), "start_size",
		(json_int_t)p->image.start_size, "handoff_offset", (json_int_t)p->handoff_offset,
		"handoff_room", (json_int_t)p->handoff_room, "reboot_is_kexec",
		what->reboot_is_kexec);
	text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	json_decref(json);
	return text;
}

/* What was read, before it is believed. */
struct raw {
	int version, reboot_is_kexec;
	const char *title, *format;
	json_int_t kernel, initrd, start, offset, room;
};

static int check(const struct raw *r, struct err *err)
{
	if (r->version != VERSION)
		return err_set(err, -EBADMSG, "it is of version %d, not %d", r->version, VERSION);
	if (strlen(r->title) > EXITRD_TITLE_MAX || strlen(r->format) > 64)
		return err_set(err, -EBADMSG, "a text in it is too long");
	if (r->kernel <= 0 || r->kernel > FILE_MAX || r->initrd < 0 || r->initrd > FILE_MAX ||
		r->start < 0 || r->start > START_MAX)
		return err_set(err, -EBADMSG, "a size in it makes no sense");
	if (r->offset < 0 || r->offset > r->initrd || r->room < 0 || r->room > ROOM_MAX ||
		r->offset % 4)
		return err_set(err, -EBADMSG, "the handoff's room is not behind the initrd");
	return 0;
}

static int take(const struct raw *r, void *ctx, struct exitrd_target **target, struct err *err)
{
	struct exitrd_target *t = talloc_zero(ctx, struct exitrd_target);

	if (t)
		*t = (struct exitrd_target){
			.title = talloc_strdup(t, r->title),
			.format = talloc_strdup(t, r->format),
			.kernel_size = (size_t)r->kernel,
			.initrd_size = (size_t)r->initrd,
			.start_size = (uint64_t)r->start,
			.handoff_offset = (size_t)r->offset,
			.handoff_room = (size_t)r->room,
			.reboot_is_kexec = r->reboot_is_kexec,
		};
	if (!t || !t->title || !t->format) {
		talloc_free(t);
		return err_errno(err, -ENOMEM, "read it");
	}
	*target = t;
	return 0;
}

int exitrd_target_parse(
	const char *bytes, size_t len, void *ctx, struct exitrd_target **target, struct err *err)
{
	json_error_t why;
	json_t *json;
	struct raw r;
	int rc;

	if (len > EXITRD_TARGET_MAX)
		return err_set(err, -EBADMSG, "it is too long");
	json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &why);
	/* The exclamation mark: nothing else in it. */
	if (!json || json_unpack_ex(json, &why, 0, "{si ss ss sI sI sI sI sI sb !}", "version",
			     &r.version, "title", &r.title, "format", &r.format, "kernel_size",
			     &r.kernel, "initrd_size", &r.initrd, "start_size", &r.start,
			     "handoff_offset", &r.offset, "handoff_room", &r.room,
			     "reboot_is_kexec", &r.reboot_is_kexec) < 0) {
		json_decref(json);
		return err_set(err, -EBADMSG, "line %d: %s", why.line, why.text);
	}
	rc = check(&r, err);
	if (rc == 0)
		rc = take(&r, ctx, target, err);
	json_decref(json);
	return rc;
}

int exitrd_target_read(struct machine *m, void *ctx, const char *directory,
	struct exitrd_target **target, struct err *err)
{
	_cleanup_talloc_ char *text = NULL;
	char path[128];
	int rc;

	snprintf(path, sizeof(path), "%.64s%s%s", directory, *directory ? "/" : "", EXITRD_TARGET);
	rc = machine_read_file(m, NULL, path, EXITRD_TARGET_MAX, &text, err);
	if (rc == 0) {
		rc = exitrd_target_parse(text, strlen(text), ctx, target, err);
		err_wrap(rc < 0 ? err : NULL, rc, "/%s", path);
	}
	return rc;
}

static int open_file(struct machine *m, const char *path, size_t size, struct err *err)
{
	_cleanup_fd_ int fd = machine_openat(m, path, O_RDONLY | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, -errno, "open /%s", path);
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size != size)
		return err_set(err, -EBADMSG, "/%s is not as it was made", path);
	return fd_take(&fd);
}

/* Its newlines are its own. */
static int read_cmdline(struct machine *m, void *ctx, char **cmdline, struct err *err)
{
	_cleanup_fd_ int fd = machine_openat(m, EXITRD_CMDLINE, O_RDONLY | O_NOFOLLOW);
	char *text = talloc_array(ctx, char, CMDLINE_MAX);
	ssize_t n = fd < 0 || !text ? -1 : read(fd, text, CMDLINE_MAX - 1);

	if (n < 0)
		return err_errno(err, text ? -errno : -ENOMEM, "read /%s", EXITRD_CMDLINE);
	text[n] = '\0';
	*cmdline = text;
	return 0;
}

int exitrd_target_open(struct machine *m, void *ctx, const struct exitrd_target *t,
	struct pinned *pinned, struct err *err)
{
	struct pinned p = {
		.kernel_fd = -1,
		.initrd_fd = -1,
		.kernel_size = t->kernel_size,
		.initrd_size = t->initrd_size,
		.handoff_offset = t->handoff_offset,
		.handoff_room = t->handoff_room,
		/* What is too long has been found out when it was pinned. */
		.image = {.format = *t->format ? t->format : NULL,
			.start_size = t->start_size,
			.cmdline_max = SIZE_MAX},
	};
	char *cmdline = NULL;
	int rc = read_cmdline(m, ctx, &cmdline, err);

	if (rc == 0)
		rc = p.kernel_fd = open_file(m, EXITRD_KERNEL, t->kernel_size, err);
	if (rc >= 0 && t->initrd_size)
		rc = p.initrd_fd = open_file(m, EXITRD_INITRD, t->initrd_size, err);
	if (rc < 0) {
		pin_release(&p);
		return rc;
	}
	p.cmdline = cmdline;
	*pinned = p;
	return 0;
}
