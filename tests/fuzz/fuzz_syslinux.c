// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * syslinux_parse() and the default that it finds. Where the first byte is "@" the machine is one of
 * U-Boot's. Where it is "~" there are other files, "a", "b" and "c", so that INCLUDE and CONFIG lead
 * somewhere: the parts of the input that lines "%" divide, after the first.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "tests/fuzz/menu.h"

#define FILES 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct entry_list *list)
{
	menu_check(list);
	for (size_t i = 0; i < list->count; i++) {
		const char *path = list->entries[i].kernel.path;

		if (path && strstr(path, "/../"))
			abort();
	}
}

static void write_file(int dir, char name, const uint8_t *data, size_t size)
{
	char path[2] = {name, '\0'};
	_cleanup_fd_ int fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
}

/* Take what is before the next line "%" off the data. */
static size_t take_part(const uint8_t **data, size_t *size)
{
	const uint8_t *mark = memmem(*data, *size, "\n%\n", 3);
	size_t len = mark ? (size_t)(mark - *data) : *size;
	size_t taken = mark ? len + 3 : len;

	*data += taken;
	*size -= taken;
	return len;
}

/* Fill the files; the first part is the main configuration's. */
static size_t write_files(int dir, const uint8_t *data, size_t size)
{
	size_t len = take_part(&data, &size);

	for (char name = 'a'; name < 'a' + FILES; name++) {
		const uint8_t *part = data;

		write_file(dir, name, part, take_part(&data, &size));
	}
	return len;
}

/* A directory that goes when the process ends. */
static char path[] = "/dev/shm/fuzz-syslinux.XXXXXX";

static void remove_directory(void)
{
	for (char name = 'a'; name < 'a' + FILES; name++) {
		char file[sizeof(path) + 2];

		snprintf(file, sizeof(file), "%s/%c", path, name);
		unlink(file);
	}
	rmdir(path);
}

static struct volume *directory(void)
{
	static struct volume volume = {.fd = -1, .root = "/", .uuid = "DA1A-0B2E"};

	if (volume.fd < 0 && mkdtemp(path)) {
		volume.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		atexit(remove_directory);
	}
	return &volume;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry_list *list = entry_list_new(NULL);
	struct reading r = reading_of_bytes(list, "boot/syslinux/syslinux.cfg");
	struct err err;

	if (list && size && *data == '~') { /* rare: files are slow */
		r.volume = directory();
		size = write_files(r.volume->fd, data, size);
		r.file = "syslinux.cfg";
		r.files = READING_FILES_MAX - 8; /* circles are long otherwise */
	} else if (size && *data == '@') {
		r.architecture = "aarch64";
		r.file = "pxelinux.cfg/default";
	}
	if (list && syslinux_parse(&r, (const char *)data, size, &err) == 0)
		check(list);
	talloc_free(list);
	return 0;
}
