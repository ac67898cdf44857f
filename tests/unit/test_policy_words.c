// SPDX-License-Identifier: GPL-2.0-or-later
/* Globs, and guessing what a mistyped word was meant to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/glob.h"
#include "policy/spelling.h"

static void globs_match_whole_words(void **state)
{
	static const struct {
		const char *pattern, *text;
		int matches;
	} globs[] = {
		{"nvme", "nvme", 1},
		{"nvme", "nvme0", 0},
		{"nvme", "nvm", 0},
		{"", "", 1},
		{"", "a", 0},
		{"*", "", 1},
		{"*", "anything", 1},
		{"**", "x", 1},
		{"e1000*", "e1000e", 1},
		{"*_core", "mlx5_core", 1},
		{"*_core", "mlx5_core2", 0},
		{"a*b*c", "a-bb-b-c", 1},
		{"a*b*c", "a-bb-b-", 0},
		{"0000:??:00.0", "0000:01:00.0", 1},
		{"0000:??:00.0", "0000:1:00.0", 0},
		{"*:0[13].[!0]", "0000:00:01.1", 1},
		{"*:0[13].[!0]", "0000:00:02.1", 0},
		{"*:0[13].[!0]", "0000:00:03.0", 0},
		{"[a-c]x", "bx", 1},
		{"[a-c]x", "dx", 0},
		{"[]]", "]", 1},
		{"[!]]", "]", 0},
		{"[!]]", "a", 1},
		{"[a-]", "-", 1},
		{"[ab", "[ab", 1},
		{"[ab", "a", 0},
		{"[", "[", 1},
		{"[!", "[!", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(globs) / sizeof(*globs); i++)
		if (glob_matches(globs[i].pattern, globs[i].text) != globs[i].matches)
			fail_msg("\"%s\" on \"%s\"", globs[i].pattern, globs[i].text);
}

/* The pattern that keeps matchers busy which try every star anew. */
static void globs_take_no_exponential_time(void **state)
{
	char pattern[65], text[4097];

	(void)state;
	for (size_t i = 0; i < 64; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[63] = 'b';
	pattern[64] = '\0';
	memset(text, 'a', 4096);
	text[4096] = '\0';
	assert_false(glob_matches(pattern, text));
}

static const char *guess(const char *typed)
{
	static const char *const known[] = {"unbind", "flr", "pm", "bus", "mask", "intx"};
	struct spelling s = {.word = typed};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		spelling_consider(&s, known[i]);
	return s.nearest ? s.nearest : "";
}

static void guesses_near_words_only(void **state)
{
	(void)state;
	assert_string_equal(guess("unbnd"), "unbind");
	assert_string_equal(guess("ubnind"), "unbind");
	assert_string_equal(guess("unbindd"), "unbind");
	assert_string_equal(guess("uhbimd"), "unbind");
	assert_string_equal(guess("bsu"), "bus");
	assert_string_equal(guess("reset"), "");
	assert_string_equal(guess("p"), "");
	assert_string_equal(guess(""), "");
	assert_string_equal(guess("unbindunbindunbindunbindunbindunbindunbind"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs_match_whole_words),
		cmocka_unit_test(globs_take_no_exponential_time),
		cmocka_unit_test(guesses_near_words_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
