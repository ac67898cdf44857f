// SPDX-License-Identifier: GPL-2.0-or-later
/* What a terminal sends: bytes, and 0xff for a pause. Whatever came, after a while of silence a key is a
 * key. */
#include <stdint.h>
#include <stdlib.h>

#include "ui/menu/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct key_event *event)
{
	const uint32_t key = event->key & ~(KEY_WITH_CONTROL | KEY_WITH_ALT);

	if (key == KEY_NO || key > KEY_LAST || key == KEY_FN || (key >= 0x80 && key < 0xa0) ||
		(key >= 0xd800 && key < 0xe000))
		abort();
	if (key >= KEY_CLICK && key <= KEY_WHEEL_DOWN && (event->x < 0 || event->y < 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct key_decoder d = {0};
	struct key_event event;

	for (size_t i = 0; i < size; i++) {
		if (data[i] == 0xff && key_decode_waits(&d) && key_decode_late(&d, &event))
			check(&event);
		if (key_decode(&d, data[i], &event))
			check(&event);
	}
	for (int i = 0; key_decode_waits(&d); i++) {
		if (i == KEY_PATIENCE)
			abort();
		if (key_decode_late(&d, &event))
			check(&event);
	}
	if (!key_decode(&d, 'k', &event) || event.key != 'k')
		abort();
	return 0;
}
