// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blscfg: Fedora's command that puts the files of the Boot Loader Specification into the menu
 * (grub-core/commands/blscfg.c of the Fedora packages). GRUB's variables may stand in their values:
 * they are put in before boot/bls/bls.c reads the file. GRUB 2.14 has taken it over, with other
 * options, and beside it uki, which does the same with unified kernel images
 * (grub-core/commands/blsuki.c).
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/bls/line.h"
#include "boot/format.h"
#include "boot/grub/command.h"
#include "boot/grub/blscfg.h"
#include "boot/grub/device.h"
#include "boot/grub/menu.h"
#include "boot/grub/package_version.h"
#include "devices/cleanup.h"

#define CONF_BYTES_MAX (64 << 10)
#define LOOKUPS_CONF 4
#define LOOKUPS_DIRECTORY 100

/* What a command puts into the menu. */
struct kind {
	const char *command, *suffix;
	const char *directories[5]; /* where they usually are: the first that has any */
	const struct volume *(*volume)(struct grub_run *g); /* there; NULL for that of root */
	int (*read)(struct grub_run *g, const struct volume *v, const char *path,
		struct entry_list *list);
};

/* What the command was asked for. */
struct request {
	const struct kind *kind;
	enum { ALL, ONLY_DEFAULT, NOT_DEFAULT, ONE } what;
	const char *id;        /* ONE */
	const char *directory; /* NULL: where they usually are */
	bool falls_back;       /* there too, if there are none in the directory */
	const struct volume *volume;
};

static bool name_is(const char *name, size_t len, char c)
{
	return len ? isalnum((unsigned char)c) || c == '_' : isalpha((unsigned char)c) || c == '_';
	(void)name;
}

/* A value with its variables. One that is not set is nothing, and neither is the blank before it. */
static char *expand(struct grub_run *g, void *ctx, struct bls_slice value)
{
	char *text = talloc_strdup(ctx, "");

	while (text && value.len) {
		const char *dollar = memchr(value.text, '$', value.len);
		size_t plain = dollar ? (size_t)(dollar - value.text) : value.len, name = 0;
		const char *known;

		if (dollar && plain && dollar[-1] == '\\')
			dollar = NULL;
		while (dollar && plain + 1 + name < value.len &&
			name_is(dollar, name, dollar[1 + name]))
			name++;
		if (!name && plain < value.len)
			plain++;
		text = talloc_strndup_append_buffer(text, value.text, plain);
		value.text += plain;
		value.len -= plain;
		if (!name || !text)
			continue;
		known = grub_scope_get(g->scope, value.text + 1, name);
		value.text += name + 1;
		value.len -= name + 1;
		if (known && *known)
			text = talloc_strdup_append_buffer(text, known);
		else if (value.len && *value.text == ' ' &&
			 (!*text || text[strlen(text) - 1] == ' ')) {
			value.text++;
			value.len--;
		}
	}
	return text;
}

struct conf {
	char *text; /* as boot/bls/bls.c is to read it */
	bool has_options, has_devicetree;
	char *directory; /* of the kernel, with the slash */
};

static bool add_line(struct conf *conf, struct bls_slice key, const char *before, const char *value)
{
	if (conf->text)
		conf->text = talloc_asprintf_append_buffer(
			conf->text, "%.*s %s%s\n", (int)key.len, key.text, before, value);
	return conf->text;
}

static void add_words(struct conf *conf, const char *key, const char *directory, const char *words)
{
	struct bls_slice rest = {words, strlen(words)}, word;

	while ((word = bls_take_word(&rest)).len && conf->text)
		conf->text = talloc_asprintf_append_buffer(
			conf->text, "%s %s%.*s\n", key, directory, (int)word.len, word.text);
}

static void note_kernel(struct conf *conf, void *ctx, const char *value)
{
	const char *slash = strrchr(value, '/');

	conf->directory = talloc_strndup(ctx, value, slash ? (size_t)(slash - value) + 1 : 0);
}

/* The file with all variables put in, and with what GRUB adds to every entry. */
static char *complete(struct grub_run *g, void *ctx, const char *bytes, size_t len)
{
	struct bls_slice rest = {bytes, len}, key, value;
	struct conf conf = {.text = talloc_strdup(ctx, "")};
	_cleanup_talloc_ char *body = NULL;
	const char *early = grub_get_text(g, "early_initrd");

	while (conf.text && bls_next(&rest, &key, &value)) {
		_cleanup_talloc_ char *text = expand(g, ctx, value);

		if (!text || !add_line(&conf, key, "", text))
			return NULL;
		conf.has_options |= bls_slice_is(key, "options");
		conf.has_devicetree |= bls_slice_is(key, "devicetree");
		if (bls_slice_is(key, "linux"))
			note_kernel(&conf, ctx, text);
	}
	body = conf.text;
	conf.text = talloc_strdup(ctx, "");
	if (conf.directory && *early)
		add_words(&conf, "initrd", conf.directory, early);
	if (!conf.has_options && *grub_get_text(g, "default_kernelopts"))
		add_line(&conf, (struct bls_slice){"options", 7}, "",
			grub_get_text(g, "default_kernelopts"));
	if (!conf.has_devicetree && conf.directory && *grub_get_text(g, "devicetree"))
		add_line(&conf, (struct bls_slice){"devicetree", 10}, conf.directory,
			grub_get_text(g, "devicetree"));
	return conf.text && body ? talloc_strdup_append_buffer(conf.text, body) : NULL;
}

/* Have boot/bls/bls.c read the completed file as if it stood there. */
static int parse(struct grub_run *g, const struct volume *v, const char *path, const char *text,
	struct entry_list *list)
{
	struct reading *r = g->reading, before = *r;
	struct err err;
	int rc;

	r->list = list;
	r->file = grub_keep(g, path);
	r->volume = v;
	rc = bls_parse(r, text, strlen(text), &err);
	r->list = before.list;
	r->file = before.file;
	r->volume = before.volume;
	if (rc < 0 && rc != -ENOMEM)
		grub_problem(g, 0, "%s", err.text);
	return rc;
}

/* A file that this configuration was the first to meet; NULL if it is listed elsewhere. What the
 * command that meets it does not ask for is still there for the next one. */
static struct grub_conf *conf_of(struct grub_run *g, const struct volume *v, const char *path)
{
	struct reading *r = g->reading;
	struct grub_conf *conf;

	for (conf = g->confs; conf; conf = conf->next)
		if (conf->volume == v && !strcmp(conf->path, path))
			return conf;
	conf = !r->is_new || r->is_new(r, v, path) ? talloc_zero(g, struct grub_conf) : NULL;
	if (!conf)
		return NULL;
	conf->volume = v;
	conf->path = grub_keep(g, path);
	conf->next = g->confs;
	g->confs = conf;
	return conf;
}

static int read_conf(
	struct grub_run *g, const struct volume *v, const char *path, struct entry_list *list)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	char *bytes, *text;
	size_t len;
	struct err err;

	if (!ctx)
		return -ENOMEM;
	if (reading_file(g->reading, ctx, v, path, CONF_BYTES_MAX, &bytes, &len, &err) < 0) {
		grub_problem(g, 0, "%s", err.text);
		return 0;
	}
	text = complete(g, ctx, bytes, len);
	return !text || parse(g, v, path, text, list) == -ENOMEM ? -ENOMEM : 0;
}

static const struct kind kinds[] = {
	{"uki", ".efi", {"/EFI/Linux", "/efi/EFI/Linux", "/boot/efi/EFI/Linux", "/boot/EFI/Linux"},
		grub_uki_volume, grub_uki_read},
	{"", ".conf", {"/loader/entries", "/boot/loader/entries"}, NULL, read_conf},
};

static int read_new(struct grub_run *g, const struct request *request, const char *path,
	struct entry_list *list)
{
	const struct volume *v = request->volume;
	struct grub_conf *conf = grub_lookup(g, LOOKUPS_CONF) ? conf_of(g, v, path) : NULL;
	size_t before = list->count;
	int rc = !conf || conf->is_put ? 0 : request->kind->read(g, v, path, list);

	for (size_t i = before; i < list->count && rc == 0; i++) {
		/* What has no title GRUB calls by its kernel. */
		if (list->entries[i].title == list->entries[i].id && list->entries[i].kernel.path)
			list->entries[i].title = list->entries[i].kernel.path;
		list->entries[i].source.file = grub_keep(g, path);
		if (v != g->reading->volume)
			list->entries[i].source.volume = v;
	}
	return rc;
}

/* The newest first, by the name of the file. */
static int by_version(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	return package_version_compare(b->id, a->id);
}

static bool is_default(struct grub_run *g, const struct entry *e, size_t index)
{
	const char *value = grub_get_text(g, "default");
	char *end;
	unsigned long number = strtoul(value, &end, 10);

	return !strcmp(value, e->id) || !strcmp(value, e->title) ||
	       (end != value && !*end && number == index);
}

static bool is_asked_for(
	struct grub_run *g, const struct request *request, const struct entry *e, size_t index)
{
	switch (request->what) {
	case ONLY_DEFAULT:
		return is_default(g, e, index);
	case NOT_DEFAULT:
		return !is_default(g, e, index);
	case ONE:
		return !strcmp(request->id, e->id);
	default:
		return true;
	}
}

static void put(struct grub_run *g, const struct volume *v, const struct entry *e)
{
	struct grub_conf *conf = conf_of(g, v, e->source.file);
	struct grub_item *item = conf ? grub_item_new(g, GRUB_ITEM_READY) : NULL;

	if (!item)
		return;
	conf->is_put = true;
	item->id = e->id;
	item->title = e->title;
	item->entry = grub_arena_take(&g->tree, sizeof(*item->entry));
	if (item->entry)
		*item->entry = *e;
	else
		grub_no_room(g);
}

static bool is_of_kind(const struct kind *kind, const char *name)
{
	size_t len = strlen(name), suffix = strlen(kind->suffix);

	return len > suffix && !strcmp(name + len - suffix, kind->suffix);
}

/* All files in a directory, or the one that stands for it. */
static int read_directory(struct grub_run *g, const struct request *request, const char *directory,
	struct entry_list *list)
{
	bool is_file = is_of_kind(request->kind, directory);
	_cleanup_talloc_ char *pattern = talloc_asprintf(NULL, "%s%s%s",
		directory + strspn(directory, "/"), is_file ? "" : "/*",
		is_file ? "" : request->kind->suffix);
	_cleanup_talloc_ char **names = NULL;
	int rc = 0;

	if (pattern && request->volume->fd >= 0 && grub_lookup(g, LOOKUPS_DIRECTORY))
		names = volume_glob(request->volume, NULL, pattern);
	for (size_t i = 0; names && names[i] && rc == 0; i++) {
		_cleanup_talloc_ char *path = talloc_asprintf(NULL, "/%s", names[i]);

		rc = path ? read_new(g, request, path, list) : -ENOMEM;
	}
	return rc;
}

/* Where it was asked to look, and where they usually are. */
static int read_directories(struct grub_run *g, struct request *request, struct entry_list *list)
{
	const struct kind *kind = request->kind;
	int rc = 0;

	if (request->directory)
		rc = read_directory(g, request, request->directory, list);
	if (request->directory && !request->falls_back)
		return rc;
	if (kind->volume)
		request->volume = kind->volume(g);
	for (const char *const *d = kind->directories; *d && !list->count && rc == 0; d++)
		rc = read_directory(g, request, *d, list);
	return rc;
}

/* GRUB 2.14's options (grub-core/commands/blsuki.c); Fedora's command has words instead. */
static const struct grub_option bls_options[] = {
	{"path", 'p', GRUB_VALUE_NEEDED},
	{"enable-fallback", 'f', GRUB_VALUE_NONE},
	{"show-default", 'd', GRUB_VALUE_NONE},
	{"show-non-default", 'n', GRUB_VALUE_NONE},
	{"entry", 'e', GRUB_VALUE_NEEDED},
	{NULL, '\0', GRUB_VALUE_NONE},
};
enum { OPTION_PATH, OPTION_FALLBACK, OPTION_DEFAULT, OPTION_NOT_DEFAULT, OPTION_ENTRY };

/* Both, one after the other, are all. */
static void ask_also(struct request *request, unsigned int what)
{
	request->what = request->what == ALL ? what : ALL;
}

/* An entry's id, with or without the suffix of a file; that of an image has it. */
static const char *id_of(struct grub_run *g, const char *name)
{
	size_t len = strlen(name), suffix = strlen(".conf");

	if (len > suffix && !strcmp(name + len - suffix, ".conf"))
		len -= suffix;
	return grub_keep_len(g, name, len);
}

/* One word or option; what it says of the directory. */
static const char *take_argument(
	struct grub_run *g, struct request *request, int option, const char *value)
{
	bool is_word = option == GRUB_OPTION_WORD;

	if (option == OPTION_PATH || (is_word && *value == '('))
		return value;
	if (option == OPTION_FALLBACK)
		request->falls_back = true;
	else if (option == OPTION_DEFAULT || (is_word && !strcmp(value, "default")))
		ask_also(request, ONLY_DEFAULT);
	else if (option == OPTION_NOT_DEFAULT || (is_word && !strcmp(value, "non-default")))
		ask_also(request, NOT_DEFAULT);
	else if ((option == OPTION_ENTRY || is_word) && value && *value)
		request->id = id_of(g, value);
	return NULL;
}

static void read_request(struct grub_run *g, const struct grub_call *call, struct request *request)
{
	struct grub_options options = grub_options(bls_options, call);
	const char *directory = *request->kind->command ? NULL : grub_get(g, "blsdir"), *said;
	struct grub_place place = {0};
	int option;

	while ((option = grub_options_next(&options)) != GRUB_OPTION_END) {
		said = take_argument(g, request, option, options.value);
		directory = said ? said : directory;
	}
	if (request->id)
		request->what = ONE;
	if (!grub_place(g, directory ? directory : "/", &place))
		return;
	request->directory = directory ? place.path : NULL;
	request->volume = place.volume;
}

int grub_command_blscfg(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	_cleanup_talloc_ struct entry_list *list = entry_list_new(NULL);
	struct request request = {.kind = kinds};
	int rc;

	while (*request.kind->command && strcmp(request.kind->command, command->name))
		request.kind++;
	read_request(g, call, &request);
	if (!list)
		g->rc = -ENOMEM;
	if (!list || !request.volume)
		return GRUB_NO_DEVICE;
	rc = read_directories(g, &request, list);
	if (rc < 0)
		g->rc = rc;
	if (list->count)
		qsort(list->entries, list->count, sizeof(*list->entries), by_version);
	for (size_t i = 0; i < list->count && !g->rc; i++)
		if (is_asked_for(g, &request, &list->entries[i], i))
			put(g, request.volume, &list->entries[i]);
	/* The entries' strings are the list's. */
	talloc_steal(g->list, list);
	list = NULL;
	return GRUB_OK;
}
