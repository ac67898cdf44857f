/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_IMAGE_PARTS_H
#define BOOT_IMAGE_PARTS_H

/*
 * Shared by the files of image.h and nobody else.
 */

#include "boot/image/image.h"

static inline uint16_t image_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t image_get32(const uint8_t *p)
{
	return image_get16(p) | (uint32_t)image_get16(p + 2) << 16;
}

/* Give the image a reason; the first stays. */
__attribute__((format(printf, 2, 3))) void image_reason(
	struct image *image, const char *format, ...);

/* A reason if that architecture is not the machine's, both in uname(2)'s words. */
void image_check_machine(struct image *image, const char *architecture, const char *machine);

/* Is this a bzImage, of any age? Fills in what its header says, with a reason where the kernel does
 * not take it or where it is truncated. */
bool bzimage_look(
	const uint8_t *head, size_t len, uint64_t size, const char *machine, struct image *image);

/* Does the checksum of the whole image match, where it has one? */
bool bzimage_is_intact(const uint8_t *bytes, size_t len, const struct image *image);

bool elf_look(const uint8_t *head, size_t len, const char *machine, struct image *image);

#endif
