// SPDX-License-Identifier: GPL-2.0-or-later
/* `test` and `[`: grub-core/commands/test.c. Expressions are read from left to right, -a binds
 * stronger than -o. */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "boot/grub/command.h"
#include "boot/grub/device.h"
#include "devices/cleanup.h"

#define PARENTHESES_MAX 100

struct test {
	struct grub_run *g;
	char **argv;
	size_t argc, at;
	unsigned int depth;
};

/* grub_strtoull(): decimal, 0x and 0 as in C; what is no number is 0, what is too large the largest. */
static long number(const char *text)
{
	bool negative = *text == '-';

	text += negative;
	if (*text == '-' || *text == '+')
		return 0;
	return negative ? -(long)strtoul(text, NULL, 0) : (long)strtoul(text, NULL, 0);
}

/* Numbers behind what both have in common: "vmlinuz-2" and "vmlinuz-11". */
static int compare_behind_prefix(const char *a, const char *b)
{
	size_t same = 0;
	unsigned long x, y;

	while (a[same] && a[same] == b[same])
		same++;
	while (same > 1 && isdigit((unsigned char)a[same - 1]))
		same--;
	x = strtoul(a + same, NULL, 0);
	y = strtoul(b + same, NULL, 0);
	return (x > y) - (x < y);
}

/* False if it is not there. An empty name is no file, though GRUB takes it for the root directory. */
static bool file_status(struct test *t, const char *name, struct stat *st)
{
	struct grub_mark mark = grub_arena_mark(&t->g->scratch);
	struct grub_place place;
	_cleanup_fd_ int fd = -1;

	if (*name && grub_lookup(t->g, 1) && grub_place(t->g, name, &place) && place.volume &&
		place.volume->fd >= 0)
		fd = volume_open_any(place.volume, *place.path ? place.path : "/", O_PATH);
	grub_arena_back(&t->g->scratch, mark);
	return fd >= 0 && fstat(fd, st) == 0;
}

static bool is_newer(struct test *t, const char *a, const char *operator, const char * b)
{
	struct stat x, y;
	bool has_x = file_status(t, a, &x), has_y = file_status(t, b, &y);
	long bias = number(operator+ 3);
	bool newer = operator[1] == 'n';

	if (!has_x || !has_y)
		return newer ? has_x && !has_y : has_y && !has_x;
	return newer ? x.st_mtime + bias > y.st_mtime : x.st_mtime + bias < y.st_mtime;
}

enum comparison { TEXTS, NUMBERS, PREFIXED };

static const struct {
	const char *operator;
	enum comparison comparison;
	bool less, equal, greater; /* what holds */
} operators[] = {
	{"=", TEXTS, false, true, false},
	{"==", TEXTS, false, true, false},
	{"!=", TEXTS, true, false, true},
	{"<", TEXTS, true, false, false},
	{"<=", TEXTS, true, true, false},
	{">", TEXTS, false, false, true},
	{">=", TEXTS, false, true, true},
	{"-eq", NUMBERS, false, true, false},
	{"-ge", NUMBERS, false, true, true},
	{"-gt", NUMBERS, false, false, true},
	{"-le", NUMBERS, true, true, false},
	{"-lt", NUMBERS, true, false, false},
	{"-ne", NUMBERS, true, false, true},
	{"-pgt", PREFIXED, false, false, true},
	{"-plt", PREFIXED, true, false, false},
};

static int compare(enum comparison comparison, const char *a, const char *b)
{
	long x, y;

	if (comparison == TEXTS)
		return strcmp(a, b);
	if (comparison == PREFIXED)
		return compare_behind_prefix(a, b);
	x = number(a);
	y = number(b);
	return (x > y) - (x < y);
}

/* "a OPERATOR b". True if there is one here; *holds is what it says. */
static bool binary(struct test *t, bool *holds)
{
	char **v = t->argv + t->at;

	if (t->at + 2 >= t->argc)
		return false;
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		int order;

		if (strcmp(v[1], operators[i].operator))
			continue;
		order = compare(operators[i].comparison, v[0], v[2]);
		*holds = order < 0   ? operators[i].less
			 : order > 0 ? operators[i].greater
				     : operators[i].equal;
		return true;
	}
	if (strncmp(v[1], "-nt", 3) && strncmp(v[1], "-ot", 3))
		return false;
	*holds = is_newer(t, v[0], v[1], v[2]);
	return true;
}

/* "-d file" and the like. A directory is not empty for -s, as in other shells. */
static bool unary(struct test *t, bool *holds)
{
	char **v = t->argv + t->at;
	struct stat st;
	bool there;

	if (t->at + 1 >= t->argc || v[0][0] != '-' || !v[0][1] || v[0][2])
		return false;
	if (v[0][1] == 'n' || v[0][1] == 'z') {
		*holds = !*v[1] == (v[0][1] == 'z');
		return true;
	}
	if (!strchr("defs", v[0][1]))
		return false;
	there = file_status(t, v[1], &st);
	switch (v[0][1]) {
	case 'd':
		*holds = there && S_ISDIR(st.st_mode);
		break;
	case 'f':
		*holds = there && !S_ISDIR(st.st_mode);
		break;
	case 's':
		*holds = there && (S_ISDIR(st.st_mode) || st.st_size);
		break;
	default:
		*holds = there;
	}
	return true;
}

struct term {
	bool or, and, invert;
};

static void take(struct term *term, bool holds)
{
	term->and = term->and &&holds != term->invert;
	term->invert = false;
}

static bool expression(struct test *t);

/* One of the words that are no test by themselves. False at the end of the expression. */
static bool word(struct test *t, struct term *term)
{
	const char *text = t->argv[t->at++];

	if (!strcmp(text, ")"))
		return false;
	if (!strcmp(text, "(")) {
		if (++t->depth > PARENTHESES_MAX)
			return false;
		take(term, expression(t));
	} else if (!strcmp(text, "!")) {
		term->invert = !term->invert;
	} else if (!strcmp(text, "-o")) {
		term->or = term->or || term->and;
		term->and = true;
	} else if (strcmp(text, "-a")) {
		take(term, *text);
	}
	return true;
}

static bool expression(struct test *t)
{
	struct term term = {.and = true};
	bool holds;

	while (t->at < t->argc) {
		if (binary(t, &holds)) {
			take(&term, holds);
			t->at += 3;
		} else if (unary(t, &holds)) {
			take(&term, holds);
			t->at += 2;
		} else if (!word(t, &term)) {
			break;
		}
	}
	return term.or || term.and;
}

int grub_command_test(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct test t = {.g = g, .argv = call->argv + 1, .argc = call->argc - 1};

	(void)command;
	if (t.argc && !strcmp(t.argv[t.argc - 1], "]"))
		t.argc--;
	return expression(&t) ? GRUB_OK : GRUB_FALSE;
}
