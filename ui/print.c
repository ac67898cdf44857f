// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/print.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
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

int print_disorders(uint32_t c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* Bytes of the printable character at text, 0 if there is none; *columns it takes. */
static size_t printable(const char *text, int *columns)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t n = mbrtowc(&wide, text, strnlen(text, MB_LEN_MAX), &state);

	if (n == 0 || n > MB_LEN_MAX || !iswprint((wint_t)wide) || print_disorders((uint32_t)wide))
		return 0;
	*columns = wcwidth(wide);
	return *columns < 0 ? 0 : n;
}

int print_has_character(const char *character)
{
	int columns;

	return printable(character, &columns) && columns == 1;
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

/* Most text is plain ASCII: one column each, and as it is. */
static size_t plain_length(const char *text)
{
	size_t len = 0;

	while (text[len] >= ' ' && text[len] < 0x7f)
		len++;
	return len;
}

int print_width(const char *text)
{
	char buf[32];
	int width = 0;

	while (*text) {
		size_t plain = plain_length(text);

		text += plain;
		width += (int)plain;
		width += *text ? next(&text, buf) : 0;
	}
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

const char *print_shorten(char *out, size_t size, const char *text, int columns)
{
	const char *dots = "\u2026";
	size_t len = plain_length(text), cut = 0; /* cut: how much leaves room for the dots */
	int at = 0, dots_width;
	char buf[32];

	if (!text[len] && len <= (size_t)columns && len < size) /* most are so */
		return memcpy(out, text, len + 1);
	len = 0;
	if (!printable(dots, &dots_width)) {
		dots = "...";
		dots_width = 3;
	}
	while (*text) {
		if (at + dots_width <= columns && len + strlen(dots) < size)
			cut = len;
		at += next(&text, buf);
		if (at > columns || len + strlen(buf) >= size) {
			strcpy(out + cut, dots);
			return out;
		}
		strcpy(out + len, buf);
		len += strlen(buf);
	}
	out[len] = '\0';
	return out;
}

int print_has_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(out)) && !(no && *no) && term && strcmp(term, "dumb");
}

void print_styled(FILE *out, enum style style, const char *text, int width)
{
	int coloured = style != STYLE_PLAIN && print_has_colour(out);
	char buf[32];

	if (coloured)
		fputs(codes[style], out);
	while (*text) {
		size_t plain = plain_length(text);

		fwrite(text, 1, plain, out);
		text += plain;
		width -= (int)plain;
		if (!*text)
			break;
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

#define WIDTH_MIN 40
#define WIDTH_MAX 1000

int print_terminal_width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = {.ws_col = 0};
	int width = columns ? atoi(columns) : 0;

	if (!isatty(fileno(out)))
		return 0;
	if (width <= 0 && ioctl(fileno(out), TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	return width < WIDTH_MIN || width > WIDTH_MAX ? 0 : width;
}

static void new_line(struct print_flow *flow)
{
	fprintf(flow->out, "\n%*s", flow->left, "");
	flow->at = flow->left;
}

void print_flow_to(struct print_flow *flow, int column)
{
	flow->left = column;
	if (flow->at > 1 && flow->at + 2 > column)
		new_line(flow);
	fprintf(flow->out, "%*s", column - flow->at, "");
	flow->at = column;
}

/* Blanks and a word, or a new line and the word. */
static void put_word(
	struct print_flow *flow, enum style style, const char *before, const char *word)
{
	int width = print_width(word), blanks = (int)strlen(before);

	if (flow->right && flow->at > flow->left && flow->at + blanks + width > flow->right) {
		new_line(flow);
		blanks = 0;
	}
	fprintf(flow->out, "%.*s", blanks, before);
	print_styled(flow->out, style, word, 0);
	flow->at += blanks + width;
}

void print_flow(struct print_flow *flow, enum style style, const char *text)
{
	char word[256];
	const char *before = "";

	if (!flow->right) { /* blanks as they are */
		print_styled(flow->out, style, text, 0);
		flow->at += print_width(text);
		return;
	}
	while (*text) {
		size_t len = strcspn(text, " ");

		len = len < sizeof(word) ? len : sizeof(word) - 1;
		memcpy(word, text, len);
		word[len] = '\0';
		if (len)
			put_word(flow, style, before, word);
		text += len;
		before = *text == ' ' ? " " : "";
		text += strspn(text, " ");
	}
}

void print_flow_bracket(struct print_flow *flow, enum style style, const char *text)
{
	int width = print_width(text) + 2, begins = flow->at == flow->left;
	int indent = flow->right - width;

	if (flow->right && flow->at + (begins ? 0 : 2) + width > flow->right) {
		if (indent >= 0 && indent < flow->left) /* wider than the column */
			flow->left = indent;
		new_line(flow);
	} else if (!begins) {
		fputs("  ", flow->out);
		flow->at += 2;
	}
	fputc('(', flow->out);
	print_styled(flow->out, style, text, 0);
	fputc(')', flow->out);
	flow->at += width;
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

void print_since(const char *entry, const char *kernel, long long time)
{
	const time_t at = (time_t)time;
	char when[32] = "";
	struct tm tm;

	if (localtime_r(&at, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	print_text(stdout, entry, 0);
	fputs(*kernel ? " (" : "", stdout);
	print_text(stdout, kernel, 0);
	printf("%s, since %s", *kernel ? ")" : "", when);
}
