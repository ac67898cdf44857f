// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/key.h"

#include <stdio.h>
#include <string.h>

#include "devices/utf8.h"

enum state {
	GROUND,
	TEXT, /* within a character of several bytes */
	ESCAPE,
	ESCAPE_ESCAPE, /* Alt and a key that sends a sequence, or Escape twice */
	CSI,
	LINUX_F, /* CSI [, as F1 to F5 of the Linux console */
	SS3,
	MOUSE,  /* CSI M: three bytes follow */
	STRING, /* up to ST, or BEL (xterm) */
	STRING_ESCAPE,
};

/* What is typed with a sequence: CSI as "[", SS3 as "O", without the numbers of modifiers. A 1 before a
 * letter is there only to have modifiers behind it: it can be left out. */
static const struct {
	char sequence[6];
	uint32_t key;
} table[] = {
	{"[A", KEY_CURSOR_UP},
	{"[B", KEY_CURSOR_DOWN},
	{"[C", KEY_CURSOR_RIGHT},
	{"[D", KEY_CURSOR_LEFT},
	{"OA", KEY_CURSOR_UP}, /* with application cursor keys (DECCKM) */
	{"OB", KEY_CURSOR_DOWN},
	{"OC", KEY_CURSOR_RIGHT},
	{"OD", KEY_CURSOR_LEFT},
	{"[a", KEY_CURSOR_UP}, /* rxvt with Shift, */
	{"[b", KEY_CURSOR_DOWN},
	{"[c", KEY_CURSOR_RIGHT},
	{"[d", KEY_CURSOR_LEFT},
	{"Oa", KEY_CURSOR_UP | KEY_WITH_CONTROL}, /* and with Control */
	{"Ob", KEY_CURSOR_DOWN | KEY_WITH_CONTROL},
	{"Oc", KEY_CURSOR_RIGHT | KEY_WITH_CONTROL},
	{"Od", KEY_CURSOR_LEFT | KEY_WITH_CONTROL},
	{"[H", KEY_LINE_HOME}, /* xterm */
	{"[F", KEY_LINE_END},
	{"OH", KEY_LINE_HOME},
	{"OF", KEY_LINE_END},
	{"[1~", KEY_LINE_HOME}, /* linux, screen; Find and Select of a vt220 */
	{"[4~", KEY_LINE_END},
	{"[7~", KEY_LINE_HOME}, /* rxvt */
	{"[8~", KEY_LINE_END},
	{"[2~", KEY_INS},
	{"[3~", KEY_DEL},
	{"[5~", KEY_PAGE_UP},
	{"[6~", KEY_PAGE_DOWN},
	{"[Z", KEY_BACK_TAB},
	{"OP", KEY_FN + 1}, /* xterm, screen; PF1 to PF4 of a vt220 */
	{"OQ", KEY_FN + 2},
	{"OR", KEY_FN + 3},
	{"OS", KEY_FN + 4},
	{"[1P", KEY_FN + 1}, /* xterm with modifiers; F3 would be "where the cursor is" */
	{"[1Q", KEY_FN + 2},
	{"[1S", KEY_FN + 4},
	{"[[A", KEY_FN + 1}, /* linux */
	{"[[B", KEY_FN + 2},
	{"[[C", KEY_FN + 3},
	{"[[D", KEY_FN + 4},
	{"[[E", KEY_FN + 5},
	{"[11~", KEY_FN + 1}, /* rxvt, older xterm, PuTTY */
	{"[12~", KEY_FN + 2},
	{"[13~", KEY_FN + 3},
	{"[14~", KEY_FN + 4},
	{"[15~", KEY_FN + 5},
	{"[17~", KEY_FN + 6},
	{"[18~", KEY_FN + 7},
	{"[19~", KEY_FN + 8},
	{"[20~", KEY_FN + 9},
	{"[21~", KEY_FN + 10},
	{"[23~", KEY_FN + 11},
	{"[24~", KEY_FN + 12},
	{"OI", KEY_TAB}, /* the keypad as application keys (DECKPAM) */
	{"OM", KEY_RETURN},
	{"O ", ' '},
	{"OX", '='},
	{"Oj", '*'},
	{"Ok", '+'},
	{"Ol", ','},
	{"Om", '-'},
	{"On", '.'},
	{"Oo", '/'},
	{"Op", '0'},
	{"Oq", '1'},
	{"Or", '2'},
	{"Os", '3'},
	{"Ot", '4'},
	{"Ou", '5'},
	{"Ov", '6'},
	{"Ow", '7'},
	{"Ox", '8'},
	{"Oy", '9'},
};

static uint32_t look_up(const char *sequence)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (!strcmp(table[i].sequence, sequence))
			return table[i].key;
	return KEY_NO;
}

static void begin(struct key_decoder *d, enum state state)
{
	d->state = (int)state;
	d->count = 0;
	d->bytes[0] = '\0';
}

static void keep(struct key_decoder *d, unsigned char byte)
{
	if (d->count < sizeof(d->bytes) - 1)
		d->bytes[d->count++] = (char)byte;
	d->bytes[d->count] = '\0';
}

/* Back to the beginning, with this key, or KEY_NO. */
static int end(struct key_decoder *d, uint32_t key, struct key_event *event)
{
	begin(d, GROUND);
	d->prefix = 0;
	if (key == KEY_NO)
		return 0;
	*event = (struct key_event){.key = key};
	return 1;
}

/* The end of a sequence: an Escape that stood before one that is no key was a key itself. */
static int end_sequence(struct key_decoder *d, uint32_t key, struct key_event *event)
{
	if (key == KEY_NO)
		return end(d, d->prefix ? KEY_ESC : KEY_NO, event);
	return end(d, key | d->prefix, event);
}

/* The numbers of a sequence, parted by semicolons; 0 for one that is left out. Returns how many, -1 if there
 * are more than max. *rest is what comes after them. */
static int numbers(const char *text, int *list, int max, const char **rest)
{
	int count = 0;

	do {
		int value = 0;

		if (count == max)
			return -1;
		for (; *text >= '0' && *text <= '9'; text++)
			value = value < 100000 ? value * 10 + (*text - '0') : value;
		list[count++] = value;
	} while (*text == ';' && *++text);
	*rest = text;
	return count;
}

/* xterm's number for modifiers: 1, and 1 more for Shift, 2 for Alt, 4 for Control, 8 for Meta. */
#define HELD_SHIFT 2
#define HELD_CONTROL 5

static uint32_t with_held(uint32_t key, int held)
{
	const unsigned int bits = held > 1 && held <= 16 ? (unsigned int)held - 1 : 0;

	if (key == KEY_NO)
		return KEY_NO;
	return key | (bits & (2 | 8) ? KEY_WITH_ALT : 0) | (bits & 4 ? KEY_WITH_CONTROL : 0);
}

/* rxvt says with the last byte what is held: Shift, Control, both. */
static uint32_t look_up_tilde(int number, char last, int held)
{
	char sequence[16];

	if (last != '~')
		held = last == '$' ? HELD_SHIFT : HELD_CONTROL;
	snprintf(sequence, sizeof(sequence), "[%d~", number);
	return with_held(look_up(sequence), held);
}

/* CSI NUMBER ; HELD ~, CSI 1 ; HELD LETTER, both without HELD or all numbers. */
static uint32_t csi_key(const char *text)
{
	int list[2] = {0};
	const char *rest;
	uint32_t key = KEY_NO;

	if (numbers(text, list, 2, &rest) < 0 || !*rest || rest[1])
		return KEY_NO;
	if (strchr("~$^@", *rest))
		return look_up_tilde(list[0], *rest, list[1]);
	if (list[0] == 1)
		key = look_up((char[]){'[', '1', *rest, '\0'});
	if (key == KEY_NO && list[0] <= 1)
		key = look_up((char[]){'[', *rest, '\0'});
	return with_held(key, list[1]);
}

/* SS3 LETTER; some terminals put HELD before the letter, or 1 ; HELD. */
static uint32_t ss3_key(const char *text)
{
	int list[2] = {0};
	const char *rest;
	int count = numbers(text, list, 2, &rest);

	if (count < 0 || !*rest || rest[1])
		return KEY_NO;
	return with_held(look_up((char[]){'O', *rest, '\0'}), list[count - 1]);
}

/* What the mouse did, at a place from 1 on: xterm's number of a button, with 4, 8 and 16 added for Shift, Alt
 * and Control, and 32 for a movement. */
static int end_mouse(struct key_decoder *d, int button, int x, int y, struct key_event *event)
{
	static const struct {
		int button;
		uint32_t key;
	} buttons[] = {{0, KEY_CLICK}, {64, KEY_WHEEL_UP}, {65, KEY_WHEEL_DOWN}};
	uint32_t key = KEY_NO;

	for (size_t i = 0; i < sizeof(buttons) / sizeof(*buttons); i++)
		if (buttons[i].button == (button & ~(4 | 8 | 16)))
			key = buttons[i].key;
	if (key == KEY_NO || x < 1 || y < 1)
		return end_sequence(d, KEY_NO, event);
	key |= (button & 8 ? KEY_WITH_ALT : 0) | (button & 16 ? KEY_WITH_CONTROL : 0);
	end_sequence(d, key, event);
	event->x = x - 1;
	event->y = y - 1;
	return 1;
}

/* CSI < BUTTON ; X ; Y M, with m when the button goes up. */
static int end_sgr_mouse(struct key_decoder *d, struct key_event *event)
{
	int list[3];
	const char *rest;

	if (numbers(d->bytes + 1, list, 3, &rest) != 3 || strcmp(rest, "M") != 0)
		return end_sequence(d, KEY_NO, event);
	return end_mouse(d, list[0], list[1], list[2], event);
}

/* Where the cursor is: CSI ROW ; COLUMN R. */
static void take_report(struct key_decoder *d)
{
	int list[2];
	const char *rest;

	if (numbers(d->bytes, list, 2, &rest) == 2 && !strcmp(rest, "R")) {
		d->report_row = list[0];
		d->report_column = list[1];
	}
}

static int end_csi(struct key_decoder *d, struct key_event *event)
{
	if (d->bytes[0] == '<')
		return end_sgr_mouse(d, event);
	if (!strcmp(d->bytes, "M")) {
		begin(d, MOUSE);
		return 0;
	}
	take_report(d);
	return end_sequence(d, csi_key(d->bytes), event);
}

typedef int step(struct key_decoder *d, unsigned char byte, struct key_event *event);

/* A byte that is not text: the rest of ASCII, and keys that terminals do not agree on. */
static uint32_t control(unsigned char byte)
{
	switch (byte) {
	case '\n':
		return KEY_RETURN;
	case '\b':
		return KEY_ERASE;
	}
	return byte; /* NUL, which a break on a serial line is: KEY_NO */
}

static int in_ground(struct key_decoder *d, unsigned char byte, struct key_event *event)
{
	if (byte == KEY_ESC) {
		begin(d, ESCAPE);
		return 0;
	}
	if (byte < 0x80)
		return end_sequence(d, control(byte), event);
	begin(d, TEXT);
	keep(d, byte);
	return byte >= 0xc2 && byte <= 0xf4 ? 0 : end_sequence(d, KEY_NO, event);
}

/* A byte that cannot stand here: what was begun is dropped. */
static int broken(struct key_decoder *d, unsigned char byte, struct key_event *event)
{
	end(d, KEY_NO, event);
	return in_ground(d, byte, event);
}

static int in_text(struct key_decoder *d, unsigned char byte, struct key_event *event)
{
	const unsigned char first = (unsigned char)d->bytes[0];
	const size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t ch;

	if ((byte & 0xc0) != 0x80)
		return broken(d, byte, event);
	keep(d, byte);
	if (d->count < length)
		return 0;
	/* C1 controls are as little text as bytes that are no UTF-8. */
	if (utf8_sequence(d->bytes) != length || (first == 0xc2 && byte < 0xa0))
		return end(d, KEY_NO, event);
	ch = first & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++)
		ch = ch << 6 | ((unsigned char)d->bytes[i] & 0x3f);
	return end_sequence(d, ch, event);
}

static int in_csi(struct key_decoder *d, unsigned char byte, struct key_event *event)
{
	if (byte < 0x20 || byte >= 0x7f)
		return broken(d, byte, event);
	keep(d, byte);
	if (!strcmp(d->bytes, "["))
		begin(d, LINUX_F);
	else if (byte >= 0x40 || (byte == '$' && strspn(d->bytes, "0123456789") == d->count - 1))
		return end_csi(d, event); /* "$" is a last byte for rxvt only */
	return 0;
}

static int in_linux_f(struct key_decoder *d, unsigned char byte, struct key_event *event)
{
	if (byte < 0x20 || byte >= 0x7f)
		return broken(d, byte, event);
	return end_sequence(d, look_up((char[]){'[', '[', (char)byte, '\0'}), event);
}

static int in_ss3(struct key_decoder *d, unsigned char byte, struct key_event *event)
{
	if (byte < 0x20 || byte >= 0x7f)
		return broken(d, byte, event);
	keep(d, byte);
	if ((byte >= '0' && byte <= '9') || byte == ';')
		return 0;
	return end_sequence(d, ss3_key(d->bytes), event);
}

/* Button, column and line, 32 added to each. */
static int in_mouse(struct key_decoder *d, unsigned char byte, struct key_event *event)
{
	if (byte < 0x20)
		return broken(d, byte, event);
	keep(d, byte);
	if (d->count < 3)
		return 0;
	return end_mouse(d, (unsigned char)d->bytes[0] - 32, (unsigned char)d->bytes[1] - 32,
		(unsigned char)d->bytes[2] - 32, event);
}

/* Control characters stand in no answer: BEL is its end, and another means that the end was lost. */
static int in_string(struct key_decoder *d, unsigned char byte, struct key_event *event)
{
	if (byte == KEY_ESC)
		d->state = STRING_ESCAPE;
	else if (byte < 0x20)
		return end_sequence(d, KEY_NO, event);
	else
		keep(d, byte);
	return 0;
}

/* After an Escape, and another one perhaps. */
static int in_escape(struct key_decoder *d, unsigned char byte, struct key_event *event)
{
	static const struct {
		unsigned char byte;
		enum state state;
	} introducers[] = {
		{'[', CSI}, {'O', SS3}, {'P', STRING}, /* DCS */
		{']', STRING},                         /* OSC */
		{'X', STRING},                         /* SOS */
		{'^', STRING},                         /* PM */
		{'_', STRING},                         /* APC */
	};

	if (byte == KEY_ESC) {
		const int again = d->state == ESCAPE_ESCAPE;

		end(d, again ? KEY_ESC : KEY_NO, event);
		d->state = ESCAPE_ESCAPE;
		return again;
	}
	d->prefix = d->state == ESCAPE_ESCAPE ? KEY_WITH_ALT : 0;
	d->introducer = byte;
	for (size_t i = 0; i < sizeof(introducers) / sizeof(*introducers); i++)
		if (introducers[i].byte == byte) {
			begin(d, introducers[i].state);
			return 0;
		}
	if (byte == '\t') /* Shift and Tab of the Linux console */
		return end(d, KEY_BACK_TAB, event);
	d->prefix = KEY_WITH_ALT;
	return in_ground(d, byte, event);
}

static int in_string_escape(struct key_decoder *d, unsigned char byte, struct key_event *event)
{
	if (byte == '\\')
		return end_sequence(d, KEY_NO, event);
	d->state = ESCAPE;
	return in_escape(d, byte, event);
}

int key_decode(struct key_decoder *d, unsigned char byte, struct key_event *event)
{
	static step *const steps[] = {
		[GROUND] = in_ground,
		[TEXT] = in_text,
		[ESCAPE] = in_escape,
		[ESCAPE_ESCAPE] = in_escape,
		[CSI] = in_csi,
		[LINUX_F] = in_linux_f,
		[SS3] = in_ss3,
		[MOUSE] = in_mouse,
		[STRING] = in_string,
		[STRING_ESCAPE] = in_string_escape,
	};

	d->silent = 0;
	return steps[d->state](d, byte, event);
}

int key_decode_waits(const struct key_decoder *d)
{
	return d->state != GROUND;
}

int key_decode_late(struct key_decoder *d, struct key_event *event)
{
	switch (d->state) {
	case ESCAPE:
	case ESCAPE_ESCAPE:
	case STRING_ESCAPE:
		return end(d, KEY_ESC, event);
	case CSI:
	case SS3:
	case STRING: /* typed: an answer does not stop there */
		if (!d->count)
			return end(d, d->introducer | KEY_WITH_ALT, event);
		break;
	}
	if (d->state == GROUND || ++d->silent < KEY_PATIENCE)
		return 0;
	return end_sequence(d, KEY_NO, event);
}
