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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/err.h"

struct volume; /* boot/volume/volume.h */

/* Where one file of an entry lies: a path from the root of its filesystem and, where the
 * configuration names another filesystem than its own, which one. */
struct entry_file {
	const char *path; /* begins with a slash; NULL if the entry has no such file */
	const char *on;   /* "UUID=...", "LABEL=...", "FILE=..." (the one that has this file), a
			     GRUB device such as "hd0,gpt2", or NULL for the filesystem that holds
			     the configuration */
	uint64_t offset, size; /* the part of the file that is meant, in bytes: a section of a
				  unified kernel image. size 0 is the whole file */
	/* From discovery: */
	const struct volume *volume; /* where it was looked for, NULL if there is no such volume */
	const char *device;          /* that volume's, where another than the source's; else NULL */
};

/* A submenu: where an entry stands in the tree. Entries are listed flat, in the order of the menu;
 * the tree is kept in these. Positions count entries and submenus alike from 0, as GRUB does. */
struct entry_menu {
	const struct entry_menu *above; /* NULL below the top menu */
	const char *title, *id;
	unsigned int position;
};

/* What is to be written when an entry is really booted, before the quiesce and never before: a
 * choice for one boot is used up, a boot is counted; or when the user has something kept. The earlier of
 * two comes first. */
enum entry_write_kind {
	ENTRY_WRITE_GRUBENV, /* in GRUB's environment block path: name gets value, NULL unsets it */
	ENTRY_WRITE_RENAME,  /* the file path gets the name value, in its directory */
	ENTRY_WRITE_EFI,     /* the loader's EFI variable name gets value, NULL deletes it */
	ENTRY_WRITE_SETTING, /* in the file of settings (boot/settings/settings.h) path, which need not
				be there: name gets value, NULL takes it out */
	ENTRY_WRITE_FILE,    /* the file path gets the text value; NULL removes it */
};
struct entry_write {
	const struct entry_write *next;
	enum entry_write_kind kind;
	const struct volume *volume; /* NULL for EFI variables */
	const char *path, *name, *value;
};

#define ENTRY_INITRDS_MAX 16
#define ENTRY_MENUS_MAX 16 /* submenus within submenus */

struct entry {
	const char *id;      /* unique in its list once discovery is done */
	const char *title;   /* never NULL after parsing */
	const char *version; /* these may be NULL: */
	const char *machine_id;
	const char *sort_key;
	const char *architecture;
	const char *options;        /* kernel command line, "" if none given */
	struct entry_file kernel;   /* the key "linux" (a macro of GNU C, hence the name) */
	struct entry_file *initrds; /* this entry's own: see entry_add_initrd */
	size_t initrd_count;
	struct entry_file devicetree;
	const char *devicetree_overlays; /* as written; nothing here can apply them */
	struct entry_file efi; /* an EFI program. Without a kernel it may be one itself, or a
				  unified kernel image; discovery looks */
	unsigned int profile;  /* of a unified kernel image that has several, from 0 */
	const char *
		format; /* "bls1", "bls2", "grub": the table's name where the parser says nothing */
	struct {
		const char *device; /* "/dev/nvme0n1p1", NULL for a plain directory */
		const char *file;   /* path of the configuration from its filesystem's root */
		unsigned int line;  /* 1-based line where the entry begins */
		const struct volume *volume; /* from discovery */
	} source;
	const char *device; /* of the kernel, where another than the source's; else NULL */
	const struct entry_menu *menu; /* NULL in the top menu */
	unsigned int position;         /* in its menu, as displayed */
	int tries_left, tries_done;    /* boot counting; -1 where the entry is not counted */
	const struct entry_write *writes;
	struct entry_file
		environment; /* GRUB's block that keeps choices, path NULL if there is none;
					  volume set by the parser */
	int is_default;
	int is_running; /* from discovery: this is what runs now */
	/* From the policy: the rules that changed its options, or hide it; NULL for none. */
	const char *changed_by, *hidden_by;
	const char *reason; /* why it cannot be booted, NULL if it can */
};

/* Who says what the default is; the first of these wins. */
enum entry_choice {
	ENTRY_CHOICE_ONESHOT, /* a choice for one boot: next_entry, LoaderEntryOneShot */
	ENTRY_CHOICE_SAVED,   /* the user's: saved_entry, LoaderEntryDefault */
	ENTRY_CHOICE_POLICY,
	ENTRY_CHOICE_FORMAT, /* what the configuration itself says */
	ENTRY_CHOICE_NEWEST, /* nobody said anything */
};

#define ENTRY_TIMEOUT_NEVER (-2)

struct entry_list {
	struct entry *entries; /* talloc array below the list, in the order of the menu */
	size_t count;
	const char *default_pattern;      /* what the format says is the default (see
					entry_list_default); NULL if it says nothing */
	const char *fallbacks;            /* further such patterns, parted by blanks, for when that
					     cannot be booted; NULL for none */
	const char *preferred_pattern;    /* comes before default_pattern, but never means an entry
					  without tries left; NULL for none */
	enum entry_choice default_choice; /* where that comes from: ONESHOT, SAVED or FORMAT */
	int timeout; /* seconds until it is booted; -1 if nothing is said, or ENTRY_TIMEOUT_NEVER */
	const char **problems; /* sentences for the user */
	size_t problem_count;
};

#define ENTRY_LIST_MAX 4096

/* A new empty list below ctx. NULL when memory ran out. */
struct entry_list *entry_list_new(void *ctx);
/* Append an entry that is zeroed but for the counters (-1) and return it (valid until the next
 * call), NULL when memory ran out or the list has ENTRY_LIST_MAX entries. */
struct entry *entry_list_add(struct entry_list *list);
/* Append an initrd; the array for it is allocated below ctx. A copy of an entry has to get an array of
 * its own before more are appended. -ENOMEM, or -E2BIG when it has ENTRY_INITRDS_MAX. */
int entry_add_initrd(void *ctx, struct entry *entry, struct entry_file file);
/* Move all entries and problems of other to the end of list; other becomes a child of list and empty. -ENOMEM,
 * or -E2BIG when they would be too many: then nothing was moved. */
int entry_list_append(struct entry_list *list, struct entry_list *other);
/* Give entries whose id was seen before a new one with "#2", "#3"... at the end. The first keeps
 * its own, so ids are as stable as the order. -ENOMEM. */
int entry_list_make_unique(struct entry_list *list);

/* The entry that the list's preferred_pattern (a glob) names, or else its default_pattern,
 * strictly as its format would: a way through the
 * menus ("0", "1>0", "title>id": at each step a position, or a title or id; ">>" stands for ">";
 * a way that ends at a submenu means its first entry), or a glob for the id (with or without
 * ".conf", upper and lower case alike: loader.conf). It may be an entry that cannot be booted.
 * Where nothing is named, the first that can be, one of the user's own after all others, or else the
 * first. NULL for an empty list. */
struct entry *entry_list_default(const struct entry_list *list);
/* The entry that such a pattern names; NULL. */
struct entry *entry_list_named(const struct entry_list *list, const char *pattern);
/* The same, but NULL where nothing is named. */
struct entry *entry_list_named_default(const struct entry_list *list);
/* The first entry whose id, with or without ".conf", matches the glob, upper and lower case alike; NULL. */
struct entry *entry_list_find_id(const struct entry_list *list, const char *pattern);
/* The entry a user means: an id, a way through the menus, a title, a glob for the id; the first
 * rule that finds one decides, and the first entry that it finds. NULL if there is none. */
struct entry *entry_list_find(const struct entry_list *list, const char *name);

/* Is it one that the user made in stillboot's menu (boot/bls/own.h)? */
bool entry_is_own(const struct entry *e);

/* Append a copy of a sentence to the problems of ctx, a list or whoever collects those of several; they are a
 * talloc array below it. -ENOMEM, and nothing has changed. */
int entry_add_problem(void *ctx, const char ***problems, size_t *count, const char *text);

#endif
