// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/made_pe.h"

#include <assert.h>
#include <string.h>

#define SECTIONS_AT 4096 /* room for the headers */
#define ALIGN 512

void made_pe_put32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

void made_pe_begin(struct made_pe *pe, uint16_t machine)
{
	memset(pe, 0, sizeof(*pe));
	memcpy(pe->bytes, "MZ", 2);
	made_pe_put32(pe->bytes + 0x3c, MADE_PE_HEADER);
	memcpy(pe->bytes + MADE_PE_HEADER, "PE\0\0", 4);
	made_pe_put32(pe->bytes + MADE_PE_HEADER + 4, machine);
	pe->len = SECTIONS_AT;
}

uint8_t *made_pe_header(struct made_pe *pe, size_t section)
{
	return pe->bytes + MADE_PE_TABLE + section * 40;
}

void made_pe_add(struct made_pe *pe, const char *name, const void *data, size_t len)
{
	uint8_t *header = made_pe_header(pe, pe->sections);
	size_t raw = (len + ALIGN - 1) / ALIGN * ALIGN;

	assert(header + 40 <= pe->bytes + SECTIONS_AT && pe->len + raw <= sizeof(pe->bytes));
	memcpy(header, name, strnlen(name, 8));
	made_pe_put32(header + 8, (uint32_t)len);
	made_pe_put32(header + 16, (uint32_t)raw);
	made_pe_put32(header + 20, (uint32_t)pe->len);
	memcpy(pe->bytes + pe->len, data, len);
	pe->len += raw;
	pe->bytes[MADE_PE_HEADER + 6] = (uint8_t)++pe->sections;
}

void made_pe_text(struct made_pe *pe, const char *name, const char *text)
{
	made_pe_add(pe, name, text, strlen(text));
}

void made_bzimage(uint8_t image[MADE_BZIMAGE_SIZE])
{
	memset(image, 0, MADE_BZIMAGE_SIZE);
	image[0x1f1] = 4;
	memcpy(image + 0x202, "HdrS\x0f\x02", 6);
	image[0x236] = 1;
}

void made_pe_kernel(struct made_pe *pe)
{
	uint8_t image[MADE_BZIMAGE_SIZE];

	made_bzimage(image);
	made_pe_add(pe, ".linux", image, sizeof(image));
}
