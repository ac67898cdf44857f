// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_LINE_MAX 1024

/* The only state at file scope in the program. */
static struct {
	int fd;
	enum log_level level;
} sink = {STDERR_FILENO, LOG_WARN};

void log_setup(int fd, enum log_level level)
{
	sink.fd = fd;
	sink.level = level;
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
	len = strlen(line);
	line[len++] = '\n';
	/* A console that takes no more loses the line; there is nobody else to tell. */
	if (write(sink.fd, line, len) < 0)
		return;
}
