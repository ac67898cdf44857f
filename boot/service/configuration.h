/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_SERVICE_CONFIGURATION_H
#define BOOT_SERVICE_CONFIGURATION_H

/*
 * How this machine is to be restarted: stillboot.conf(5). Files, of which later ones override
 * earlier ones: usr/lib/stillboot/stillboot.conf, etc/stillboot/stillboot.conf, and the *.conf of
 * etc/stillboot/stillboot.conf.d by name. None of them has to be there.
 *
 * A line is `name = value`, a comment that begins with '#', or empty. Nothing else is accepted: a
 * slip in a file that decides how a machine restarts is to be found when it is made. Values are
 * plain text (UTF-8 without control characters) without quotes; an empty one says what nothing said
 * would.
 */

#include <stddef.h>

#include "devices/machine.h"

#define CONFIGURATION_VENDOR_FILE "usr/lib/stillboot/stillboot.conf"
#define CONFIGURATION_FILE "etc/stillboot/stillboot.conf"
#define CONFIGURATION_DIRECTORY "etc/stillboot/stillboot.conf.d"
/* What `stillboot enable` writes and `disable` removes; by its name it comes after others. */
#define CONFIGURATION_ENABLE_FILE CONFIGURATION_DIRECTORY "/90-enable.conf"
#define CONFIGURATION_FILE_MAX (64 << 10) /* bytes */
#define CONFIGURATION_VALUE_MAX 512       /* bytes */
#define CONFIGURATION_TIMEOUT_MAX 3600    /* seconds */

enum configuration_name {
	CONFIGURATION_REBOOT,  /* what a plain reboot does: "firmware", "kexec" */
	CONFIGURATION_ENTRY,   /* what is preloaded, as `stillboot load` takes it */
	CONFIGURATION_TIMEOUT, /* seconds that processes have to end, of `stillboot reboot --now` */
	CONFIGURATION_NAMES,
};

struct configuration {
	enum { REBOOT_BY_FIRMWARE, REBOOT_BY_KEXEC } reboot;
	const char *entry; /* "" for the default one */
	unsigned int timeout_s;
	/* Who said so: "/etc/stillboot/stillboot.conf:3"; NULL where it is built in. */
	const char *where[CONFIGURATION_NAMES];
};

/* What holds where no file says anything. */
#define CONFIGURATION_BUILTIN ((struct configuration){.entry = "", .timeout_s = 10})

/* Take what a file says over what c has; name is what errors and where call it. Strings belong to
 * ctx. -EINVAL with "NAME:LINE: " what is wrong and what would be right; c is as it was then.
 * -ENOMEM. */
int configuration_parse(void *ctx, const char *bytes, size_t len, const char *name,
	struct configuration *c, struct err *err);

/* All files of the machine. Errors as above, and those of reading; *c is written on success only. */
int configuration_read(struct machine *m, void *ctx, struct configuration *c, struct err *err);

#endif
