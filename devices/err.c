// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, int rc, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return rc;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return rc;
}

int err_errno(struct err *err, int rc, const char *fmt, ...)
{
	char what[ERR_TEXT_MAX];
	va_list ap;

	if (!err)
		return rc;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(err, rc, "%.400s: %s", what, strerror(-rc));
}

int err_wrap(struct err *err, int rc, const char *fmt, ...)
{
	char cause[ERR_TEXT_MAX];
	size_t cause_len, room;
	va_list ap;

	if (!err)
		return rc;
	memcpy(cause, err->text, sizeof(cause));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);

	/* The cause matters most: what was done for it gives way when both do not fit. */
	cause_len = strnlen(cause, sizeof(cause) - 3);
	room = sizeof(err->text) - 3 - cause_len;
	if (strlen(err->text) > room)
		err->text[room] = '\0';
	room = strlen(err->text);
	memcpy(err->text + room, ": ", 2);
	memcpy(err->text + room + 2, cause, cause_len);
	err->text[room + 2 + cause_len] = '\0';
	return rc;
}
