/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_KEY_H
#define MENU_KEY_H

/*
 * What a person types, from the bytes that a terminal sends. A terminal also sends what nobody typed:
 * answers to questions (where the cursor is, what it is, its colours), focus and paste marks, and on a
 * serial line noise. Those end here: only a key or the mouse comes out.
 *
 * Escape sequences are those of ECMA-48 5.4 (CSI), 5.6 (DCS, OSC and the like up to ST) and the SS3 of
 * vt100 keypads, with the keys of xterm, linux, vt220, rxvt and screen, and the mouse of xterm's SGR mode
 * (xterm's ctlseqs.txt). A sequence that is known to nobody is dropped whole. Text is UTF-8; a byte that is
 * none is dropped.
 */

#include <stddef.h>
#include <stdint.h>

/* A character is its code point; other keys are numbered behind the last of these. */
enum key {
	KEY_NO = 0,
	KEY_TAB = 0x09,
	KEY_RETURN = 0x0d, /* Enter, also what a line feed is */
	KEY_ESC = 0x1b,
	KEY_ERASE = 0x7f, /* Backspace, also what ^H is */
	KEY_FIRST = 0x110000,
	KEY_CURSOR_UP = KEY_FIRST,
	KEY_CURSOR_DOWN,
	KEY_CURSOR_LEFT,
	KEY_CURSOR_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_LINE_HOME,
	KEY_LINE_END,
	KEY_INS,
	KEY_DEL,
	KEY_BACK_TAB,
	KEY_CLICK,    /* the left button went down; x and y */
	KEY_WHEEL_UP, /* the mouse wheel; x and y */
	KEY_WHEEL_DOWN,
	KEY_FN, /* KEY_FN + 1 is F1, up to F12 */
	KEY_LAST = KEY_FN + 12,
};
/* ^A is 0x01 and so on. With Alt a key comes as Escape did and the key after it; with Control or Shift,
 * cursor keys come with these bits added. */
#define KEY_CONTROL(letter) ((letter)&0x1f)
#define KEY_WITH_CONTROL 0x1000000u
#define KEY_WITH_ALT 0x2000000u

struct key_event {
	uint32_t key; /* enum key or a character, and KEY_WITH_ bits */
	int x, y;     /* of the mouse, from 0 */
};

/* How long the rest of a sequence may take after its Escape before that counts as the key. A byte takes
 * 87 us at 115200 baud and 1 ms at 9600; a slow network console sends a packet at once. */
#define KEY_ESCAPE_MS 100

#define KEY_SEQUENCE_MAX 64 /* bytes; of a string (OSC, DCS) any number is dropped */

struct key_decoder { /* zeroed at the beginning */
	char bytes[KEY_SEQUENCE_MAX];
	size_t count;
	int state;
	uint32_t prefix;          /* KEY_WITH_ALT where one Escape more stood before */
	unsigned char introducer; /* the byte that a sequence began with */
	unsigned int silent;      /* calls of key_decode_late() in a row */
	/* The last answer to "where is the cursor", from 1 on; the asker sets them to 0 before. */
	int report_row, report_column;
};

/* The next byte. 1 if it completes a key, else 0. */
int key_decode(struct key_decoder *d, unsigned char byte, struct key_event *event);
/* Is there an Escape that waits for what comes after it? Then key_decode_late() is to be called when
 * nothing has come for KEY_ESCAPE_MS, and again as long as that is so. 1 if that is a key. What is plainly
 * the beginning of an answer is given KEY_PATIENCE of such times: a network may pause in it. */
#define KEY_PATIENCE 10
int key_decode_waits(const struct key_decoder *d);
int key_decode_late(struct key_decoder *d, struct key_event *event);

#endif
