/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_PE_H
#define BOOT_PE_H

/*
 * Portable Executables, the format of EFI programs, as far as finding their sections goes:
 * Microsoft's "PE Format", "COFF File Header" and "Section Table". Only the headers are read, and
 * the bytes are hostile: whatever they say, a section that is given lies within the file.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/err.h"

#define PE_SECTIONS_MAX 96 /* "the Windows loader limits the number of sections to 96" */
/* What is to be read of a file so that all headers are in it. Linkers put the PE header within the
 * first few hundred bytes; 96 sections take 3,840 more. */
#define PE_HEAD 8192

struct pe_section {
	char name[9];
	uint64_t offset, size; /* in the file, bytes. Where memory is larger than what the file has,
				  the rest is zeros that nobody here needs; the other way round the
				  file has padding, which is left out */
	bool is_cut;           /* the header speaks of more than the file has; size is 0 */
};

struct pe {
	uint16_t machine;                            /* IMAGE_FILE_MACHINE_* */
	struct pe_section sections[PE_SECTIONS_MAX]; /* in the order of the table */
	size_t count;
};

/* Is this an executable at all? */
bool pe_is(const uint8_t *head, size_t len);

/* Read the headers from the beginning of a file that has file_size bytes. -EINVAL if it is none,
 * -EBADMSG if they are damaged. */
int pe_parse(const uint8_t *head, size_t len, uint64_t file_size, struct pe *pe, struct err *err);

/* The machine in uname(2)'s words ("x86_64"); NULL for one that Linux has no kernels for. */
const char *pe_machine(const struct pe *pe);

#endif
