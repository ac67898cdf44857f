/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_MADE_PE_H
#define TESTS_UNIT_MADE_PE_H

/* PE files made for tests, as ukify makes them: sections on multiples of 512 bytes. */

#include <stddef.h>
#include <stdint.h>

#define MADE_PE_HEADER 0x40
#define MADE_PE_TABLE (MADE_PE_HEADER + 24)
#define MADE_PE_X86_64 0x8664

struct made_pe {
	uint8_t bytes[65536];
	size_t len;
	size_t sections;
};

void made_pe_begin(struct made_pe *pe, uint16_t machine);
void made_pe_add(struct made_pe *pe, const char *name, const void *data, size_t len);
void made_pe_text(struct made_pe *pe, const char *name, const char *text);
/* A section that looks like a 64-bit bzImage. */
void made_pe_kernel(struct made_pe *pe);

/* The header of a section, to lie in: the words at 8 (virtual size), 16 (raw size), 20 (offset). */
uint8_t *made_pe_header(struct made_pe *pe, size_t section);
void made_pe_put32(uint8_t *p, uint32_t value);

/* Something that looks like a 64-bit bzImage (Documentation/arch/x86/boot.rst): four sectors of
 * setup, nothing behind them. */
#define MADE_BZIMAGE_SIZE (5 * 512)
void made_bzimage(uint8_t image[MADE_BZIMAGE_SIZE]);

#endif
