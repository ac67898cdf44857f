/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_FORMAT_H
#define BOOT_FORMAT_H

/*
 * The formats of boot configurations: one line of a table each, and the file with its parser. A
 * new format touches nothing else.
 */

#include <stddef.h>

#include "boot/reading.h"

#define FORMAT_PLACES_MAX 40

enum format_menu {
	FORMAT_FILE_IS_MENU, /* each file is a menu by itself */
	FORMAT_DISK_IS_MENU, /* all files of one disk are one menu, whichever partition they are on */
	FORMAT_LAST_RESORT, /* each volume is a menu, looked at where nothing else was found at all */
};

/* The write, a talloc child of ctx, by which a loader remembers this entry as its saved or one-shot
 * choice. -ENOTSUP with a sentence that says why it cannot, and what to do instead. */
typedef int format_remember(void *ctx, const struct entry *e, enum entry_choice choice,
	struct entry_write **write, struct err *err);

struct format_place {
	const char *pattern; /* volume_glob(); NULL ends the list */
	entry_parser *parse; /* NULL for the format's own */
	size_t head;         /* bytes that the parser is given of it (reading_part() has the rest);
				0 for the whole file */
};

struct format {
	const char *name;
	const char *also; /* what its parsers call entries of another kind, or NULL */
	enum format_menu menu;
	struct format_place places[FORMAT_PLACES_MAX]; /* read in this order */
	size_t limit; /* bytes of one file; larger ones are not read */
	entry_parser *parse;
	void (*sort)(struct entry_list *list); /* put a menu in order, or NULL */
	/* How the loader of this format is told a choice, or NULL where it cannot be. */
	format_remember *remember;
};

/* In the order in which their menus are listed; ended by a format without a name. */
extern const struct format formats[];

/* The format whose entries are called so; NULL if there is none. */
const struct format *format_named(const char *name);

/* The parsers, each in its own file or folder. */
entry_parser bls_parse;          /* Boot Loader Specification type 1: loader/entries/ID.conf */
entry_parser bls_parse_settings; /* loader.conf */
entry_parser uki_parse;          /* type 2: EFI/Linux/ID.efi */
entry_parser grub_parse;         /* grub.cfg */
entry_parser grub_legacy_parse;  /* menu.lst */
entry_parser syslinux_parse;     /* SYSLINUX, EXTLINUX, ISOLINUX, PXELINUX, U-Boot */
entry_parser petitboot_conf_parse;
entry_parser kboot_parse;
entry_parser yaboot_parse; /* yaboot.conf, and lilo.conf and silo.conf, which it comes from */
entry_parser bare_parse;   /* a kernel's first bytes */

format_remember grub_remember; /* saved_entry and next_entry in grubenv */
format_remember bls_remember;  /* LoaderEntryDefault and LoaderEntryOneShot */

#endif
