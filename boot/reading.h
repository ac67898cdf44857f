/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_READING_H
#define BOOT_READING_H

/*
 * One reading of one configuration: what a parser is given beside the bytes, and all that it may ask
 * of the machine. Parsers open nothing by themselves. A reading of bytes alone (reading_of_bytes())
 * knows no volumes: every file is missing then, which is how parsers are fuzzed.
 *
 * A configuration may name others (`source`, INCLUDE), and those others again; how many files and
 * bytes one reading may take in all is limited here, so that no cycle is endless.
 */

#include <stdbool.h>
#include <stddef.h>

#include "boot/entry.h"
#include "boot/volume/volume.h"

#define READING_FILES_MAX 4096 /* blscfg reads a file for each entry: see ENTRY_LIST_MAX */
#define READING_BYTES_MAX (16 << 20)
#define READING_PROBLEMS_MAX 16 /* sentences; of the rest only the number is told */

struct reading {
	struct entry_list *list;          /* where entries go */
	const char *file;                 /* the configuration, from the filesystem's root */
	const struct volume_set *volumes; /* never NULL */
	const struct volume *volume;      /* that holds it; never NULL, perhaps without a file */
	const char *architecture;         /* uname(2)'s machine: "x86_64" */
	bool efi;                         /* was this machine started by UEFI firmware? */
	int fd;                           /* of the file, -1 if there are just bytes */

	/* Is this file read for the first time? Marks it. NULL where nobody keeps count. */
	bool (*is_new)(struct reading *r, const struct volume *v, const char *path);

	/* The volume in a file: volume_inside(). NULL where nobody can look. */
	int (*look_inside)(struct reading *r, const struct volume *v, const char *path,
		const struct volume **found, struct err *err);

	size_t files, bytes; /* taken so far */
	size_t problems;     /* told so far */
};

/* A reading that has only its bytes; list is kept, file is borrowed. */
struct reading reading_of_bytes(struct entry_list *list, const char *file);

/* A parser: configuration bytes (not NUL-terminated, hostile) in, entries appended to r->list. What
 * cannot be understood is passed over, told by reading_problem() where a user should know, or
 * becomes an entry with a reason; an error (-ENOMEM, or a file that is something else altogether)
 * means that nothing could be read, and leaves the list as it was. */
typedef int entry_parser(struct reading *r, const char *bytes, size_t len, struct err *err);

/* Read another file of at most limit bytes, from the volume v, into a talloc buffer of ctx; a NUL
 * follows the last byte. Negative errno with a sentence: -ENOENT, -EFBIG, -E2BIG where this reading
 * has taken enough already, or what volume_read() says. */
int reading_file(struct reading *r, void *ctx, const struct volume *v, const char *path,
	size_t limit, char **bytes, size_t *len, struct err *err);

/* Read a part of the configuration's own file, of which the parser was perhaps given only the
 * beginning (bytes, len): size bytes from offset on. -EIO where the file is shorter. */
int reading_part(const struct reading *r, const char *bytes, size_t len, size_t offset, void *part,
	size_t size);

/* Tell the user: "FILE:LINE: sentence". file NULL stands for r->file; line 0 for none. */
__attribute__((format(printf, 4, 5))) void reading_problem(
	struct reading *r, const char *file, unsigned int line, const char *format, ...);

#endif
