// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB Legacy's menu.lst, also called grub.conf (GRUB 0.97's manual, "Commands"), with what
 * distributions added (uuid) and GRUB4DOS (find --set-root). It has no language: a line is a command,
 * a title begins an entry, and paths are those of the last root in it, or before all titles. Partitions
 * are counted from 0.
 *
 * What savedefault would write, a block of sectors in the file "default", is read and not written.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/format.h"
#include "devices/cleanup.h"

#define SAVED_MAX 4096
#define BLANKS " \t\r\v\f"

/* A file on its way. Its text is a copy, which strings are parts of; what else they need is allocated
 * below it. */
struct legacy {
	struct reading *reading;
	char *text;
	const char *file;
	struct entry *entry; /* the last one of the list; NULL before the first title */
	const char *root;    /* as entry_file.on */
	const char
		*top_root; /* that of what stands before the titles, which all entries begin with */
	const char *obstacle; /* what the entry does instead of starting Linux */
	unsigned int position, line;
	unsigned int last; /* line with a command */
	bool full;
	bool failed; /* out of memory */
};

struct command {
	const char *name;
	void (*run)(struct legacy *l, const struct command *command, char *rest);
	const char *obstacle;
};

/* Ends the word with a NUL; the empty string where there is none. */
static char *take_word(char **rest)
{
	char *word = *rest + strspn(*rest, BLANKS), *end = word + strcspn(word, BLANKS);

	*rest = end + strspn(end, BLANKS);
	*end = '\0';
	return word;
}

/* "(hd0,1)" is GRUB 2's hd0,2; what stands behind a second comma is a part of a BSD's partition. A
 * partition that has no number stays as it is, and is not there. */
static const char *device_of(struct legacy *l, const char *name)
{
	size_t disk = strcspn(name, ",)");
	const char *partition = name + disk + (name[disk] == ',');
	size_t digits = strspn(partition, "0123456789");
	char *device;

	if (name[disk] == ',' && digits && digits < 5)
		device = talloc_asprintf(
			l->text, "%.*s,%lu", (int)disk, name, strtoul(partition, NULL, 10) + 1);
	else if (disk == 2 && !strncmp(name, "cd", 2))
		device = talloc_strdup(l->text, "cd0");
	else
		device = talloc_strndup(l->text, name, strcspn(name, ")"));
	l->failed |= !device;
	return device;
}

static struct entry_file file_of(struct legacy *l, const char *name)
{
	const char *close = *name == '(' ? strchr(name, ')') : NULL;
	struct entry_file file = {.path = close ? close + 1 : name, .on = l->root};

	if (close)
		file.on = device_of(l, name + 1);
	if (*file.path != '/')
		file.path = talloc_asprintf(l->text, "/%s", file.path);
	l->failed |= !file.path;
	return file;
}

static void give_reason(struct legacy *l, const char *reason)
{
	if (l->entry && !l->entry->reason)
		l->entry->reason = reason;
}

/* A title without commands is none, and is not counted (stage2/stage2.c, cmain). */
static void end_entry(struct legacy *l)
{
	if (l->entry && l->last == l->entry->source.line) {
		l->reading->list->count--;
		l->position--;
	} else if (l->entry && !l->entry->kernel.path)
		give_reason(l, l->obstacle ? l->obstacle : "it names no Linux kernel");
	l->obstacle = NULL;
	l->entry = NULL;
}

static void begin_entry(struct legacy *l, const struct command *command, char *rest)
{
	struct reading *r = l->reading;
	struct entry *e;

	(void)command;
	if (!l->position && !l->entry)
		l->top_root = l->root;
	l->root = l->top_root;
	end_entry(l);
	l->full = r->list->count == ENTRY_LIST_MAX;
	e = l->entry = entry_list_add(r->list);
	l->failed |= !e && !l->full;
	if (!e)
		return;
	e->id = talloc_asprintf(l->text, "%s:%u", l->file, l->position);
	e->title = *rest ? rest : e->id;
	e->options = "";
	e->position = l->position++;
	e->source.file = l->file;
	e->source.line = l->line;
	l->failed |= !e->id;
}

/* root DEVICE [HDBIAS], rootnoverify; without a device it shows the one that there is. */
static void set_root(struct legacy *l, const struct command *command, char *rest)
{
	(void)command;
	if (*rest == '(')
		l->root = device_of(l, rest + 1);
}

static void set_root_uuid(struct legacy *l, const struct command *command, char *rest)
{
	(void)command;
	l->root = talloc_asprintf(l->text, "UUID=%s", take_word(&rest));
	l->failed |= !l->root;
}

static void find_root(struct legacy *l, const struct command *command, char *rest)
{
	const char *word, *file = NULL;
	bool sets = false;

	(void)command;
	while (*(word = take_word(&rest)))
		if (!strcmp(word, "--set-root"))
			sets = true;
		else if (*word != '-')
			file = word;
	if (!sets || !file)
		return;
	l->root = talloc_asprintf(l->text, "FILE=%s", file);
	l->failed |= !l->root;
}

static void set_kernel(struct legacy *l, const struct command *command, char *rest)
{
	char *word = take_word(&rest);

	(void)command;
	for (; !strncmp(word, "--", 2); word = take_word(&rest))
		if (!strncmp(word, "--type=", 7) && !strstr(word, "linux"))
			give_reason(l, "it starts another kernel than Linux");
	if (!l->entry || !*word)
		return;
	l->entry->kernel = file_of(l, word);
	l->entry->options = rest;
	l->entry->initrd_count = 0;
}

static void set_initrd(struct legacy *l, const struct command *command, char *rest)
{
	char *word = take_word(&rest);

	(void)command;
	if (!l->entry || !*word)
		return;
	l->entry->initrd_count = 0;
	l->failed |= entry_add_initrd(l->text, l->entry, file_of(l, word)) < 0;
}

/* Whatever the kernel's name is, Linux takes no modules. */
static void add_module(struct legacy *l, const struct command *command, char *rest)
{
	(void)rest;
	give_reason(l, command->obstacle);
}

static void note_obstacle(struct legacy *l, const struct command *command, char *rest)
{
	(void)rest;
	if (!l->obstacle)
		l->obstacle = command->obstacle;
}

/* The number that savedefault wrote, in the first line of a file of its own. */
static void read_saved(struct legacy *l)
{
	struct reading *r = l->reading;
	const char *slash = strrchr(r->file, '/');
	char *bytes, *path = talloc_asprintf(l->text, "%.*sdefault",
			     slash ? (int)(slash + 1 - r->file) : 0, r->file);
	size_t len;

	l->failed |= !path;
	if (!path || reading_file(r, l->text, r->volume, path, SAVED_MAX, &bytes, &len, NULL) < 0)
		return;
	bytes[strspn(bytes, "0123456789")] = '\0';
	if (!*bytes)
		return;
	r->list->default_pattern = bytes;
	r->list->default_choice = ENTRY_CHOICE_SAVED;
}

/* This and the two that follow are commands of the menu, which an entry does not have. */
static void set_default(struct legacy *l, const struct command *command, char *rest)
{
	(void)command;
	if (l->entry)
		return;
	if (!strcmp(rest, "saved"))
		read_saved(l);
	else if (*rest >= '0' && *rest <= '9')
		l->reading->list->default_pattern = take_word(&rest);
}

static void set_fallback(struct legacy *l, const struct command *command, char *rest)
{
	(void)command;
	if (!l->entry)
		l->reading->list->fallbacks = rest;
}

static void set_timeout(struct legacy *l, const struct command *command, char *rest)
{
	unsigned long seconds = strtoul(rest, NULL, 10);

	(void)command;
	if (!l->entry && *rest >= '0' && *rest <= '9')
		l->reading->list->timeout = seconds < 100000 ? (int)seconds : -1;
}

static const struct command commands[] = {
	{"title", begin_entry, NULL},
	{"root", set_root, NULL},
	{"rootnoverify", set_root, NULL},
	{"uuid", set_root_uuid, NULL},
	{"find", find_root, NULL},
	{"kernel", set_kernel, NULL},
	{"initrd", set_initrd, NULL},
	{"module", add_module, "it starts a Multiboot kernel, not Linux"},
	{"modulenounzip", add_module, "it starts a Multiboot kernel, not Linux"},
	{"chainloader", note_obstacle, "it starts another boot loader, not Linux"},
	{"configfile", note_obstacle, "it opens another menu"},
	{"reboot", note_obstacle, "it reboots the machine"},
	{"halt", note_obstacle, "it turns the machine off"},
	{"quit", note_obstacle, "it leaves the boot loader"},
	{"default", set_default, NULL},
	{"fallback", set_fallback, NULL},
	{"timeout", set_timeout, NULL},
};

/* Blanks or "=" stand behind a command's name (stage2/cmdline.c, skip_to). */
static void run_line(struct legacy *l, char *line)
{
	char *name = line + strspn(line, BLANKS), *rest = name + strcspn(name, BLANKS "=");
	size_t len = (size_t)(rest - name), end;

	rest += strspn(rest, BLANKS "=");
	end = strlen(rest);
	while (end && strchr(BLANKS, rest[end - 1]))
		rest[--end] = '\0';
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strncmp(commands[i].name, name, len) && !commands[i].name[len]) {
			commands[i].run(l, &commands[i], rest);
			break;
		}
	if (len && *name != '#')
		l->last = l->line;
}

/* A backslash joins the next line. Returns what follows, NULL at the end. */
static char *end_line(struct legacy *l, char *line)
{
	char *end = strchr(line, '\n');

	l->line++;
	while (end && end > line && end[-1] == '\\') {
		end[-1] = *end = ' ';
		end = strchr(end, '\n');
		l->line++;
	}
	if (end)
		*end++ = '\0';
	return end;
}

static void run(struct legacy *l)
{
	char *line = l->text, *next;

	for (; line && !l->failed && !l->full; line = next) {
		next = end_line(l, line);
		run_line(l, line);
	}
	end_entry(l);
	if (l->full)
		reading_problem(l->reading, NULL, l->line,
			"there are %d entries: the rest is left out", ENTRY_LIST_MAX);
}

/* The file's name is kept behind its text. A NUL in that would end it: it is a blank. */
static bool copy_text(struct legacy *l, const char *bytes, size_t len)
{
	const char *file = l->reading->file;
	size_t file_size = strlen(file) + 1;

	l->text = talloc_size(l->reading->list, len + 1 + file_size);
	if (!l->text)
		return false;
	for (size_t i = 0; i < len; i++)
		l->text[i] = bytes[i] ? bytes[i] : ' ';
	l->text[len] = '\0';
	l->file = memcpy(l->text + len + 1, file, file_size);
	return true;
}

int grub_legacy_parse(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	struct legacy l = {.reading = r};
	size_t before = r->list->count;

	l.failed = !copy_text(&l, bytes, len);
	if (!l.failed)
		run(&l);
	if (!l.failed)
		return 0;
	r->list->count = before;
	r->list->default_pattern = r->list->fallbacks = NULL;
	talloc_free(l.text);
	return err_errno(err, -ENOMEM, "%s", r->file);
}
