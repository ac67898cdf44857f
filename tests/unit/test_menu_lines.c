// SPDX-License-Identifier: GPL-2.0-or-later
/* Consoles of lines: what the scripts in tests/screens do not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "ui/menu/menu.h"
#include "ui/print.h"

static int verify(const char *hash, const char *password)
{
	return !strcmp(hash, password);
}

static struct menu *start_with(const char *password, enum menu_console kind, int width)
{
	struct menu_setup setup = {.timeout_ms = -1,
		.flags = MENU_MAY_SHELL | MENU_MAY_QUIT,
		.version = "0",
		.password = password,
		.verify = verify};
	struct menu *menu = menu_new(NULL, &setup);

	assert_non_null(menu);
	assert_int_equal(menu_add_console(menu, kind, width, 24), 0);
	menu_clock(menu, 0);
	menu_clock(menu, 1000);
	json_decref(menu_ask(menu)); /* look */
	return menu;
}

static struct menu *start(enum menu_console kind)
{
	return start_with(NULL, kind, 80);
}

static void hear(struct menu *menu, json_t *message)
{
	assert_int_equal(menu_hear(menu, message), 0);
	json_decref(message);
}

/* Three entries on one disk, the first by default. */
static void tell_entries(struct menu *menu)
{
	hear(menu, json_pack("{ss s[{ss}]}", "say", "volumes", "volumes", "device", "/dev/sda1"));
	hear(menu, json_pack("{ss s[]}", "say", "settings", "rows"));
	hear(menu, json_pack("{ss}", "say", "entries"));
	for (int i = 0; i < 3; i++) {
		char id[2] = {(char)('a' + i), '\0'};

		hear(menu, json_pack("{ss ss ss si sb}", "say", "entry", "id", id, "title", id,
				   "volume", 0, "default", i == 0));
	}
	hear(menu, json_pack("{ss si}", "say", "listed", "timeout", 5));
}

static void expect_text(struct menu *menu, const char *part)
{
	char *text = menu_take_text(menu, NULL, 0);

	assert_non_null(text);
	if (!strstr(text, part))
		fail_msg("'%s' is not in '%s'", part, text);
	talloc_free(text);
}

static void expect_nothing(struct menu *menu)
{
	char *text = menu_take_text(menu, NULL, 0);

	if (text)
		fail_msg("'%s'", text);
}

/* But for the plan, which screens want to know before a boot. */
static json_t *next_request(struct menu *menu)
{
	json_t *request;

	while ((request = menu_ask(menu))) {
		const char *what = json_string_value(json_object_get(request, "ask"));

		if (what && strcmp(what, "plan") && strcmp(what, "settings"))
			return request;
		json_decref(request);
	}
	return NULL;
}

static void expect_request(struct menu *menu, const char *what)
{
	json_t *request = next_request(menu);
	const char *asked = json_string_value(json_object_get(request, "ask"));

	if (!what)
		assert_null(request);
	else if (!asked || strcmp(asked, what))
		fail_msg("%s is not %s", asked ? asked : "nothing", what);
	json_decref(request);
}

static void expect_wish(struct menu *menu, enum menu_wish wish)
{
	int console;

	assert_int_equal(menu_wishes(menu, &console), wish);
}

static void the_password_is_asked_for_each_time(void **state)
{
	static const struct {
		const char *line, *request;
		enum menu_wish wish;
	} guarded[] = {
		{"d 2", "default", MENU_GO_ON},
		{"o 2", "default", MENU_GO_ON},
		{"s", NULL, MENU_SHELL},
	};
	struct menu *menu = start_with("secret", MENU_LINES, 80);

	(void)state;
	tell_entries(menu);
	for (size_t i = 0; i < sizeof(guarded) / sizeof(*guarded); i++) {
		assert_false(menu_hides_input(menu, 0));
		menu_line(menu, 0, guarded[i].line);
		assert_true(menu_hides_input(menu, 0));
		expect_text(menu, "Password");
		expect_request(menu, NULL);
		menu_line(menu, 0, "wrong");
		assert_false(menu_hides_input(menu, 0));
		expect_text(menu, "That is not the password.");
		expect_request(menu, NULL);
		expect_wish(menu, MENU_GO_ON);
		menu_line(menu, 0, guarded[i].line);
		menu_line(menu, 0, "secret");
		expect_request(menu, guarded[i].request);
		expect_wish(menu, guarded[i].wish);
		assert_false(menu_hides_input(menu, 0));
	}
	menu_line(menu, 0, "e 1");
	menu_line(menu, 0, "");
	expect_text(menu, "That is not the password.");
	menu_line(menu, 0, "e 1");
	menu_line(menu, 0, "secret");
	expect_text(menu, "New arguments");
	menu_line(menu, 0, "");
	menu_line(menu, 0, "c");
	menu_line(menu, 0, "2"); /* what is listed boots without */
	expect_request(menu, "boot");
	talloc_free(menu);
}

static void tell_password(struct menu *menu, const char *hash)
{
	hear(menu, json_pack("{ss s[{ss ss?}]}", "say", "settings", "rows", "name", "password",
			   "value", hash));
}

static void a_password_stays_when_its_disk_goes(void **state)
{
	struct menu *menu = start_with(NULL, MENU_LINES, 80);

	(void)state;
	tell_password(menu, "secret");
	hear(menu, json_pack("{ss}", "say", "entries"));
	hear(menu, json_pack("{ss}", "say", "listed"));
	tell_password(menu, NULL); /* another disk is the first now */
	menu_line(menu, 0, "s");
	expect_text(menu, "Password");
	menu_line(menu, 0, "");
	expect_wish(menu, MENU_GO_ON);
	tell_password(menu, "mine");
	menu_line(menu, 0, "s");
	menu_line(menu, 0, "mine");
	expect_wish(menu, MENU_GO_ON);
	menu_lost_engine(menu, "x", MENU_BEGUN_AGAIN);
	hear(menu, json_pack("{ss}", "say", "entries"));
	hear(menu, json_pack("{ss}", "say", "listed"));
	menu_line(menu, 0, "s");
	menu_line(menu, 0, "secret");
	expect_wish(menu, MENU_SHELL);
	talloc_free(menu);
}

static void the_password_comes_before_the_passphrase(void **state)
{
	struct menu *menu = start_with("secret", MENU_LINES, 80);

	(void)state;
	tell_entries(menu);
	hear(menu, json_pack("{ss s[{ss ss}]}", "say", "listed", "locked", "device", "/dev/sda5",
			   "name", "home"));
	menu_line(menu, 0, "u");
	expect_text(menu, "Password of this menu: ");
	menu_line(menu, 0, "secret");
	expect_text(menu, "Passphrase of /dev/sda5: ");
	assert_true(menu_hides_input(menu, 0));
	menu_line(menu, 0, "\xff\xfe"); /* no text that a message takes */
	expect_text(menu, "That is not text");
	expect_request(menu, NULL);
	menu_line(menu, 0, "u home");
	menu_line(menu, 0, "secret");
	menu_line(menu, 0, " a b ");
	expect_request(menu, "unlock");
	talloc_free(menu);
}

static void enter_that_is_held_stops_nothing(void **state)
{
	struct menu *menu = start(MENU_LINES);

	(void)state;
	talloc_free(menu);
	menu = menu_new(NULL, &(struct menu_setup){.timeout_ms = -1, .version = "0"});
	menu_add_console(menu, MENU_LINES, 80, 24);
	json_decref(menu_ask(menu));
	menu_clock(menu, 0);
	for (int ms = 50; ms < 2000; ms += 50) {
		menu_clock(menu, ms);
		menu_line(menu, 0, "");
		if (ms == 500)
			tell_entries(menu);
	}
	menu_clock(menu, 6000);
	expect_request(menu, "boot");
	talloc_free(menu);
}

static void enter_stops_and_then_boots(void **state)
{
	struct menu *menu = start(MENU_LINES);

	(void)state;
	tell_entries(menu);
	expect_text(menu, "press Enter to stop.");
	for (int ms = 1000; ms < 4000; ms += 250)
		menu_clock(menu, ms);
	expect_nothing(menu); /* one line at its start */
	menu_line(menu, 0, "");
	expect_text(menu, "Nothing is booted by itself any more.");
	menu_clock(menu, 60000);
	expect_request(menu, NULL);
	menu_line(menu, 0, "");
	expect_request(menu, "boot");
	talloc_free(menu);
}

static void enter_before_the_list_boots_nothing(void **state)
{
	struct menu *menu = start(MENU_LINES);

	(void)state;
	menu_line(menu, 0, "");
	tell_entries(menu);
	menu_clock(menu, 60000);
	expect_request(menu, NULL);
	talloc_free(menu);
}

static void the_end_of_the_input_leaves_the_countdown(void **state)
{
	struct menu *menu = start(MENU_LINES);

	(void)state;
	menu_line(menu, 0, NULL);
	expect_wish(menu, MENU_GO_ON);
	tell_entries(menu);
	expect_text(menu, "Booting a in 5 s.");
	expect_wish(menu, MENU_GO_ON);
	menu_clock(menu, 6000);
	expect_request(menu, "boot");
	expect_wish(menu, MENU_GO_ON);
	hear(menu, json_pack("{ss ss ss}", "say", "failed", "ask", "boot", "text", "no"));
	expect_text(menu, "no\n");
	talloc_free(menu);
}

static void nobody_left_ends_the_menu(void **state)
{
	struct menu *menu = start(MENU_LINES);

	(void)state;
	menu_add_console(menu, MENU_LINES, 80, 24);
	tell_entries(menu);
	menu_line(menu, 0, "r");
	menu_line(menu, 0, "y");
	menu_line(menu, 0, NULL);
	menu_line(menu, 0, NULL);
	expect_wish(menu, MENU_GO_ON); /* the other one is there */
	menu_line(menu, 1, NULL);
	expect_wish(menu, MENU_GO_ON); /* an answer is waited for */
	expect_request(menu, "power");
	hear(menu, json_pack("{ss ss sn}", "say", "done", "ask", "power", "text"));
	expect_wish(menu, MENU_QUIT);
	expect_text(menu, "The input has ended");
	menu_clock(menu, 9000);
	expect_wish(menu, MENU_GO_ON); /* said once */
	expect_nothing(menu);
	talloc_free(menu);
}

static void nothing_that_boots_ends_the_menu_without_input(void **state)
{
	struct menu *menu = start(MENU_LINES);

	(void)state;
	menu_line(menu, 0, NULL);
	hear(menu, json_pack("{ss}", "say", "entries"));
	hear(menu, json_pack("{ss s[s]}", "say", "listed", "busy", "/dev/sdb"));
	expect_wish(menu, MENU_GO_ON);
	hear(menu, json_pack("{ss}", "say", "listed"));
	expect_wish(menu, MENU_QUIT);
	talloc_free(menu);
}

static void a_screen_keeps_the_menu(void **state)
{
	struct menu *menu = start(MENU_LINES);

	(void)state;
	menu_add_console(menu, MENU_SCREEN, 80, 24);
	tell_entries(menu);
	menu_line(menu, 0, "l");
	menu_line(menu, 0, NULL);
	expect_wish(menu, MENU_GO_ON);
	talloc_free(menu);
}

static void the_prompt_comes_back_after_a_shell(void **state)
{
	struct menu *menu = start(MENU_LINES);

	(void)state;
	tell_entries(menu);
	menu_line(menu, 0, "s");
	expect_text(menu, "A number");
	expect_wish(menu, MENU_SHELL);
	menu_resize(menu, 0, 80, 24);
	expect_text(menu, "A number");
	menu_resize(menu, 0, 81, 24);
	expect_nothing(menu);
	talloc_free(menu);
}

static void a_serial_line_tells_only_of_the_jump(void **state)
{
	struct menu *menu = start(MENU_SERIAL);
	static const struct key_event enter = {.key = KEY_RETURN};

	(void)state;
	tell_entries(menu);
	menu_key(menu, 0, &enter);
	expect_request(menu, "boot");
	hear(menu, json_pack("{ss ss}", "say", "phase", "phase", "load"));
	expect_nothing(menu);
	hear(menu, json_pack("{ss ss}", "say", "phase", "phase", "quiesce"));
	expect_wish(menu, MENU_LEAVE_SCREENS);
	expect_text(menu, "no way back");
	hear(menu, json_pack("{ss ss ss ss si}", "say", "step", "slot", "0000:01:00.0", "step",
			   "unbind", "state", "begun", "start_us", 123000));
	expect_text(menu, "[   0.123] 0000:01:00.0  unbind        ...\n");
	hear(menu, json_pack("{ss ss ss ss si si ss}", "say", "step", "slot", "0000:01:00.0",
			   "step", "unbind", "state", "hung", "start_us", 123000, "duration_us",
			   30000000, "detail", "\033[2J"));
	expect_text(menu, "[  30.123] 0000:01:00.0  unbind        hung, 30.00 s: \\x1b[2J\n");
	menu_line(menu, 0, "1"); /* takes no lines */
	expect_nothing(menu);
	talloc_free(menu);
}

/* Entries with random ids, titles, places and reasons: ids go from one title to another. */
static void tell_random(struct menu *menu, unsigned int *seed, int titles[8])
{
	hear(menu, json_pack("{ss s[{ss} {ss}]}", "say", "volumes", "volumes", "device",
			   rand_r(seed) % 2 ? "/dev/sda1" : "/dev/sdc1", "device", "/dev/sdb1"));
	hear(menu, json_pack("{ss}", "say", "entries"));
	for (int i = 0; i < 8; i++) {
		char id[16], title[16];

		titles[i] = rand_r(seed) % 6 ? rand_r(seed) % 4 : -1;
		if (titles[i] < 0)
			continue;
		snprintf(id, sizeof(id), "id%d", i);
		snprintf(title, sizeof(title), "T%02d", titles[i]);
		hear(menu, json_pack("{ss ss ss si sb ss*}", "say", "entry", "id", id, "title",
				   title, "volume", i / 4, "default", 0, "reason",
				   rand_r(seed) % 5 ? NULL : "it is broken"));
	}
	hear(menu, json_pack("{ss}", "say", "listed"));
}

/* Every "12  T34" that was printed. */
static void read_numbers(const char *text, int printed[4096])
{
	for (const char *t = text; (t = strchr(t, 'T')); t++) {
		const char *n = t;

		if (t[1] < '0' || t[1] > '9')
			continue;
		while (n > text && n[-1] == ' ')
			n--;
		while (n > text && n[-1] >= '0' && n[-1] <= '9')
			n--;
		if (*n >= '0' && *n <= '9')
			printed[atoi(n)] = atoi(t + 1);
	}
}

static void a_number_boots_what_was_printed_with_it(void **state)
{
	struct menu *menu = start(MENU_LINES);
	static int printed[4096];
	unsigned int seed = 1;
	int titles[8], booted = 0;

	(void)state;
	memset(printed, -1, sizeof(printed));
	for (int i = 0; i < 3000; i++) {
		int number = 1 + rand_r(&seed) % 60;
		char line[16], *text;
		json_t *request;

		tell_random(menu, &seed, titles);
		if (rand_r(&seed) % 8 == 0)
			menu_line(menu, 0, "l");
		text = menu_take_text(menu, NULL, 0);
		if (text)
			read_numbers(text, printed);
		talloc_free(text);
		snprintf(line, sizeof(line), "%d", number);
		menu_line(menu, 0, line);
		talloc_free(menu_take_text(menu, NULL, 0));
		request = next_request(menu);
		if (request) {
			const char *id = json_string_value(json_object_get(request, "id"));

			assert_int_equal(titles[atoi(id + 2)], printed[number]);
			booted++;
			json_decref(request);
			hear(menu, json_pack("{ss ss}", "say", "failed", "ask", "boot"));
		}
	}
	assert_true(booted > 100);
	talloc_free(menu);
}

/* No line is wider than the console, and nothing in it is obeyed; but for the prompt and sentences. */
static void check_lines(char *text, int width)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		for (const char *p = line; *p; p++)
			assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
		if (strncmp(line, "A number", 8))
			assert_true(print_width(line) < width);
	}
}

static void lines_are_cut_at_the_width(void **state)
{
	(void)state;
	for (int width = 20; width < 120; width += 7) {
		struct menu *menu = start_with(NULL, MENU_LINES, width);
		char *text;

		hear(menu, json_pack("{ss s[{ss ss}]}", "say", "volumes", "volumes", "device",
				   "/dev/a\rb", "label", "\033]0;x\007 a label that is long"));
		for (int round = 0; round < 3; round++) {
			char title[96];

			snprintf(title, sizeof(title),
				"\033[2J%d 漢字漢字漢字漢字漢字漢字 a title that is long", round);
			hear(menu, json_pack("{ss}", "say", "entries"));
			hear(menu, json_pack("{ss ss ss si s[s]}", "say", "entry", "id", "a",
					   "title", title, "volume", 0, "menu", "a\tb"));
			hear(menu, json_pack("{ss ss ss si ss}", "say", "entry", "id", "b", "title",
					   title, "volume", 0, "reason",
					   "it has\nmany reasons, one of which is its title"));
			hear(menu, json_pack("{ss}", "say", "listed"));
			menu_line(menu, 0, "i 1");
			menu_line(menu, 0, "/long");
		}
		text = menu_take_text(menu, NULL, 0);
		check_lines(text, width);
		talloc_free(text);
		talloc_free(menu);
	}
}

/* Whatever is typed, the menu can still be used. */
static void random_lines_do_no_harm(void **state)
{
	static const char *const words[] = {"1", "2", "e 1", "+ a", "- ", "", "u", "x", "y", "l",
		"p", "s", "q", "b", "c", "k x", "kernel /k", "initrd -", "?", "/a", "i 3", "d 9999",
		"o 2", "\033[A", "\xff", "00000000000000001", "99999999999999999999", "a -", "r",
		"device /dev/sda1", "word"};
	struct menu *menu = start_with("x", MENU_LINES, 60);
	unsigned int seed = 7;
	json_t *request;
	int console;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		menu_line(menu, 0, words[(size_t)rand_r(&seed) % (sizeof(words) / sizeof(*words))]);
		menu_clock(menu, 1000 + i * 100);
		if (i % 50 == 0)
			tell_entries(menu);
		while ((request = menu_ask(menu))) {
			json_t *ask = json_object_get(request, "ask");

			hear(menu,
				json_pack("{ss sO ss}", "say",
					rand_r(&seed) % 2 || !strcmp(json_string_value(ask), "boot")
						? "failed"
						: "done",
					"ask", ask, "text", "so"));
			json_decref(request);
		}
		if (menu_wishes(menu, &console) == MENU_QUIT) {
			talloc_free(menu);
			menu = start_with(i % 2 ? "x" : NULL, MENU_LINES, 60);
		}
		talloc_free(menu_take_text(menu, NULL, 0));
	}
	talloc_free(menu);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_password_is_asked_for_each_time),
		cmocka_unit_test(a_password_stays_when_its_disk_goes),
		cmocka_unit_test(the_password_comes_before_the_passphrase),
		cmocka_unit_test(enter_that_is_held_stops_nothing),
		cmocka_unit_test(enter_stops_and_then_boots),
		cmocka_unit_test(enter_before_the_list_boots_nothing),
		cmocka_unit_test(the_end_of_the_input_leaves_the_countdown),
		cmocka_unit_test(nobody_left_ends_the_menu),
		cmocka_unit_test(nothing_that_boots_ends_the_menu_without_input),
		cmocka_unit_test(a_screen_keeps_the_menu),
		cmocka_unit_test(the_prompt_comes_back_after_a_shell),
		cmocka_unit_test(a_serial_line_tells_only_of_the_jump),
		cmocka_unit_test(a_number_boots_what_was_printed_with_it),
		cmocka_unit_test(lines_are_cut_at_the_width),
		cmocka_unit_test(random_lines_do_no_harm),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
