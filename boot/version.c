// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/version.h"

#include <stdbool.h>
#include <string.h>

/* Not <ctype.h>: the specification means ASCII, whatever the locale. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *skip_foreign(const char *s)
{
	while (*s && !is_digit(*s) && !is_letter(*s) && !strchr("~-^.", *s))
		s++;
	return s;
}

/* A mark makes the string that has it at this place the older one; both having it, it is passed. */
static int compare_mark(char mark, const char **a, const char **b)
{
	if (**a != mark && **b != mark)
		return 0;
	if (**a != mark || **b != mark)
		return **a == mark ? -1 : 1;
	++*a;
	++*b;
	return 0;
}

static size_t skip_digits(const char **s)
{
	size_t len = 0;

	while (**s == '0')
		++*s;
	while (is_digit((*s)[len]))
		len++;
	return len;
}

/* Of any length, hence never turned into an integer: the longer number is the larger one. */
static int compare_number(const char **a, const char **b)
{
	size_t a_len = skip_digits(a), b_len = skip_digits(b);
	int order = a_len == b_len ? strncmp(*a, *b, a_len) : a_len < b_len ? -1 : 1;

	*a += a_len;
	*b += b_len;
	return order;
}

static int compare_letters(const char **a, const char **b)
{
	while (is_letter(**a) && is_letter(**b) && **a == **b) {
		++*a;
		++*b;
	}
	if (is_letter(**a) && is_letter(**b))
		return **a < **b ? -1 : 1;
	return is_letter(**a) - is_letter(**b);
}

/* How long is what both begin with, up to the component in which they differ? */
static size_t common_length(const char *a, const char *b)
{
	size_t len = 0;

	while (a[len] && a[len] == b[len])
		len++;
	while (len && (is_digit(a[len - 1]) || is_letter(a[len - 1])))
		len--;
	return len;
}

int version_compare(const char *a, const char *b)
{
	size_t common;
	int order;

	a = a ? a : "";
	b = b ? b : "";
	common = common_length(a, b);
	a += common;
	b += common;
	for (;;) {
		a = skip_foreign(a);
		b = skip_foreign(b);
		order = compare_mark('~', &a, &b);
		if (order)
			return order;
		if (!*a || !*b)
			return !!*a - !!*b;
		for (const char *mark = "-^."; *mark && !order; mark++)
			order = compare_mark(*mark, &a, &b);
		if (order)
			return order;
		if (is_digit(*a) || is_digit(*b))
			order = compare_number(&a, &b);
		else
			order = compare_letters(&a, &b);
		if (order)
			return order;
	}
}
