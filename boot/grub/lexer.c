// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/lexer.h"

#include <string.h>

void grub_lexer_init(struct grub_lexer *lexer, const char *bytes, size_t len)
{
	*lexer = (struct grub_lexer){.at = bytes, .end = bytes + len, .line = 1};
}

/* The byte at this distance, '\n' beyond the end: nothing goes on over either. */
static char peek(const struct grub_lexer *l, size_t distance)
{
	return (size_t)(l->end - l->at) > distance ? l->at[distance] : '\n';
}

static void advance(struct grub_lexer *l, size_t len)
{
	for (; len; len--)
		l->line += *l->at++ == '\n';
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of the backslash-newline here, 0 if there is none. */
static size_t continuation(const struct grub_lexer *l)
{
	if (l->end - l->at < 2 || *l->at != '\\')
		return 0;
	if (l->at[1] == '\n')
		return 2;
	return l->at[1] == '\r' && l->end - l->at > 2 && l->at[2] == '\n' ? 3 : 0;
}

/* Behind a backslash-newline or a newline in quotes: lines of comment are not there. */
static void skip_comment_lines(struct grub_lexer *l)
{
	while (l->at < l->end && *l->at == '#') {
		const char *newline = memchr(l->at, '\n', (size_t)(l->end - l->at));

		advance(l, newline ? (size_t)(newline - l->at) + 1 : (size_t)(l->end - l->at));
	}
}

static void skip_continuation(struct grub_lexer *l)
{
	advance(l, continuation(l));
	skip_comment_lines(l);
}

static void skip_blanks(struct grub_lexer *l)
{
	while (l->at < l->end) {
		if (continuation(l)) {
			skip_continuation(l);
		} else if (*l->at == '#' && !l->in_word) {
			const char *newline = memchr(l->at, '\n', (size_t)(l->end - l->at));

			l->at = newline ? newline : l->end;
		} else if (memchr(" \t\r\0", *l->at, 4)) {
			l->at++;
			l->in_word = false;
		} else {
			return;
		}
	}
}

/* A piece that takes len bytes of input, of which the token shows those from skip on. */
static void piece(struct grub_lexer *l, struct grub_token *t, size_t skip, size_t len)
{
	t->text = l->at + skip;
	t->len = (unsigned int)(len - skip);
	t->joined = l->in_word;
	l->in_word = true;
	advance(l, len);
}

/* Length of the name after a `$` (and `{`): a name, a number, or one of the special ones. */
static size_t name_length(const struct grub_lexer *l, size_t from)
{
	size_t len = 1;
	char c = peek(l, from);

	if (c && strchr("?#*@", c))
		return 1;
	if (is_digit(c)) {
		while (is_digit(peek(l, from + len)))
			len++;
		return len;
	}
	if (!is_name_start(c))
		return 0;
	while (is_name_start(peek(l, from + len)) || is_digit(peek(l, from + len)))
		len++;
	return len;
}

/* $x or ${x}; false if the `$` begins none. */
static bool variable(struct grub_lexer *l, struct grub_token *t)
{
	size_t brace = peek(l, 1) == '{';
	size_t len = name_length(l, 1 + brace);

	if (!len || (brace && peek(l, 2 + len) != '}'))
		return false;
	t->kind = GRUB_VARIABLE;
	piece(l, t, 1 + brace, 1 + brace + len);
	advance(l, brace);
	return true;
}

/* Inside double quotes a backslash takes the meaning from these only (yylex.l, DQUOTE). */
static bool is_escape(const struct grub_lexer *l)
{
	char c = peek(l, 1);

	return *l->at == '\\' && l->end - l->at > 1 && c && strchr("$\\\"", c);
}

/* The next piece inside double quotes; the closing one is known to be there. False at that. */
static bool double_quoted(struct grub_lexer *l, struct grub_token *t)
{
	size_t len = 0;

	while (continuation(l))
		skip_continuation(l);
	if (l->at == l->end || *l->at == '"') {
		l->in_double = false;
		l->at += l->at < l->end;
		return false;
	}
	t->quoted = true;
	if (is_escape(l)) {
		piece(l, t, 1, 2);
		return true;
	}
	if (*l->at == '$' && variable(l, t))
		return true;
	/* The first byte is text even if it is a `$` or a backslash: it was found to be no more. */
	do {
		len++;
	} while (l->at + len < l->end && l->at[len - 1] != '\n' && !memchr("\"\\$", l->at[len], 3));
	piece(l, t, 0, len);
	if (t->text[len - 1] == '\n')
		skip_comment_lines(l);
	return true;
}

/* Would a line between the two begin a menu entry? Then the quote at from was never closed. */
static bool holds_an_entry(const char *from, const char *to)
{
	static const char *const words[] = {"menuentry", "submenu", "hiddenentry"};

	while ((from = memchr(from, '\n', (size_t)(to - from)))) {
		do {
			from++;
		} while (from < to && (*from == ' ' || *from == '\t'));
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
			size_t len = strlen(words[i]);

			if ((size_t)(to - from) > len && !memcmp(from, words[i], len) &&
				(from[len] == ' ' || from[len] == '\t'))
				return true;
		}
	}
	return false;
}

/* Is the double quote here closed anywhere? */
static bool double_closes(struct grub_lexer *l)
{
	for (const char *p = l->at + 1; !l->lone_double && p < l->end; p++) {
		if (*p == '"')
			return !holds_an_entry(l->at, p);
		p += *p == '\\';
	}
	l->lone_double = true;
	return false;
}

static bool open_double(struct grub_lexer *l, struct grub_token *t)
{
	if (!double_closes(l))
		return false;
	/* An empty piece stands for the quotes, so that "" is a word. */
	t->quoted = true;
	l->in_double = true;
	piece(l, t, 1, 1);
	return true;
}

/* $"text" is to be translated: the quotes mean what they always do. */
static bool open_translated(struct grub_lexer *l, struct grub_token *t)
{
	if (peek(l, 1) != '"')
		return false;
	l->at++;
	if (open_double(l, t))
		return true;
	l->at--;
	return false;
}

static bool escaped(struct grub_lexer *l, struct grub_token *t)
{
	if (l->end - l->at < 2)
		return false;
	t->quoted = true;
	piece(l, t, 1, 2);
	return true;
}

static bool single_quoted(struct grub_lexer *l, struct grub_token *t)
{
	const char *close = NULL;

	if (!l->lone_single)
		close = memchr(l->at + 1, '\'', (size_t)(l->end - l->at - 1));
	l->lone_single = !close;
	if (!close || holds_an_entry(l->at, close))
		return false;
	t->quoted = true;
	piece(l, t, 1, (size_t)(close - l->at));
	l->at++;
	return true;
}

static bool mark(struct grub_lexer *l, struct grub_token *t)
{
	static const struct {
		const char *text;
		enum grub_token_kind kind;
		bool strange;
	} marks[] = {
		{"\n", GRUB_NEWLINE, false},
		{";;", GRUB_SEMICOLON, true},
		{";", GRUB_SEMICOLON, false},
		{"&&", GRUB_AND, true},
		{"||", GRUB_OR, true},
		{"{", GRUB_OPEN, false},
		{"}", GRUB_CLOSE, false},
	};

	if (!memchr("\n;&|{}", *l->at, 6))
		return false;

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		size_t len = strlen(marks[i].text);

		if ((size_t)(l->end - l->at) < len || memcmp(l->at, marks[i].text, len))
			continue;
		t->kind = marks[i].kind;
		t->strange = marks[i].strange;
		l->in_word = false;
		advance(l, len);
		return true;
	}
	return false;
}

/* What the bytes of unquoted text are. */
enum { TEXT, END_OF_TEXT, STRANGE_TEXT };
static const unsigned char kinds[256] = {
	[' '] = END_OF_TEXT,
	['\t'] = END_OF_TEXT,
	['\r'] = END_OF_TEXT,
	['\n'] = END_OF_TEXT,
	['\0'] = END_OF_TEXT,
	['\''] = END_OF_TEXT,
	['"'] = END_OF_TEXT,
	['\\'] = END_OF_TEXT,
	['$'] = END_OF_TEXT,
	[';'] = END_OF_TEXT,
	['{'] = END_OF_TEXT,
	['}'] = END_OF_TEXT,
	['&'] = END_OF_TEXT,
	['|'] = END_OF_TEXT,
	['<'] = STRANGE_TEXT,
	['>'] = STRANGE_TEXT,
};

/* Unquoted text up to what means something else. The first byte is known to be text. */
static void plain(struct grub_lexer *l, struct grub_token *t)
{
	size_t len = 1;

	t->strange = kinds[(unsigned char)*l->at] != TEXT;
	while (l->at + len < l->end && kinds[(unsigned char)l->at[len]] != END_OF_TEXT) {
		t->strange |= kinds[(unsigned char)l->at[len]] == STRANGE_TEXT;
		len++;
	}
	piece(l, t, 0, len);
}

static bool special(struct grub_lexer *l, struct grub_token *t)
{
	switch (*l->at) {
	case '\'':
		return single_quoted(l, t);
	case '"':
		return open_double(l, t);
	case '$':
		return variable(l, t) || open_translated(l, t);
	case '\\':
		return escaped(l, t);
	default:
		return false;
	}
}

void grub_lexer_next(struct grub_lexer *l, struct grub_token *t)
{
	*t = (struct grub_token){.kind = GRUB_TEXT, .line = l->line};
	if (l->in_double && double_quoted(l, t))
		return;
	skip_blanks(l);
	t->line = l->line;
	if (l->at == l->end)
		t->kind = GRUB_END;
	else if (!mark(l, t) && !special(l, t))
		plain(l, t);
}
