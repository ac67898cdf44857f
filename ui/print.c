// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/print.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

static const char *const codes[] = {
	[STYLE_PLAIN] = "",
	[STYLE_BOLD] = "\033[1m",
	[STYLE_DIM] = "\033[2m",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_BAD] = "\033[1;31m",
};

/* Bytes of the printable character at text, 0 if there is none; *columns it takes. */
static size_t printable(const char *text, int *columns)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t n = mbrtowc(&wide, text, strnlen(text, MB_LEN_MAX), &state);

	if (n == 0 || n > MB_LEN_MAX || !iswprint((wint_t)wide))
		return 0;
	*columns = wcwidth(wide);
	return *columns < 0 ? 0 : n;
}

/* One character or escape at *text into buf (at least 5 bytes and MB_LEN_MAX); moves on. */
static int next(const char **text, char *buf)
{
	int columns;
	size_t n = printable(*text, &columns);

	if (n) {
		memcpy(buf, *text, n);
		buf[n] = '\0';
		*text += n;
		return columns;
	}
	sprintf(buf, "\\x%02x", (unsigned char)**text);
	++*text;
	return 4;
}

int print_width(const char *text)
{
	char buf[32];
	int width = 0;

	while (*text)
		width += next(&text, buf);
	return width;
}

const char *print_escape(char *out, size_t size, const char *text)
{
	char buf[32];
	size_t len = 0;

	while (*text) {
		next(&text, buf);
		if (len + strlen(buf) >= size)
			break;
		strcpy(out + len, buf);
		len += strlen(buf);
	}
	out[len] = '\0';
	return out;
}

static int colour(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(out)) && !(no && *no) && term && strcmp(term, "dumb");
}

void print_styled(FILE *out, enum style style, const char *text, int width)
{
	int coloured = style != STYLE_PLAIN && colour(out);
	char buf[32];

	if (coloured)
		fputs(codes[style], out);
	while (*text) {
		width -= next(&text, buf);
		fputs(buf, out);
	}
	if (coloured)
		fputs("\033[0m", out);
	for (; width > 0; width--)
		fputc(' ', out);
}

void print_text(FILE *out, const char *text, int width)
{
	print_styled(out, STYLE_PLAIN, text, width);
}

const char *print_duration(char *buf, size_t size, unsigned long long us)
{
	if (us < 10000)
		snprintf(buf, size, "%llu.%llu ms", us / 1000, us % 1000 / 100);
	else if (us < 1000000)
		snprintf(buf, size, "%llu ms", us / 1000);
	else
		snprintf(buf, size, "%llu.%02llu s", us / 1000000, us % 1000000 / 10000);
	return buf;
}
