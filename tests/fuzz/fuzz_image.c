// SPDX-License-Identifier: GPL-2.0-or-later
/* The headers of a kernel image. */
#include <stdint.h>

#include "boot/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image;
	struct err err;

	image_examine(data, size, "x86_64", &image, &err);
	return 0;
}
