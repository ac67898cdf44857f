// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/package_version.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

struct part {
	const char *text;
	size_t len;
};

static char first(struct part p)
{
	return p.len ? *p.text : '\0';
}

static void skip(struct part *p, size_t len)
{
	p->text += len;
	p->len -= len;
}

static void skip_separators(struct part *p)
{
	while (p->len && !isalnum((unsigned char)*p->text) && *p->text != '~' && *p->text != '+')
		skip(p, 1);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Take a run of digits, or of letters. */
static struct part take_run(struct part *p, bool digits)
{
	struct part run = {p->text, 0};

	while (run.len < p->len &&
		(digits ? is_digit(run.text[run.len]) : isalpha((unsigned char)run.text[run.len])))
		run.len++;
	skip(p, run.len);
	return run;
}

static int compare_bytes(struct part a, struct part b)
{
	int order = memcmp(a.text, b.text, a.len < b.len ? a.len : b.len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_numbers(struct part a, struct part b)
{
	while (first(a) == '0')
		skip(&a, 1);
	while (first(b) == '0')
		skip(&b, 1);
	if (a.len != b.len)
		return a.len > b.len ? 1 : -1;
	return compare_bytes(a, b);
}

/* What stands before everything (`~`) or after it (`+`). True if it decides or was passed over. */
static bool compare_sign(struct part *a, struct part *b, char sign, int *order)
{
	if (first(*a) != sign && first(*b) != sign)
		return false;
	*order = 0;
	if (first(*a) == sign && first(*b) == sign) {
		skip(a, 1);
		skip(b, 1);
	} else if (sign == '~' || (a->len && b->len)) {
		*order = first(*a) == sign ? -1 : 1;
	} else {
		*order = a->len ? 1 : -1;
	}
	return true;
}

static int compare_parts(struct part a, struct part b)
{
	int order;

	while (a.len || b.len) {
		bool digits;

		skip_separators(&a);
		skip_separators(&b);
		if (compare_sign(&a, &b, '~', &order) || compare_sign(&a, &b, '+', &order)) {
			if (order)
				return order;
			continue;
		}
		if (!a.len || !b.len)
			break;
		digits = is_digit(*a.text);
		if (digits != is_digit(*b.text))
			return digits ? 1 : -1;
		order = digits ? compare_numbers(take_run(&a, true), take_run(&b, true))
			       : compare_bytes(take_run(&a, false), take_run(&b, false));
		if (order)
			return order;
	}
	return !!a.len - !!b.len;
}

/* Take what stands behind the last dash. Empty where there is none. */
static struct part take_last(struct part *p)
{
	const char *dash = memrchr(p->text, '-', p->len);
	struct part last = {p->text + p->len, 0};

	if (!dash)
		return last;
	last = (struct part){dash + 1, p->len - (size_t)(dash - p->text) - 1};
	p->len = (size_t)(dash - p->text);
	return last;
}

int package_version_compare(const char *a, const char *b)
{
	struct part x = {a, strlen(a)}, y = {b, strlen(b)};
	struct part x_release = take_last(&x), y_release = take_last(&y);
	struct part x_version = take_last(&x), y_version = take_last(&y);
	int order = compare_parts(x, y);

	if (!order)
		order = compare_parts(x_version, y_version);
	return order ? order : compare_parts(x_release, y_release);
}
