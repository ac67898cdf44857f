// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/dump_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/log.h"
#include "devices/pci_dump.h"

#define CHUNK (1 << 20)

/* To the end, whatever it is: a pipe has no size, and may take its time. */
static int read_whole(int fd, char **text, size_t *len)
{
	size_t room = 0;
	ssize_t n;

	*len = 0;
	do {
		if (*len == room) {
			char *more = talloc_realloc(NULL, *text, char, room += CHUNK);

			if (!more)
				return -ENOMEM;
			*text = more;
		}
		n = read(fd, *text + *len, room - *len);
		*len += n > 0 ? (size_t)n : 0;
		if (*len > PCI_DUMP_MAX)
			return -EFBIG;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

static int names_drivers(const struct pci_snapshot *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->functions[i].driver)
			return 1;
	return 0;
}

static int has_headers_only(const struct pci_snapshot *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->functions[i].config_len > 64)
			return 0;
	return 1;
}

int dump_file_read(
	struct session *s, const char *name, struct pci_snapshot **snapshot, struct err *err)
{
	int is_stdin = !strcmp(name, "-");
	_cleanup_fd_ int fd = is_stdin ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
	_cleanup_talloc_ char *text = NULL;
	size_t len;
	int rc;

	name = is_stdin ? "standard input" : name;
	if (fd < 0)
		return err_errno(err, -errno, "open %s", name);
	rc = read_whole(fd, &text, &len);
	if (rc < 0)
		return err_errno(err, rc, "read %s", name);
	rc = pci_dump_parse(text, len, name, s->memory, snapshot, err);
	if (rc == 0 && has_headers_only(*snapshot))
		log_warn("%s has no more than 64 bytes of any function, so capabilities and resets "
			 "are not known: root's lspci -xxxx prints them",
			name);
	if (rc == 0 && !names_drivers(*snapshot))
		log_warn("%s names no drivers, so there is nothing to unbind: lspci -D -k -xxxx "
			 "prints them",
			name);
	return rc;
}
