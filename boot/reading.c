// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/reading.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"

struct reading reading_of_bytes(struct entry_list *list, const char *file)
{
	static const struct volume nowhere = {.fd = -1, .root = "/"};
	static const struct volume_set nothing;

	return (struct reading){
		.list = list,
		.file = file,
		.volumes = &nothing,
		.volume = &nowhere,
		.architecture = "x86_64",
		.efi = true,
		.fd = -1,
	};
}

int reading_file(struct reading *r, void *ctx, const struct volume *v, const char *path,
	size_t limit, char **bytes, size_t *len, struct err *err)
{
	size_t left = READING_BYTES_MAX - r->bytes;
	int rc;

	if (v->fd < 0)
		return err_set(err, -ENOENT, "%s is not there", path);
	if (r->files >= READING_FILES_MAX)
		return err_set(err, -E2BIG, "%s is left out: %s leads to more than %d files", path,
			r->file, READING_FILES_MAX);
	rc = volume_read(v, ctx, path, limit < left ? limit : left, bytes, len, err);
	if (rc == -EFBIG && limit >= left)
		return err_set(err, -E2BIG, "%s is left out: %s leads to more than %d MiB", path,
			r->file, READING_BYTES_MAX >> 20);
	if (rc < 0)
		return rc;
	r->files++;
	r->bytes += *len;
	return 0;
}

int reading_part(const struct reading *r, const char *bytes, size_t len, size_t offset, void *part,
	size_t size)
{
	size_t done = 0;

	if (offset <= len && size <= len - offset) {
		memcpy(part, bytes + offset, size);
		return 0;
	}
	while (r->fd >= 0 && done < size) {
		ssize_t n = pread(r->fd, (char *)part + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += (size_t)n;
	}
	return r->fd < 0 ? -EIO : 0;
}

void reading_problem(
	struct reading *r, const char *file, unsigned int line, const char *format, ...)
{
	_cleanup_talloc_ char *text = NULL;
	va_list ap;

	if (r->problems++ >= READING_PROBLEMS_MAX)
		return;
	text = talloc_asprintf(NULL, "%s", file ? file : r->file);
	if (text && line)
		text = talloc_asprintf_append_buffer(text, ":%u", line);
	if (text)
		text = talloc_strdup_append_buffer(text, ": ");
	va_start(ap, format);
	if (text)
		text = talloc_vasprintf_append_buffer(text, format, ap);
	va_end(ap);
	if (text)
		entry_add_problem(r->list, &r->list->problems, &r->list->problem_count, text);
}
