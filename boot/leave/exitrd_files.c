// SPDX-License-Identifier: GPL-2.0-or-later
/* What the tree is made of: a list, the program's own files, and writing them. */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/leave/exitrd.h"
#include "boot/leave/exitrd_tree.h"
#include "devices/cleanup.h"

#define LIBRARY_MAX ((off_t)256 << 20) /* bytes; one built to be debugged has tens of megabytes */
#define PAGE 4096                      /* what tmpfs counts in */

static int close_files(struct exitrd_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->files[i].fd >= 0)
			close(files->files[i].fd);
	return 0;
}

struct exitrd_files *exitrd_files_new(void *ctx)
{
	struct exitrd_files *files = talloc_zero(ctx, struct exitrd_files);

	if (files)
		talloc_set_destructor(files, close_files);
	return files;
}

int exitrd_files_add(struct exitrd_files *files, const struct exitrd_file *file)
{
	struct exitrd_file *more = talloc_realloc(
		files, files->files, struct exitrd_file, files->count + 1);

	if (!more) {
		if (file->fd >= 0)
			close(file->fd);
		return -ENOMEM;
	}
	files->files = more;
	more[files->count++] = *file;
	return 0;
}

size_t exitrd_files_size(const struct exitrd_files *files)
{
	size_t size = 0;

	/* And a page each for names and directories, which is plenty. */
	for (size_t i = 0; i < files->count; i++)
		size += (files->files[i].size + files->files[i].room + PAGE - 1) / PAGE * PAGE +
			PAGE;
	return size;
}

/* Some library is loaded under its own name and as the loader. */
static int is_listed(const struct exitrd_files *files, const char *path)
{
	for (size_t i = 0; i < files->count; i++)
		if (!strcmp(files->files[i].path, path))
			return 1;
	return 0;
}

/* A file of the machine, found at "from", goes to "to". */
static int add_file(struct machine *m, struct exitrd_files *files, const char *from, const char *to,
	struct err *err)
{
	struct exitrd_file file = {.path = talloc_strdup(files, to)};
	struct stat st;
	int rc;

	if (!file.path)
		return err_errno(err, -ENOMEM, "copy /%s", from);
	if (is_listed(files, to))
		return 0;
	file.fd = machine_openat(m, from, O_RDONLY | O_NONBLOCK);
	if (file.fd < 0 && errno == ENOENT && *m->root)
		return 0; /* a captured tree has none of us */
	if (file.fd < 0 || fstat(file.fd, &st) < 0) {
		rc = err_errno(err, -errno, "copy /%s", from);
		cleanup_fd(&file.fd);
		return rc;
	}
	file.mode = st.st_mode & 0777;
	file.size = (size_t)st.st_size;
	rc = S_ISREG(st.st_mode) && st.st_size <= LIBRARY_MAX ? exitrd_files_add(files, &file)
							      : -EFBIG;
	if (rc == -EFBIG)
		close(file.fd);
	return rc < 0 ? err_errno(err, rc, "copy /%s", from) : 0;
}

/* For dl_iterate_phdr(), which cannot be told of errors but by its own return value. */
struct walk {
	struct machine *m;
	struct exitrd_files *files;
	struct err *err;
};

static int add_library(const struct walk *w, const char *path)
{
	/* The kernel's own page of code has a name without a place. */
	return *path == '/' ? add_file(w->m, w->files, path + 1, path + 1, w->err) : 0;
}

static int add_object(struct dl_phdr_info *info, size_t size, void *data)
{
	const struct walk *w = data;
	int rc = add_library(w, info->dlpi_name);

	(void)size;
	for (int i = 0; i < info->dlpi_phnum && rc == 0; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			rc = add_library(
				w, (const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr));
	return rc;
}

int exitrd_add_program(struct machine *m, struct exitrd_files *files, struct err *err)
{
	struct walk walk = {m, files, err};
	int rc = add_file(m, files, "proc/self/exe", EXITRD_PROGRAM, err);

	if (rc == 0)
		rc = dl_iterate_phdr(add_object, &walk);
	/* Where libraries are that lie at unusual places. */
	if (rc == 0 && faccessat(m->root_fd, "etc/ld.so.cache", R_OK, 0) == 0)
		rc = add_file(m, files, "etc/ld.so.cache", "etc/ld.so.cache", err);
	return rc;
}

static int make_directories(int directory, const char *path)
{
	char part[4096];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		if ((size_t)(slash - path) >= sizeof(part))
			return -ENAMETOOLONG;
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdirat(directory, part, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int write_bytes(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0)
			return -errno;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

static int copy(int to, int from, size_t size)
{
	off_t at = 0;

	while (size) {
		ssize_t n = sendfile(to, from, &at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO; /* it became shorter */
		size -= (size_t)n;
	}
	return 0;
}

static int write_file(int directory, const struct exitrd_file *file)
{
	int rc = make_directories(directory, file->path);

	if (rc < 0)
		return rc;
	if (S_ISDIR(file->mode))
		return mkdirat(directory, file->path, file->mode & 0777) < 0 ? -errno : 0;
	_cleanup_fd_ int fd = openat(directory, file->path,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file->mode);
	if (fd < 0)
		return -errno;
	rc = file->fd < 0 ? write_bytes(fd, file->bytes, file->size)
			  : copy(fd, file->fd, file->size);
	if (rc == 0 && file->room &&
		fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)file->size, (off_t)file->room) < 0)
		rc = -errno;
	if (rc == 0 && fchmod(fd, file->mode) < 0) /* whatever the umask says */
		rc = -errno;
	return rc;
}

int exitrd_write_files(int directory, const struct exitrd_files *files, struct err *err)
{
	for (size_t i = 0; i < files->count; i++) {
		int rc = write_file(directory, &files->files[i]);

		if (rc < 0)
			return err_errno(err, rc, "write %s of the exitrd", files->files[i].path);
	}
	return 0;
}
