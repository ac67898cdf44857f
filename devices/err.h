/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_ERR_H
#define DEVICES_ERR_H

/*
 * How anything fails. A function that can fail returns 0 or a negative errno and puts one sentence
 * into the caller's struct err. The layer that met the failure says what it tried (err_set); each
 * caller above puts in front what it was doing it for (err_wrap); whoever speaks to the user prints
 * err.text once. So a chain reads from the outside in: "0000:01:00.0: rule default.lua:12: unbind
 * from nvme: No such device".
 *
 * A struct err owns nothing, needs no initialisation, and is only meaningful after a function
 * returned an error. Passing NULL is allowed where the caller does not care. Texts too long are
 * cut, the cause at the end being kept.
 */

#define ERR_TEXT_MAX 512

struct err {
	char text[ERR_TEXT_MAX];
};

/* Set the sentence; rc is the negative errno that is returned unchanged. Nothing is appended. */
int err_set(struct err *err, int rc, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same with ": " and the name of the errno appended ("open boot/x: No such file ..."). */
int err_errno(struct err *err, int rc, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Put "fmt: " in front of the sentence that is there; rc is returned unchanged. */
int err_wrap(struct err *err, int rc, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
