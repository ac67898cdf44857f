// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plays a script to the menu and prints its screens as text: player WIDTH HEIGHT SCRIPT. Lines of a script:
 *
 *   clock MS                    the time is so much later
 *   key NAME...                 keys by name ("Down", "Enter", "^A", "M-b", "F1") or as they are
 *   hurry NAME...               the same, and what comes next comes before details follow the cursor
 *   type TEXT                   each of its characters
 *   hear JSON                   a message of the engine
 *   play FILE                   another script, from the folder of this one
 *   size WIDTH HEIGHT           another size
 *   click X Y
 *   line TEXT                   to a console of lines, echoed as a terminal does; `line` alone is Enter
 *   end                         of the input of a console of lines
 *   show TITLE, styles TITLE    print the screen, or what its cells mean
 *   asks                        print what the engine was asked for since the last time
 *   text                        print what a console of lines or a serial one prints
 *   lost WHY                    the engine has ended
 *   # comment
 *
 * With -l the console is one of lines, with -s a serial one; with -p PASSWORD the menu has one. With -L LANGUAGE
 * it speaks it, by the catalogues in STILLBOOT_LOCALEDIR.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "ui/menu/menu.h"
#include "ui/translate.h"

struct player {
	struct menu *menu;
	int width, height;
	long long now_ms;
	const char *folder;
};

static const struct {
	const char *name;
	uint32_t key;
} names[] = {
	{"Up", KEY_CURSOR_UP},
	{"Down", KEY_CURSOR_DOWN},
	{"Left", KEY_CURSOR_LEFT},
	{"Right", KEY_CURSOR_RIGHT},
	{"PgUp", KEY_PAGE_UP},
	{"PgDn", KEY_PAGE_DOWN},
	{"Home", KEY_LINE_HOME},
	{"End", KEY_LINE_END},
	{"Del", KEY_DEL},
	{"Ins", KEY_INS},
	{"Tab", KEY_TAB},
	{"BackTab", KEY_BACK_TAB},
	{"Enter", KEY_RETURN},
	{"Esc", KEY_ESC},
	{"Backspace", KEY_ERASE},
	{"Space", ' '},
	{"WheelDown", KEY_WHEEL_DOWN},
	{"WheelUp", KEY_WHEEL_UP},
};

static uint32_t key_named(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i].name))
			return names[i].key;
	if (name[0] == 'F' && atoi(name + 1) > 0)
		return KEY_FN + (uint32_t)atoi(name + 1);
	if (name[0] == '^' && name[1])
		return KEY_CONTROL((uint32_t)name[1]);
	if (!strncmp(name, "M-", 2))
		return key_named(name + 2) | KEY_WITH_ALT;
	if (!strncmp(name, "C-", 2))
		return key_named(name + 2) | KEY_WITH_CONTROL;
	if (strlen(name) != 1) {
		fprintf(stderr, "player: there is no key %s\n", name);
		exit(1);
	}
	return (unsigned char)*name;
}

/* A key does not come within the first moment, or it counts as one that is stuck. */
static void press(struct player *p, struct key_event event)
{
	p->now_ms += 10;
	menu_clock(p->menu, p->now_ms);
	menu_key(p->menu, 0, &event);
}

static void press_all(struct player *p, char *keys)
{
	for (char *name = strtok(keys, " "); name; name = strtok(NULL, " "))
		press(p, (struct key_event){.key = key_named(name)});
}

/* So long that details have followed the cursor. */
static void linger(struct player *p)
{
	p->now_ms += 200;
	menu_clock(p->menu, p->now_ms);
}

static void type(struct player *p, const char *text)
{
	wchar_t wide;

	for (int n; (n = mbtowc(&wide, text, MB_CUR_MAX)) > 0; text += n)
		press(p, (struct key_event){.key = (uint32_t)wide});
}

static void hear(struct player *p, const char *text)
{
	json_error_t error;
	json_t *message = json_loads(text, 0, &error);

	if (!message || menu_hear(p->menu, message) < 0) {
		fprintf(stderr, "player: not understood: %s: %s\n", text, error.text);
		exit(1);
	}
	json_decref(message);
}

static void show(struct player *p, enum grid_print how, const char *title)
{
	struct grid *g = grid_new(NULL, p->width, p->height);

	menu_draw(p->menu, 0, g);
	printf("== %s\n", title);
	grid_print(g, how, stdout);
	if (g->cursor_x >= 0)
		printf("-- cursor %d,%d\n", g->cursor_x, g->cursor_y);
	talloc_free(g);
}

static void print_requests(struct player *p)
{
	json_t *request;

	while ((request = menu_ask(p->menu))) {
		char *text = json_dumps(request, JSON_COMPACT);

		printf("ask %s\n", text);
		free(text);
		json_decref(request);
	}
}

static void print_text(struct player *p)
{
	char *text = menu_take_text(p->menu, NULL, 0);

	if (text)
		fputs(text, stdout);
	talloc_free(text);
}

static void give_line(struct player *p, const char *line)
{
	print_text(p);
	if (!menu_hides_input(p->menu, 0))
		printf("%s\n", line);
	menu_line(p->menu, 0, line);
}

static void play(struct player *p, const char *path);

static void obey(struct player *p, char *line)
{
	char *rest = strchr(line, ' ');
	int x, y;

	if (rest)
		*rest++ = '\0';
	else
		rest = line + strlen(line);
	if (!strcmp(line, "clock")) {
		p->now_ms += atoll(rest);
		menu_clock(p->menu, p->now_ms);
	} else if (!strcmp(line, "key")) {
		press_all(p, rest);
		linger(p);
	} else if (!strcmp(line, "hurry")) {
		press_all(p, rest);
	} else if (!strcmp(line, "type")) {
		type(p, rest);
	} else if (!strcmp(line, "hear")) {
		hear(p, rest);
	} else if (!strcmp(line, "lost")) {
		menu_lost_engine(p->menu, rest, MENU_BEGUN_AGAIN);
	} else if (!strcmp(line, "line")) {
		give_line(p, rest);
	} else if (!strcmp(line, "end")) {
		print_text(p);
		menu_line(p->menu, 0, NULL);
	} else if (!strcmp(line, "play")) {
		char *path = talloc_asprintf(NULL, "%s/%s", p->folder, rest);

		play(p, path);
		talloc_free(path);
	} else if (!strcmp(line, "size") && sscanf(rest, "%d %d", &p->width, &p->height) == 2) {
		menu_resize(p->menu, 0, p->width, p->height);
	} else if (!strcmp(line, "click") && sscanf(rest, "%d %d", &x, &y) == 2) {
		press(p, (struct key_event){.key = KEY_CLICK, .x = x, .y = y});
		linger(p);
	} else if (!strcmp(line, "show")) {
		show(p, GRID_PRINT_TEXT, rest);
	} else if (!strcmp(line, "styles")) {
		show(p, GRID_PRINT_STYLES, rest);
	} else if (!strcmp(line, "asks")) {
		print_requests(p);
	} else if (!strcmp(line, "text")) {
		print_text(p);
	} else if (*line && *line != '#') {
		fprintf(stderr, "player: what is '%s'?\n", line);
		exit(1);
	}
}

static void play(struct player *p, const char *path)
{
	FILE *script = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;

	if (!script) {
		perror(path);
		exit(1);
	}
	while (getline(&line, &size, script) > 0) {
		line[strcspn(line, "\n")] = '\0';
		obey(p, line);
	}
	free(line);
	fclose(script);
}

/* The hash is the password itself: crypt(3) is none of the menu's. */
static int verify(const char *hash, const char *password)
{
	return !strcmp(hash, password);
}

static void speak(const char *language)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("LANGUAGE", language, 1);
	translate_setup();
}

int main(int argc, char **argv)
{
	struct menu_setup setup = {.timeout_ms = -1,
		.flags = MENU_MAY_SHELL | MENU_MAY_QUIT,
		.version = "0.0",
		.verify = verify};
	enum menu_console kind = MENU_SCREEN;
	struct player p = {0};
	int option;

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	while ((option = getopt(argc, argv, "lsp:L:")) >= 0) {
		kind = option == 'l' ? MENU_LINES : option == 's' ? MENU_SERIAL : kind;
		setup.password = option == 'p' ? optarg : setup.password;
		if (option == 'L')
			speak(optarg);
	}
	if (argc - optind != 3) {
		fprintf(stderr, "usage: player [-l] [-s] [-p PASSWORD] [-L LANGUAGE] WIDTH HEIGHT "
				"SCRIPT\n");
		return 2;
	}
	p.menu = menu_new(NULL, &setup);
	p.width = atoi(argv[optind]);
	p.height = atoi(argv[optind + 1]);
	p.folder = talloc_strndup(p.menu, argv[optind + 2],
		strrchr(argv[optind + 2], '/')
			? (size_t)(strrchr(argv[optind + 2], '/') - argv[optind + 2])
			: 0);
	menu_add_console(p.menu, kind, p.width, p.height);
	menu_clock(p.menu, 0);
	p.now_ms = 1000;
	menu_clock(p.menu, p.now_ms);
	play(&p, argv[optind + 2]);
	talloc_free(p.menu);
	return 0;
}
