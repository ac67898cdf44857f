/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_SETTINGS_H
#define BOOT_SETTINGS_H

/*
 * What the user of the menu has set, kept from one boot to the next.
 *
 * Where it is: the timeout in the EFI variable LoaderConfigTimeout, which systemd-boot reads too (The Boot
 * Loader Interface), if the firmware keeps variables; everything else, and the timeout of other machines,
 * in the file loader/stillboot.conf (boot/loader/stillboot.conf) of the boot disk. That is the disk of the
 * first menu in the order of discovery, by what that finds alone and before the user's own order of
 * devices; a menu that has nothing but the user's own entries does not count. The file of the first menu's
 * volume counts before those of the disk's other volumes, and no other disk's file counts at all. Under it
 * lies etc/stillboot/menu.conf of the system that stillboot runs in, which is never written: its values
 * count where the disk says nothing; but a password there counts before any other, so that a disk that
 * somebody brings along does not open the lock.
 *
 * Before all of them count words of the running kernel's command line, which is how a boot image is told:
 *
 *   stillboot.timeout=SETTING   stillboot.default=SETTING
 *   stillboot.console=TERMINAL  may be there several times
 *
 * The file has lines as loader.conf has them: a key, blanks, a value (boot/bls/line.h); the last of two
 * lines with one key counts. Only what the user changed stands in it. Keys that are not known here are
 * kept, those that do not make sense are told and count as not set.
 */

#include <stdbool.h>

#include "boot/entry.h"
#include "boot/volume/volume.h"
#include "devices/machine.h"

#define SETTINGS_FILE "loader/stillboot.conf"
#define SETTINGS_SYSTEM_FILE "etc/stillboot/menu.conf"
#define SETTINGS_FILE_MAX (16 << 10) /* bytes */
#define SETTINGS_VALUE_MAX 512       /* bytes of one value */
#define SETTINGS_PROBLEMS_MAX 8      /* sentences */

enum setting {
	SETTING_TIMEOUT, /* seconds, or "never" */
	SETTING_DEFAULT, /* "last", "newest", or an entry as `stillboot list` names it */
	SETTING_ORDER, /* devices whose menus stand first: names as in volume_named(), or of disks */
	SETTING_HIDDEN,   /* "show" or "hide": entries that rules hide */
	SETTING_LANGUAGE, /* of messages: "de", "pt_BR" */
	SETTING_CONSOLES, /* that have a menu: "tty0 ttyS0,ascii" */
	SETTING_PASSWORD, /* crypt(3)'s hash of what the lock asks for: yescrypt or SHA-512 */
	SETTINGS,
};

struct setting_kind {
	const char *name;
	const char *const
		*choices; /* the only values, or the usual ones, NULL-terminated; or NULL */
	/* Why it cannot have this value (which is no control character's and UTF-8), or NULL. */
	const char *(*check)(const char *value);
};

/* By enum setting. */
extern const struct setting_kind setting_kinds[];

/* By its name; SETTINGS if there is none. */
enum setting setting_named(const char *name);
/* Why this setting cannot have this value, or NULL. */
const char *setting_check(enum setting which, const char *value);

/* A talloc context. */
struct settings {
	const char *values[SETTINGS]; /* NULL: it is not set */
	const char *stored[SETTINGS]; /* where that is, in words; NULL where the value is */
	bool in_file[SETTINGS];       /* the boot disk's has a line of it, which may not count */
	const char *last;             /* what was booted last, as far as the file has it */
	/* The boot disk's file, there or not yet; volume NULL if there is no boot disk. */
	const struct volume *volume;
	const char *file;
	const char **problems; /* sentences */
	size_t problem_count;
};

/* Nothing set, below ctx. NULL when memory ran out. */
struct settings *settings_new(void *ctx);

/* Add a sentence to its problems, of which there are SETTINGS_PROBLEMS_MAX at most. -ENOMEM. */
int settings_problem(struct settings *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Take what a file says; where is what messages call it. Pure. -ENOMEM. */
int settings_parse(struct settings *s, const char *bytes, size_t len, const char *where);

/* Take what a kernel's command line says; NULL for one that is not known. Pure. -ENOMEM. */
int settings_of_command_line(struct settings *s, const char *cmdline);

/* Change the text of a file: name gets this value, or is taken out where value is NULL; all other lines
 * stay as they are. *bytes, NULL for a new file, is replaced by a talloc buffer of ctx. -EINVAL for what
 * cannot stand in a line, -EFBIG, -ENOMEM: then nothing was changed. */
int settings_edit(
	void *ctx, char **bytes, size_t *len, const char *name, const char *value, struct err *err);

/* Only what the system that stillboot runs in says (its command line, SETTINGS_SYSTEM_FILE): for who cannot
 * wait for disks.
 * NULL when memory ran out. */
struct settings *settings_of_system(struct machine *m, void *ctx);

/* All of them. m may be NULL: then only the disk's count. home is the volume of the first menu, or NULL,
 * and menu one of that menu's files. NULL when memory ran out. */
struct settings *settings_find(struct machine *m, void *ctx, const struct volume_set *set,
	const struct volume *home, const char *menu);

/* Seconds until the default is booted, of those of the configuration (-1 if it says nothing). */
int settings_timeout(const struct settings *s, int configured);

/* The place of this volume in the user's order of devices, from 0 on. What is not named comes last. */
size_t settings_rank(const struct settings *s, const struct volume *v);

/* Put what is to be written to give a setting this value, or to forget it where value is NULL, behind the
 * writes of *writes, for commit_prepare(). They are allocated from ctx, and need s, its volumes and value. -EINVAL
 * with what is wrong with the value, -ENODEV without a boot disk, -EPERM for a password that only the
 * administrator of the system changes. */
int settings_write(void *ctx, struct machine *m, const struct settings *s, enum setting which,
	const char *value, const struct entry_write **writes, struct err *err);

#endif
