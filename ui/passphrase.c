// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include "devices/cleanup.h"

#define TOO_LONG "a passphrase has at most %d bytes"

/* Without the right or the room to lock it, it is at least wiped. Unlike a limit for core dumps,
 * prctl(2) holds for those too that the kernel hands to a program (core(5)). */
static int make_room(struct passphrase *p, size_t room, struct err *err)
{
	void *memory = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return err_errno(err, -ENOMEM, "read the passphrase");
	prctl(PR_SET_DUMPABLE, 0);
	mlock(memory, room);
	madvise(memory, room, MADV_DONTDUMP);
	*p = (struct passphrase){.bytes = memory, .room = room};
	return 0;
}

void passphrase_free(struct passphrase *p)
{
	if (!p->bytes)
		return;
	explicit_bzero(p->bytes, p->room);
	munmap(p->bytes, p->room);
	*p = (struct passphrase){.bytes = NULL};
}

enum { CTRL_C = 3, CTRL_D = 4, BACKSPACE = 8, CTRL_U = 21, RUBOUT = 127 };

/* Take back the last character, whose UTF-8 may be several bytes. */
static void take_back(struct passphrase *p)
{
	while (p->len && (p->bytes[p->len - 1] & 0xc0) == 0x80)
		p->len--;
	p->len -= p->len > 0;
}

/* 1 at the end of the line, 0 for more. */
static int take_byte(struct passphrase *p, char byte, struct err *err)
{
	switch (byte) {
	case '\n':
	case '\r':
		return 1;
	case CTRL_C:
	case CTRL_D:
		return err_set(err, -EINTR, "no passphrase was given");
	case CTRL_U:
		p->len = 0;
		return 0;
	case BACKSPACE:
	case RUBOUT:
		take_back(p);
		return 0;
	}
	if (p->len == PASSPHRASE_MAX)
		return err_set(err, -E2BIG, TOO_LONG, PASSPHRASE_MAX);
	p->bytes[p->len++] = byte;
	return 0;
}

static int read_typed(struct passphrase *p, struct err *err)
{
	int rc = 0;
	char byte;

	while (rc == 0) {
		ssize_t n = read(STDIN_FILENO, &byte, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, -errno, "read the passphrase");
		rc = n ? take_byte(p, byte, err) : err_set(err, -EINTR, "no passphrase was given");
	}
	explicit_bzero(&byte, sizeof(byte));
	return rc < 0 ? rc : 0;
}

static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return; /* who reads it is gone */
}

/* The keys are read one by one, so that no signal finds the terminal changed: Ctrl-C is a key. */
int passphrase_ask(const char *prompt, struct passphrase *p, struct err *err)
{
	struct termios before, hidden;
	sigset_t all, old;
	int rc = make_room(p, PASSPHRASE_MAX, err);

	if (rc < 0)
		return rc;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	if (tcgetattr(STDIN_FILENO, &before) < 0) {
		rc = err_errno(err, -errno, "ask for the passphrase");
	} else {
		hidden = before;
		hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
		hidden.c_cc[VMIN] = 1;
		hidden.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
		say(prompt);
		rc = read_typed(p, err);
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
		say("\n");
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (rc < 0)
		passphrase_free(p);
	return rc;
}

int passphrase_read_line(struct passphrase *p, struct err *err)
{
	int rc = make_room(p, PASSPHRASE_MAX + 1, err);
	ssize_t n = 0;
	char byte = 0;

	if (rc < 0)
		return rc;
	while (p->len <= PASSPHRASE_MAX && (n = read(STDIN_FILENO, &byte, 1)) == 1 && byte != '\n')
		p->bytes[p->len++] = byte;
	explicit_bzero(&byte, sizeof(byte));
	if (n < 0)
		rc = err_errno(err, -errno, "read the passphrase");
	else if (p->len > PASSPHRASE_MAX)
		rc = err_set(err, -E2BIG, TOO_LONG, PASSPHRASE_MAX);
	else if (!p->len)
		rc = err_set(err, -ENODATA, "no passphrase was given");
	if (rc < 0)
		passphrase_free(p);
	return rc;
}

int passphrase_read_file(const char *path, size_t limit, struct passphrase *p, struct err *err)
{
	int is_input = !strcmp(path, "-");
	_cleanup_fd_ int file = is_input ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	int rc = !is_input && file < 0 ? err_errno(err, -errno, "open the key file %s", path)
				       : make_room(p, limit + 1, err);
	ssize_t n = 1;

	if (rc < 0)
		return rc;
	while (n > 0 && p->len < p->room) {
		n = read(is_input ? STDIN_FILENO : file, p->bytes + p->len, p->room - p->len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			p->len += (size_t)n;
	}
	if (n < 0)
		rc = err_errno(err, -errno, "read the key file %s", path);
	else if (p->len > limit)
		rc = err_set(err, -EFBIG, "the key file %s has more than %zu bytes", path, limit);
	else if (!p->len)
		rc = err_set(err, -ENODATA, "the key file %s is empty", path);
	if (rc < 0)
		passphrase_free(p);
	return rc;
}
