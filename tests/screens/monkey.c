// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys, messages, sizes and time at random to a menu with two consoles: monkey COUNT SEED. Every screen is
 * drawn; nothing may be outside of it. Now and then, and at the end, the menu must still be usable: Esc leads
 * back to the entries, and Enter boots one. It aborts where that is not so, and says at which event. There is a
 * new menu now and then, for its beginning, with the countdown, and its end, with the jump.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "ui/menu/view.h"

#define CONSOLES 2
#define USABLE_EVERY 2500 /* events */
#define MENU_EVERY 25000  /* a new menu, */
#define UNTOUCHED 50      /* at first without keys */
#define JUMP_EVENTS 300   /* of its end */
#define MEMORY_MAX (32 << 20)

struct monkey {
	struct menu *menu;
	uint64_t random;
	unsigned long event, seed;
	long long now_ms;
	int volumes; /* that were told last */
};

/* xorshift64 (Marsaglia 2003). */
static unsigned int below(struct monkey *m, unsigned int limit)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return (unsigned int)(m->random >> 33) % limit;
}

static void expect(const struct monkey *m, int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "monkey: seed %lu, event %lu: %s\n", m->seed, m->event, what);
	abort();
}

static const char *some_text(struct monkey *m)
{
	static const char *const texts[] = {"Debian GNU/Linux", "", "root=LABEL=x ro quiet",
		"\x1b[31mred\x1b[0m", "B\xc3\xbcro",
		"\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87", "e\xcc\x81\xcc\x81",
		"\xe2\x80\xaereversed", "a", "\xf0\x9f\x90\xa7 penguin", "/boot/vmlinuz",
		"two\nlines", "init=\"/bin/sh -x\" single", "\xc2\x85\xc2\xad",
		"a line that is a good deal longer than most screens are wide, so that it has to "
		"be cut "
		"or broken somewhere, and then again a bit further on, and maybe even once more"};

	return texts[below(m, sizeof(texts) / sizeof(*texts))];
}

static void hear(struct monkey *m, json_t *message)
{
	expect(m, message != NULL, "a message of the monkey's own is none");
	menu_hear(m->menu, message);
	json_decref(message);
}

static void hear_volumes(struct monkey *m)
{
	json_t *list = json_array();

	m->volumes = (int)below(m, 5);
	for (int i = 0; i < m->volumes; i++)
		json_array_append_new(list,
			json_pack("{so ss ss ss so}", "device",
				below(m, 8) ? json_sprintf("/dev/sd%c1", 'a' + i) : json_null(),
				"label", some_text(m), "type", "ext4", "uuid", some_text(m),
				"mounted", below(m, 3) ? json_null() : json_string("/mnt")));
	hear(m, json_pack("{ss so}", "say", "volumes", "volumes", list));
}

static json_t *some_files(struct monkey *m)
{
	static const char *const kinds[] = {
		"linux", "initrd", "initrd", "devicetree", "efi", "odd"};
	json_t *files = json_array();

	for (unsigned int count = below(m, 22); count--;)
		json_array_append_new(files,
			json_pack("{ss ss so so}", "what", kinds[below(m, 6)], "path", some_text(m),
				"device", below(m, 2) ? json_string("/dev/sda1") : json_null(),
				"bytes",
				below(m, 4) ? json_integer(below(m, 1 << 30)) : json_null()));
	return files;
}

static void hear_entry(struct monkey *m, int volume, bool is_default)
{
	json_t *path = json_array();

	for (unsigned int depth = below(m, 3) ? 0 : below(m, 40); depth--;)
		json_array_append_new(path, json_sprintf("Submenu %u", below(m, 2)));
	hear(m, json_pack("{ss so ss so si sb sb so ss so si so}", "say", "entry", "id",
			json_sprintf("id%u", below(m, 20)), "title", some_text(m), "menu", path,
			"volume", volume, "default", is_default, "running", below(m, 9) == 0,
			"reason", below(m, 4) ? json_null() : json_string(some_text(m)), "options",
			some_text(m), "files", some_files(m), "tries_left", (int)below(m, 3) - 1,
			"hidden_by", below(m, 9) ? json_null() : json_string("rule")));
}

static json_t *rows(struct monkey *m)
{
	static const char *const states[] = {"good", "warn", "bad"};
	json_t *list = json_array();

	for (unsigned int count = below(m, 60); count--;)
		json_array_append_new(
			list, json_pack("{si ss ss ss ss ss ss ss ss so so ss ss}", "depth",
				      (int)below(m, 9) - 1, "slot",
				      below(m, 2) ? "0000:00:1f.2" : some_text(m), "name",
				      some_text(m), "value", some_text(m), "what", some_text(m),
				      "label", some_text(m), "text", some_text(m), "state",
				      states[below(m, 3)], "uses", some_text(m), "lines",
				      json_pack("[s, s]", some_text(m), some_text(m)), "detail",
				      json_pack("[s]", some_text(m)), "action",
				      below(m, 2) ? "quiesce" : "left", "kind",
				      below(m, 2) ? "device" : "errand"));
	return list;
}

static void hear_listed(struct monkey *m)
{
	json_t *busy = json_array(), *locked = json_array();

	for (unsigned int i = below(m, 3); i--;)
		json_array_append_new(busy, json_string(some_text(m)));
	for (unsigned int i = below(m, 4); i--;)
		json_array_append_new(locked,
			json_pack("{so ss ss}", "device", json_sprintf("/dev/sd%c2", 'a' + (char)i),
				"name", some_text(m), "uuid", some_text(m)));
	hear(m, json_pack("{ss so s[] s[] so so}", "say", "listed", "timeout",
			below(m, 2) ? json_integer(below(m, 9)) : json_null(), "choices",
			"problems", "busy", busy, "locked", locked));
}

static void hear_entries(struct monkey *m)
{
	unsigned int count = below(m, 30), of_default = below(m, 30);

	if (below(m, 2))
		hear_volumes(m);
	hear(m, json_pack("{ss}", "say", "entries"));
	for (unsigned int i = 0; i < count; i++)
		hear_entry(m, (int)below(m, (unsigned int)m->volumes + 1) - 1, i == of_default);
	if (below(m, 8)) /* or it never gets that far */
		hear_listed(m);
}

static void hear_table(struct monkey *m)
{
	static const char *const tables[] = {"plan", "devices", "facts", "report", "settings"};

	hear(m, json_pack("{ss so so}", "say", tables[below(m, 5)], "rows", rows(m), "error",
			below(m, 5) ? json_null() : json_string(some_text(m))));
}

static void hear_answer(struct monkey *m)
{
	static const char *const asks[] = {
		"boot", "unlock", "plan", "default", "keep", "set", "power"};

	hear(m, json_pack("{ss ss so}", "say", below(m, 2) ? "done" : "failed", "ask",
			asks[below(m, 7)], "text",
			below(m, 2) ? json_string(some_text(m)) : json_null()));
}

/* Up to where a boot can still be given up. */
static void hear_progress(struct monkey *m)
{
	static const char *const phases[] = {"pin", "load", "check", "hold"};

	hear(m, json_pack("{ss ss ss}", "say", "phase", "phase", phases[below(m, 4)], "text",
			some_text(m)));
	hear(m, json_pack("{ss ss ss ss si}", "say", "step", "slot", some_text(m), "step", "flr",
			"state", below(m, 2) ? "begun" : "hung", "deadline_ms",
			(int)below(m, 9999)));
	hear(m, json_pack("{ss ss ss ss}", "say", "verdict", "slot", some_text(m), "verdict",
			below(m, 2) ? "still" : "loud", "why", some_text(m)));
}

static void hear_log(struct monkey *m)
{
	hear(m, json_pack("{ss ss ss}", "say", "log", "level", below(m, 2) ? "info" : "error",
			"text", some_text(m)));
}

/* What no engine says. */
static void hear_nonsense(struct monkey *m)
{
	static const char *const words[] = {
		"entry", "listed", "volumes", "plan", "step", "phase", "failed", "log", "nothing"};

	hear(m, json_pack("{ss si s[i] s{} so so}", "say", words[below(m, 9)], "id", 3, "volumes",
			1, "rows", "text", json_null(), "timeout", json_string("soon")));
}

static void lose_engine(struct monkey *m)
{
	menu_lost_engine(m->menu, some_text(m), MENU_BEGUN_AGAIN);
}

static void say_something(struct monkey *m)
{
	static void (*const all[])(struct monkey * m) = {hear_entries, hear_entries, hear_volumes,
		hear_table, hear_table, hear_answer, hear_answer, hear_progress, hear_log,
		hear_nonsense, lose_engine};

	all[below(m, sizeof(all) / sizeof(*all))](m);
}

static void press(struct monkey *m, int console, uint32_t key)
{
	struct key_event event = {.key = key};

	if (key >= KEY_CLICK && key <= KEY_WHEEL_DOWN) {
		event.x = (int)below(m, 170);
		event.y = (int)below(m, 60);
	}
	m->now_ms += (int)below(m, 4) ? 10 : below(m, 3000);
	menu_clock(m->menu, m->now_ms);
	menu_key(m->menu, console, &event);
}

static uint32_t some_key(struct monkey *m)
{
	static const char letters[] = "jkenmduo/?hqyix1234 gG+-\"=ab";

	switch (below(m, 12)) {
	case 0:
		return KEY_ESC;
	case 1:
	case 2:
		return KEY_RETURN;
	case 3:
	case 4:
		return KEY_FIRST + below(m, KEY_LAST + 1 - KEY_FIRST);
	case 5:
		return KEY_CURSOR_DOWN - below(m, 2);
	case 6:
		return 1 + below(m, 31); /* Control and a letter, Tab */
	case 7:
		return (below(m, 2) ? 'a' + below(m, 26) : KEY_FIRST + below(m, 12)) |
		       (below(m, 2) ? KEY_WITH_ALT : KEY_WITH_CONTROL);
	case 8:
		return 0xa0 + below(m, 0x1ff00);
	default:
		return (unsigned char)letters[below(m, sizeof(letters) - 1)];
	}
}

/* Small ones, usual ones, and seldom large ones. */
static void resize(struct monkey *m, int console)
{
	static const struct {
		unsigned int width, height;
	} limits[] = {{160, 50}, {100, 30}, {60, 20}, {30, 8}, {4, 3}, {320, 110}};
	unsigned int i = below(m, 24) ? below(m, 5) : 5;

	menu_resize(m->menu, console, 1 + (int)below(m, limits[i].width),
		1 + (int)below(m, limits[i].height));
}

static void draw(struct monkey *m, int console)
{
	const struct console *c = m->menu->consoles[console];
	struct grid *g = grid_new(NULL, c->width, c->height);

	menu_draw(m->menu, console, g);
	expect(m,
		g->cursor_x >= -1 && g->cursor_x < g->width && g->cursor_y >= -1 &&
			g->cursor_y < g->height && (g->cursor_x < 0) == (g->cursor_y < 0),
		"the cursor is outside of the screen");
	for (int i = 0; i < g->width * g->height; i++)
		expect(m, g->cells[i].style < GRID_STYLES && g->cells[i].ch <= 0x10ffff,
			"a cell is none");
	for (int y = 0; y < g->height; y++)
		expect(m, g->cells[y * g->width].ch != 0, "half a character begins a line");
	expect(m, !menu_changed(m->menu, console), "it was drawn, and is to be drawn again");
	talloc_free(g);
}

/* What is asked of the engine is read; a boot may fail at once. */
static int read_requests(struct monkey *m, const char *wanted)
{
	json_t *request;
	int found = 0;

	while ((request = menu_ask(m->menu))) {
		const char *ask = model_string(request, "ask");

		expect(m, ask != NULL, "a request asks nothing");
		found |= !strcmp(ask, wanted);
		json_decref(request);
	}
	return found;
}

static void leave_all(struct monkey *m, int console)
{
	const struct console *c = m->menu->consoles[console];

	for (int i = 0; i < 4 * VIEWS_MAX; i++) {
		m->now_ms += 5000; /* a key that is stuck is none */
		press(m, console, KEY_ESC);
		if (c->prompt && !c->prompt->edit)
			press(m, console, 'y');
	}
	expect(m, !c->prompt && c->view_count == 1 && menu_view(c)->screen == &screen_entries,
		"Esc does not lead back to the entries");
}

/* The volume's row may be folded; the entry is the only one below it. */
static void check_usable(struct monkey *m)
{
	hear(m, json_pack("{ss ss so}", "say", "failed", "ask", "boot", "text", json_null()));
	hear(m, json_pack("{ss s[{ss}]}", "say", "volumes", "volumes", "device", "/dev/sda1"));
	hear(m, json_pack("{ss}", "say", "entries"));
	hear(m, json_pack("{ss ss ss si ss s[]}", "say", "entry", "id", "usable", "title", "Usable",
			"volume", 0, "options", "ro", "files"));
	hear(m, json_pack("{ss sn s[] s[] s[] s[]}", "say", "listed", "timeout", "choices",
			"problems", "busy", "locked"));
	for (int i = 0; i < CONSOLES; i++) {
		hear(m, json_pack(
				"{ss ss so}", "say", "failed", "ask", "boot", "text", json_null()));
		leave_all(m, i);
		press(m, i, KEY_LINE_HOME);
		press(m, i, KEY_CURSOR_RIGHT);
		press(m, i, KEY_CURSOR_DOWN);
		draw(m, i);
		read_requests(m, "");
		press(m, i, KEY_RETURN);
		expect(m, read_requests(m, "boot"), "Enter does not boot an entry");
	}
	hear(m, json_pack("{ss ss so}", "say", "failed", "ask", "boot", "text", json_null()));
	expect(m, talloc_total_size(m->menu) < MEMORY_MAX, "it takes more and more memory");
}

static int verify(const char *hash, const char *password)
{
	return !strcmp(hash, password);
}

static void begin(struct monkey *m)
{
	struct menu_setup setup = {.timeout_ms = -1,
		.flags = MENU_MAY_SHELL | MENU_MAY_QUIT,
		.version = "0.0",
		.password = m->seed % 2 ? "x" : NULL, /* it is typed now and then */
		.verify = verify};

	m->menu = menu_new(NULL, &setup);
	expect(m,
		m->menu && menu_add_console(m->menu, MENU_SCREEN, 80, 24) == 0 &&
			menu_add_console(m->menu, MENU_SERIAL, 40, 10) == 1,
		"no menu");
	m->now_ms = 0;
	menu_clock(m->menu, 0);
}

/* From here on nothing leads back; whatever is typed. */
static void jump(struct monkey *m)
{
	hear(m, json_pack("{ss ss ss}", "say", "phase", "phase", "quiesce", "text", some_text(m)));
	for (int i = 0; i < JUMP_EVENTS; i++) {
		if (below(m, 3))
			say_something(m);
		else
			press(m, i % CONSOLES, some_key(m));
		draw(m, i % CONSOLES);
		read_requests(m, "");
		talloc_free(menu_take_text(m->menu, NULL, 1));
	}
}

static void do_something(struct monkey *m, int is_untouched)
{
	int console = (int)below(m, CONSOLES), who;
	unsigned int what = below(m, 100);

	if (what < 3)
		resize(m, console);
	else if (what < 8)
		say_something(m);
	else if (is_untouched)
		menu_clock(m->menu, m->now_ms += below(m, 500));
	else
		press(m, console, some_key(m));
	draw(m, console);
	if (what < 8)
		draw(m, !console);
	read_requests(m, "");
	menu_wishes(m->menu, &who);
	expect(m, menu_wait_ms(m->menu) >= -1, "it waits for less than nothing");
}

static void play(struct monkey *m, unsigned long count)
{
	begin(m);
	for (m->event = 0; m->event < count; m->event++) {
		do_something(m, m->event % MENU_EVERY < UNTOUCHED);
		if (m->event % USABLE_EVERY == USABLE_EVERY - 1)
			check_usable(m);
		if (m->event % MENU_EVERY == MENU_EVERY - 1) {
			jump(m);
			talloc_free(m->menu);
			begin(m);
		}
	}
	check_usable(m);
}

int main(int argc, char **argv)
{
	struct monkey m = {0};

	if (argc != 3 || !setlocale(LC_ALL, "C.UTF-8")) {
		fprintf(stderr, "usage: monkey COUNT SEED\n");
		return 2;
	}
	m.seed = strtoul(argv[2], NULL, 10);
	m.random = m.seed * 0x9e3779b97f4a7c15u + 1;
	play(&m, strtoul(argv[1], NULL, 10));
	printf("%s events, seed %lu: still usable\n", argv[1], m.seed);
	talloc_free(m.menu);
	return 0;
}
