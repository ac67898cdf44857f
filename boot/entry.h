/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_ENTRY_H
#define BOOT_ENTRY_H

/*
 * A boot entry, whatever format it was written in. The words are those of the Boot Loader
 * Specification. Parsers make entries and never open files: they get bytes and give entries;
 * discovery fills in what needs the machine (on which volume a file lies, whether it is there).
 *
 * Entries and their strings belong to the talloc context of their list. Strings come from disks:
 * valid UTF-8 is not promised and control characters may be in them; whoever prints escapes.
 */

#include <stddef.h>

#include "devices/err.h"

/* Where one file of an entry lies: a path from the root of its filesystem and, where the
 * configuration names another filesystem than its own, which one. */
struct entry_file {
	const char *path;
	const char *on; /* "UUID=...", "LABEL=...", a GRUB device such as "hd0,gpt2", or NULL for
			   the filesystem that holds the configuration */
};

#define ENTRY_INITRDS_MAX 16

struct entry {
	const char *id;	     /* unique in its list once discovery is done */
	const char *title;   /* never NULL after parsing */
	const char *version; /* these may be NULL: */
	const char *machine_id;
	const char *sort_key;
	const char *architecture;
	const char *options; /* kernel command line, "" if none given */
	struct entry_file linux;
	struct entry_file initrds[ENTRY_INITRDS_MAX];
	size_t initrd_count;
	struct entry_file devicetree;
	const char *format; /* "bls1", "grub": the table's name of its parser */
	struct {
		const char *device; /* "/dev/nvme0n1p1", NULL for a plain directory */
		const char *file;   /* path of the configuration from its filesystem's root */
		unsigned int line;  /* 1-based line where the entry begins */
	} source;
	const char *device; /* of the kernel, where another than the source's; else NULL */
	int is_default;
	const char *reason; /* why it cannot be booted, NULL if it can */
};

struct entry_list {
	struct entry *entries; /* talloc array below the list, in the order of the menu */
	size_t count;
	const char *default_pattern; /* what the format says is the default: an index ("0"), a
					title, an id or a glob; NULL if it says nothing */
};

/* A new empty list below ctx. NULL when memory ran out. */
struct entry_list *entry_list_new(void *ctx);
/* Append a zeroed entry and return it (valid until the next call), NULL when memory ran out or
 * the list has ENTRY_LIST_MAX entries. */
#define ENTRY_LIST_MAX 4096
struct entry *entry_list_add(struct entry_list *list);

/* A parser: configuration bytes (not NUL-terminated, hostile) in, entries appended to list.
 * file names it in errors ("loader/entries/a.conf:3: ..."). What cannot be understood is passed
 * over or becomes an entry with a reason; an error means that nothing at all could be read, and
 * leaves the list as it was. */
typedef int entry_parser(const char *bytes, size_t len, const char *file, struct entry_list *list,
	struct err *err);

/* Boot Loader Specification type 1, one file: loader/entries/ID.conf (boot/bls.c). */
entry_parser bls_parse;
/* GRUB configuration: menuentry and submenu blocks (boot/grub/). */
entry_parser grub_parse;

#endif
