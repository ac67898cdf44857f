// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/utf8.h"

#define LOG_LINE_MAX 1024

/* State at file scope: the sink is the one thing that nobody is handed. */
static struct {
	int out_fd, err_fd;
	enum log_level level;
	unsigned int wait_ms;
	char last_error[LOG_LINE_MAX];
} sink = {STDOUT_FILENO, STDERR_FILENO, LOG_WARN, 0, ""};

void log_setup(int out_fd, int err_fd, enum log_level level)
{
	sink.out_fd = out_fd;
	sink.err_fd = err_fd;
	sink.level = level;
	sink.wait_ms = 0;
}

void log_wait(unsigned int ms)
{
	sink.wait_ms = ms;
}

/* A console that takes no more loses the line; there is nobody else to tell. */
static void put(int fd, const char *line, size_t len)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};

	while (len) {
		ssize_t n = write(fd, line, len);

		if (n < 0 && (errno != EAGAIN || !sink.wait_ms))
			return;
		if (n < 0 && poll(&room, 1, (int)sink.wait_ms) <= 0)
			sink.wait_ms = 0;
		if (n > 0) {
			line += n;
			len -= (size_t)n;
		}
	}
}

const char *log_last_error(void)
{
	return sink.last_error;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const prefix[] = {"stillboot: ", "stillboot: ", "", "debug: "};
	char line[LOG_LINE_MAX];
	size_t len;
	va_list ap;

	if (level > sink.level)
		return;
	len = strlen(prefix[level]);
	memcpy(line, prefix[level], len);
	va_start(ap, fmt);
	vsnprintf(line + len, sizeof(line) - len - 1, fmt, ap);
	va_end(ap);
	/* Names from disks are escaped by who knows them; no other way leads to a terminal either. */
	utf8_clean(line + len, sizeof(line) - len - 2);
	if (level == LOG_ERROR)
		strcpy(sink.last_error, line + len);
	len = strlen(line);
	line[len++] = '\n';
	put(level == LOG_INFO ? sink.out_fd : sink.err_fd, line, len);
}
