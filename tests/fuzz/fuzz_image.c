// SPDX-License-Identifier: GPL-2.0-or-later
/* What kind of image it is, by its beginning and as a whole, and unpacking it. */
#include <stdint.h>
#include <stdlib.h>

#include "boot/image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image;
	struct err err;

	image_look(data, size, size, "x86_64", &image);
	if (image.kind == IMAGE_UNKNOWN && !*image.reason)
		abort();
	if (image.kind == IMAGE_OTHER && !*image.reason)
		abort();
	if (image.kind != IMAGE_PACKED) /* unpacking again would take the time of many inputs */
		image_look(data, size, size, "aarch64", &image);
	image_examine(data, size, "x86_64", &image, &err);
	return 0;
}
