/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_SYSLINUX_H
#define BOOT_SYSLINUX_H

/*
 * Menus of SYSLINUX, EXTLINUX, ISOLINUX and PXELINUX, and of U-Boot, which reads the same language;
 * syslinux_parse() is in boot/format.h. The language is that of SYSLINUX 6.04 (doc/syslinux.txt,
 * doc/menu.txt) with what U-Boot adds (doc/usage/pxe.rst). This header is for the files
 * boot/syslinux*.c alone:
 *
 *   syslinux.c  a configuration and those it includes
 *   keywords.c  what a line of it does
 *   menu.c      submenus, and other configurations that are submenus here (CONFIG)
 *   label.c     what a label gives: an entry, or a way to another place
 *   entry.c     an entry of what a label says
 *   kind.c      what a label starts, by keyword and by name
 *   file.c      where files lie
 *   default.c   which entry is the default, and when it is booted
 *   line.c      lines, words and numbers
 *
 * What the languages do not agree in goes by the machine: SYSLINUX runs on PCs only, so on any other
 * machine the loader was U-Boot, for which a kernel is a kernel whatever its name ends in, a label
 * is no file name, and DEFAULT is never a command line.
 *
 * The command line. SYSLINUX hands `initrd=` in APPEND on to the kernel and loads what it names; so
 * does this: the word stays, since programs look for it in /proc/cmdline and the kernel passes it
 * over. What INITRD names is loaded too, but not written into the command line (U-Boot does not
 * either). Where files are named in several ways all are loaded, each once, in that order.
 * BOOT_IMAGE= is not added, nor what SYSAPPEND asks of the network or of the firmware: on a disk
 * the former is empty by definition. A device tree that FDTDIR would choose is left to the
 * kernel that runs: it hands on its own.
 *
 * What is chosen in a menu and only leads to another place of it (MENU GOTO, MENU EXIT, menu.c32)
 * is no entry, but a default may lead through it. Headings (MENU DISABLE without a kernel) are
 * none either. Hidden labels are entries. Passwords are not asked for: who starts this program
 * could read the disk.
 */

#include <stdbool.h>

#include "boot/reading.h"
#include "boot/syslinux/line.h"

#define SYSLINUX_DEPTH_MAX 16       /* INCLUDE within INCLUDE, by the specification */
#define SYSLINUX_FILE_MAX (1 << 20) /* bytes of one file */
#define SYSLINUX_INCLUDES_MAX 512   /* files that are looked for, there or not */
#define SYSLINUX_CONFIGS_MAX 256
#define SYSLINUX_MENUS_MAX 1024 /* submenus in all */
#define SYSLINUX_ITEMS_MAX 8192 /* what stands in menus in all */
/* Bytes of a command line: SYSLINUX's longest line (MAX_LINE). Most kernels take 2048. */
#define SYSLINUX_OPTIONS_MAX 4096
#define SYSLINUX_KEPT_MAX (16 << 20)      /* bytes of all strings of entries */
#define SYSLINUX_NOWHERE ((size_t)-1)     /* no item */
#define SYSLINUX_FILE_SYSTEM_UUID 0x40000 /* of SYSAPPEND */

enum syslinux_does {
	SYSLINUX_BOOTS_LINUX,
	SYSLINUX_GOES_BY_NAME, /* KERNEL: what the file name says */
	SYSLINUX_READS_CONFIG, /* another configuration */
	SYSLINUX_READS_MENU,   /* the same by a menu program: all words are files */
	SYSLINUX_CHOOSES,      /* a program that chooses one of the labels that it is given */
	SYSLINUX_BOOTS_OTHER,
};

struct syslinux_kind {
	const char *keyword;
	enum syslinux_does does;
	const char *reason; /* for the last */
};

/* A menu. The outermost one of a configuration is not shown where it is the whole list. */
struct syslinux_menu {
	struct syslinux_menu *above;
	struct syslinux_menu *previous; /* of all, whichever configuration they are in */
	struct syslinux_config *config;
	struct entry_menu *shown; /* NULL for the list itself */
	struct syslinux_text tag, label, title;
	unsigned int next_position;
	size_t item;         /* that leads here */
	size_t default_item; /* MENU DEFAULT */
};

enum syslinux_leads {
	SYSLINUX_TO_ENTRY,
	SYSLINUX_TO_MENU,
	SYSLINUX_TO_TAG,
	SYSLINUX_TO_LABEL,
};

/* What can be chosen in a menu. */
struct syslinux_item {
	const struct syslinux_menu *menu; /* that it stands in */
	struct syslinux_text label;
	enum syslinux_leads leads;
	size_t entry; /* index in the list */
	const struct syslinux_menu *to;
	struct syslinux_text to_name;
};

/* A command line that a configuration gives, and where. */
struct syslinux_command {
	struct syslinux_text text;
	const char *file;
	unsigned int line;
};

/* A configuration with all that it includes. CONFIG begins a new one: nothing is inherited. */
struct syslinux_config {
	struct syslinux_config *above;
	struct syslinux_menu *top, *start;
	const char *directory;       /* that relative paths begin at: "" for the root, or "/boot" */
	bool is_pxe;                 /* absolute paths begin there too */
	struct syslinux_text append; /* for labels that have none */
	const char *append_kept;     /* the same as a string of the list, once it is needed */
	struct syslinux_command default_command, timeout_command;
	struct syslinux_text menu_files;                 /* that a menu program is given */
	unsigned long sysappend, timeout, total_timeout; /* timeouts in tenths of a second */
	bool has_ui, has_prompt, is_explicit;            /* IMPLICIT 0 */
};

enum syslinux_action {
	SYSLINUX_BOOT,
	SYSLINUX_GOTO,  /* another menu: image is its tag */
	SYSLINUX_LEAVE, /* the menu, for the one above or for a prompt or a text */
};

/* The label that is being read. */
struct syslinux_label {
	struct syslinux_text name, shown, image, append;
	struct syslinux_text more; /* behind APPEND, which a command line's arguments follow */
	struct syslinux_text initrds[ENTRY_INITRDS_MAX + 1]; /* lists with commas; one too many is
								enough to see that they are */
	size_t initrd_count;
	struct syslinux_text devicetree, overlays;
	const struct syslinux_kind *kind; /* NULL until it says */
	enum syslinux_action action;
	unsigned long sysappend;
	bool is_default, is_disabled, is_uboot;
	const char *file; /* where it begins */
	unsigned int line;
};

struct syslinux {
	struct reading *reading;
	void *ctx; /* for what the list does not keep */
	bool is_uboot;
	int rc; /* -ENOMEM */
	bool is_full;
	size_t kept; /* bytes of strings */

	/* Where we are: */
	struct syslinux_config *config;
	struct syslinux_menu *menu;
	unsigned int unopened;        /* submenus that were not begun, too deep or too many */
	unsigned int depth, includes; /* INCLUDE: how deep, and how many so far */
	const char *file;
	unsigned int line;
	bool in_text, in_label;
	struct syslinux_label label;

	/* All that was met: */
	struct syslinux_menu *menus; /* the last one */
	size_t menu_count;
	struct syslinux_item *items;
	size_t item_count;
	const char **configs; /* paths of configurations, so that none is read twice */
	size_t config_count;
	int timeout; /* of the default, in seconds; -1 */
};

/* syslinux.c. Read a file as if its text stood here. False if it cannot be read: then the sentence
 * is in err, and nobody has been told. */
bool syslinux_include(struct syslinux *p, struct syslinux_text name, struct err *err);

/* keywords.c */
void syslinux_run_line(struct syslinux *p, struct syslinux_text line);

/* menu.c. Items are numbered; SYSLINUX_NOWHERE where there is no room for one more. */
size_t syslinux_add_item(struct syslinux *p, struct syslinux_item item);
void syslinux_menu_begin(struct syslinux *p, struct syslinux_text tag);
void syslinux_menu_end(struct syslinux *p);
void syslinux_name_menus(struct syslinux *p); /* at the end, when their titles are known */
struct syslinux_config *syslinux_config_begin(
	struct syslinux *p, struct syslinux_menu *top, const char *directory);
/* All of it was read, but for the files that its menu program is given. */
void syslinux_config_end(struct syslinux *p);
/* Read other configurations as a submenu with this label's title; item is the submenu then. NULL if
 * it was done or need not be (they stand in the list already), or why it cannot be. */
const char *syslinux_config_read(struct syslinux *p, const struct syslinux_label *label,
	struct syslinux_text files, struct syslinux_text directory, size_t *item);

/* label.c. The label ends here, if there is one: see what it gives. */
void syslinux_record(struct syslinux *p);
/* An entry for a command line that is no label: FILE ARGUMENTS. Its item. */
size_t syslinux_record_command(struct syslinux *p, const struct syslinux_command *command);

/* entry.c. A label on its way to becoming an entry. */
struct syslinux_draft {
	const struct syslinux_label *label;
	struct entry entry;
	struct syslinux_text file, arguments; /* the kernel and what stands behind its name */
};
/* The first one stays. */
void syslinux_give_reason(struct syslinux_draft *d, const char *reason);
/* Complete the entry and put it into the list and the menu. Its item. */
size_t syslinux_record_entry(
	struct syslinux *p, struct syslinux_draft *d, const struct syslinux_kind *kind);
/* An entry like that one, with more arguments. Its item. */
size_t syslinux_record_variant(
	struct syslinux *p, size_t item, struct syslinux_text title, struct syslinux_text more);

/* kind.c */
extern const struct syslinux_kind syslinux_kinds[]; /* KERNEL first; ends without a keyword */
extern const struct syslinux_kind *const syslinux_linux;
/* What a file of this name is. */
const struct syslinux_kind *syslinux_kind_of(struct syslinux_text file);
/* What a program (.c32) does. */
const struct syslinux_kind *syslinux_program(struct syslinux_text file);
/* The label that the program chooses of its arguments. */
struct syslinux_text syslinux_chosen(
	const struct syslinux *p, struct syslinux_text program, struct syslinux_text arguments);

/* file.c. Strings of the list; "" when memory or the allowance ran out, which the parser
 * then knows. */
const char *syslinux_keep(struct syslinux *p, struct syslinux_text text);
const char *syslinux_keep_title(struct syslinux *p, struct syslinux_text text); /* without "^" */
const char *syslinux_keep_joined(
	struct syslinux *p, const char *a, const char *b, const char *between);
/* A path from the root of the filesystem, without ".", ".." and backslashes. */
const char *syslinux_path(struct syslinux *p, struct syslinux_text name);
/* Does it name a file on the network: a URL, or SERVER::PATH? */
bool syslinux_is_remote(struct syslinux_text name);
/* Is that a file on the configuration's own filesystem? */
bool syslinux_is_there(struct syslinux *p, struct syslinux_text name);
/* The directory that relative paths begin at, for a configuration with this path. */
const char *syslinux_directory(struct syslinux *p, const char *path, bool *is_pxe);

/* default.c. When all is read: set the list's default and timeout. */
void syslinux_choose_default(struct syslinux *p);

#endif
