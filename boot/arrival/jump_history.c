// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/arrival/jump_history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/record_json.h"
#include "devices/cleanup.h"
#include "devices/utf8.h"

/* A text of the record, cut; NULL where memory ran out or there is none. */
static char *take_text(const json_t *json, const char *key, void *ctx)
{
	const char *text = json_string_value(json_object_get(json, key));
	char *copy = text ? talloc_strdup(ctx, text) : NULL;

	if (copy)
		utf8_clean(copy, HISTORY_TEXT_MAX);
	return copy;
}

static unsigned int take_number(const json_t *json, const char *key)
{
	uint64_t n = record_json_number(json, key);

	return n > 1000000 ? 0 : (unsigned int)n;
}

/* Returns what is wrong, NULL if nothing is. */
static const char *take_jump(const char *line, size_t len, void *ctx, struct history_jump *jump)
{
	json_auto_t *json = NULL;

	if (len > HISTORY_LINE_MAX)
		return "it is too long";
	json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(json))
		return "it is not a JSON object";
	*jump = (struct history_jump){
		.boot_id = take_text(json, "boot_id", ctx),
		.from = take_text(json, "from", ctx),
		.to = take_text(json, "to", ctx),
		.entry = take_text(json, "entry", ctx),
		.hops = take_number(json, "hops"),
		.still = take_number(json, "still"),
		.loud = take_number(json, "loud"),
		.left = take_number(json, "left"),
		.is_lost = json_is_true(json_object_get(json, "lost")),
		.line = talloc_strndup(ctx, line, len),
	};
	if (!jump->boot_id || !jump->from || !jump->to || !jump->entry || !jump->line)
		return "it does not say which jump it was";
	if (timeline_from_json(json_object_get(json, "times"), &jump->timeline) < 0)
		return "its times go backwards";
	return NULL;
}

/* The next one; of more than there is room for the oldest is forgotten. */
static struct history_jump *place(struct jump_history *h)
{
	if (h->count == HISTORY_JUMPS_MAX) {
		h->count--;
		memmove(h->jumps, h->jumps + 1, h->count * sizeof(*h->jumps));
	}
	return &h->jumps[h->count++];
}

static void take_line(struct jump_history *h, const char *line, size_t len, size_t number)
{
	struct history_jump jump;
	const char *why = take_jump(line, len, h, &jump);

	if (!why)
		*place(h) = jump;
	else if (h->damage_count < HISTORY_JUMPS_MAX)
		h->damages[h->damage_count++] = (struct history_damage){number, why};
}

int jump_history_parse(
	const char *bytes, size_t len, void *ctx, struct jump_history **history, struct err *err)
{
	struct jump_history *h = talloc_zero(ctx, struct jump_history);
	const char *end = bytes + len;
	size_t number = 0;

	if (h) {
		h->jumps = talloc_zero_array(h, struct history_jump, HISTORY_JUMPS_MAX);
		h->damages = talloc_zero_array(h, struct history_damage, HISTORY_JUMPS_MAX);
	}
	if (!h || !h->jumps || !h->damages) {
		talloc_free(h);
		return err_errno(err, -ENOMEM, "read the history");
	}
	while (bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t n = (size_t)((newline ? newline : end) - bytes);

		number++;
		if (n)
			take_line(h, bytes, n, number);
		bytes += n + 1;
	}
	*history = h;
	return 0;
}

/* Whatever bytes there are: a NUL, as a crash may leave them, is in one line and hides no other. */
static ssize_t read_bytes(struct machine *m, char *buf, size_t size)
{
	_cleanup_fd_ int fd = machine_openat(m, HISTORY_FILE, O_RDONLY | O_NONBLOCK);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	while (len < size && (n = read(fd, buf + len, size - len)) != 0) {
		if (n < 0)
			return -errno;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int jump_history_read(struct machine *m, void *ctx, struct jump_history **history, struct err *err)
{
	_cleanup_talloc_ char *bytes = talloc_size(NULL, HISTORY_FILE_MAX + 1);
	ssize_t len = bytes ? read_bytes(m, bytes, HISTORY_FILE_MAX + 1) : -ENOMEM;

	if (len < 0)
		return err_errno(err, (int)len, "read /%s", HISTORY_FILE);
	if (len > HISTORY_FILE_MAX)
		return err_set(err, -EFBIG,
			"/%s is larger than %d bytes: nobody but others can have made it so; "
			"remove it",
			HISTORY_FILE, HISTORY_FILE_MAX);
	return jump_history_parse(bytes, (size_t)len, ctx, history, err);
}

static json_t *text_json(const char *text)
{
	return record_json_text(text, HISTORY_TEXT_MAX);
}

static char *make_line(void *ctx, const struct history_jump *j)
{
	json_auto_t *json = json_pack("{so so so so si si si si so so*}", "boot_id",
		text_json(j->boot_id), "from", text_json(j->from), "to", text_json(j->to), "entry",
		text_json(j->entry), "hops", (int)j->hops, "still", (int)j->still, "loud",
		(int)j->loud, "left", (int)j->left, "times", timeline_json(&j->timeline), "lost",
		j->is_lost ? json_true() : NULL);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	char *line = text ? talloc_strdup(ctx, text) : NULL;

	free(text);
	return line;
}

/* Of the jump into this boot, that is there already; count for none. */
static size_t find(const struct jump_history *h, const char *boot_id)
{
	size_t i = 0;

	while (i < h->count && strcmp(h->jumps[i].boot_id, boot_id))
		i++;
	return i;
}

/* The newest that fit, without the one that is replaced. */
static char *join(void *ctx, const struct jump_history *h, size_t replaced, const char *line)
{
	size_t room = HISTORY_FILE_MAX - strlen(line) - 1, kept = 0, first = h->count;
	char *text = talloc_strdup(ctx, "");

	while (first && kept + 1 < HISTORY_JUMPS_MAX) {
		size_t n = first - 1 == replaced ? 0 : strlen(h->jumps[first - 1].line) + 1;

		if (n > room)
			break;
		room -= n;
		first--;
		kept += n > 0;
	}
	for (size_t i = first; text && i < h->count; i++)
		if (i != replaced)
			text = talloc_asprintf_append_buffer(text, "%s\n", h->jumps[i].line);
	return text ? talloc_asprintf_append_buffer(text, "%s\n", line) : NULL;
}

int jump_history_add(struct machine *m, const struct history_jump *jump, struct err *err)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct jump_history *h;
	int rc = jump_history_read(m, tmp, &h, err);
	const char *line, *text;
	size_t same;

	if (rc == -EFBIG) /* nothing that we would have written */
		rc = jump_history_parse("", 0, tmp, &h, err);
	if (rc < 0)
		return rc;
	same = find(h, jump->boot_id);
	if (same < h->count && (h->jumps[same].timeline.at_us[MOMENT_LOGIN] ||
				       !jump->timeline.at_us[MOMENT_LOGIN]))
		return err_set(err, 1, "this boot is in the history already");
	line = make_line(tmp, jump);
	text = line ? join(tmp, h, same, line) : NULL;
	if (!text)
		return err_errno(err, -ENOMEM, "keep the history");
	return m->effects->save_file(m, HISTORY_FILE, text, strlen(text), err);
}
