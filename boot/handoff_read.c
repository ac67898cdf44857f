// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding the record that was left for us, and whether it was left by who started this kernel. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/handoff.h"
#include "boot/handoff_parts.h"
#include "devices/cleanup.h"
#include "devices/kernel_words.h"

/* All of it, whatever bytes it has. */
static int read_file(
	struct machine *m, void *ctx, const char *path, char **bytes, size_t *len, struct err *err)
{
	_cleanup_fd_ int fd = machine_openat(m, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	size_t have = 0;
	ssize_t n = 1;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, -errno, "open it");
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EBADMSG, "it is not a regular file");
	if (st.st_size > HANDOFF_MAX)
		return err_set(err, -EFBIG, "it is too large: %lld bytes, and at most %d are read",
			(long long)st.st_size, HANDOFF_MAX);
	*bytes = talloc_size(ctx, (size_t)st.st_size + 1);
	if (!*bytes)
		return err_errno(err, -ENOMEM, "read it");
	while (n > 0 && have < (size_t)st.st_size) {
		n = read(fd, *bytes + have, (size_t)st.st_size - have);
		have += n > 0 ? (size_t)n : 0;
	}
	*len = have;
	return n < 0 ? err_errno(err, -errno, "read it") : 0;
}

/* What the command line names. */
static int check_tie(struct machine *m, const char *bytes, size_t len, unsigned int version,
	enum handoff_tie *tie, struct err *err)
{
	_cleanup_talloc_ char *named = kernel_words_value(m, NULL, HANDOFF_WORD);
	char digest[HANDOFF_DIGEST + 1];

	handoff_digest(bytes, len, digest);
	if (!named)
		*tie = HANDOFF_UNTIED;
	else
		*tie = strcmp(named, digest) ? HANDOFF_OTHER : HANDOFF_TIED;
	if (*tie == HANDOFF_OTHER)
		return err_set(err, -ESTALE,
			"it belongs to another jump: this kernel's command line names another one");
	if (*tie == HANDOFF_UNTIED && version != 1)
		return err_set(err, -ESTALE,
			"it belongs to another jump: this kernel's command line names none "
			"(" HANDOFF_WORD "=)");
	return 0;
}

static int read_record(struct machine *m, const char *bytes, size_t len, void *ctx,
	struct handoff **handoff, struct err *err)
{
	enum handoff_tie tie = HANDOFF_OTHER;
	unsigned int version;
	const char *body;
	size_t body_len;
	int rc = handoff_heading(bytes, len, &version, &body, &body_len, err);

	if (rc == 0)
		rc = check_tie(m, bytes, (size_t)(body - bytes) + body_len, version, &tie, err);
	if (rc == 0)
		rc = handoff_parse(bytes, len, ctx, handoff, err);
	if (rc == 0)
		(*handoff)->tie = tie;
	return rc;
}

int handoff_read(struct machine *m, void *ctx, struct handoff **handoff, struct err *err)
{
	static const char *const places[] = {"run/stillboot/handoff", "stillboot/handoff"};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		_cleanup_talloc_ void *tmp = talloc_new(NULL);
		char *bytes = NULL;
		size_t len = 0;
		int rc = read_file(m, tmp, places[i], &bytes, &len, err);

		if (rc == -ENOENT || rc == -ENOTDIR)
			continue;
		if (rc == 0)
			rc = read_record(m, bytes, len, ctx, handoff, err);
		return rc < 0 ? err_wrap(err, rc, "the handoff in /%s", places[i]) : 0;
	}
	return err_set(err, -ENOENT,
		"there is no handoff: this kernel was not started by stillboot, or its initramfs "
		"did not keep it");
}
