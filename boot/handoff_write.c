// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/handoff.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <zlib.h>

#include "devices/utf8.h"

/* Documentation/driver-api/early-userspace/buffer-format.rst: the newc header. */
#define CPIO_HEADER 110
#define HEADING_MAX 64
#define RECORD_NAME "stillboot/handoff"

/* A buffer that is written from front to back and remembers that it was too small. */
struct text {
	char *at, *end;
	int full;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *fmt, ...)
{
	size_t room = (size_t)(t->end - t->at);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->at, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		t->full = 1;
	else
		t->at += n;
}

/* A JSON string. Names come from hardware and disks: control characters and what is not UTF-8
 * become question marks, so that nothing can make the record unreadable, and no string takes more
 * than twice its bytes. */
static void put_string(struct text *t, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;

	put(t, "\"");
	while (*s) {
		size_t n = *s >= 0x80 ? utf8_sequence((const char *)s) : 0;

		if (n) {
			put(t, "%.*s", (int)n, (const char *)s);
			s += n;
			continue;
		}
		if (*s == '"' || *s == '\\')
			put(t, "\\%c", *s);
		else
			put(t, "%c", *s < 0x20 || *s > 0x7e ? '?' : *s);
		s++;
	}
	put(t, "\"");
}

static void put_pair(struct text *t, const char *key, const char *value)
{
	put(t, "\"%s\":", key);
	put_string(t, value ? value : "");
}

static void put_steps(struct text *t, const struct journal *j)
{
	put(t, ",\"steps\":[");
	for (size_t i = 0; i < j->count; i++) {
		const struct journal_entry *e = &j->entries[i];

		put(t, "%s\n{", i ? "," : "");
		put_pair(t, "slot", e->slot);
		put(t, ",");
		put_pair(t, "step", step_name(e->step));
		put(t, ",");
		put_pair(t, "rule", e->rule);
		put(t, ",\"start_us\":%llu,\"duration_us\":%llu,", (unsigned long long)e->start_us,
			(unsigned long long)e->duration_us);
		put_pair(t, "result", journal_result_name(e->result));
		put(t, ",");
		put_pair(t, "detail", e->detail);
		put(t, "}");
	}
	put(t, "]");
}

static void put_devices(struct text *t, const struct journal *j)
{
	put(t, ",\"devices\":[");
	for (size_t i = 0; i < j->verdict_count; i++) {
		const struct journal_verdict *v = &j->verdicts[i];

		put(t, "%s\n{", i ? "," : "");
		put_pair(t, "slot", v->slot);
		put(t, ",");
		put_pair(t, "verdict", journal_verdict_name(v->verdict));
		put(t, ",");
		put_pair(t, "why", v->why);
		put(t, "}");
	}
	put(t, "]");
}

static void put_times(struct text *t, const struct handoff_times *times)
{
	put(t,
		",\"times\":{\"request_us\":%llu,\"services_down_us\":%llu,\"quiesce_begin_us\":%"
		"llu,"
		"\"quiesce_end_us\":%llu,\"jump_us\":%llu}",
		(unsigned long long)times->request_us, (unsigned long long)times->services_down_us,
		(unsigned long long)times->quiesce_begin_us,
		(unsigned long long)times->quiesce_end_us, (unsigned long long)times->jump_us);
}

static void put_body(struct text *t, const struct handoff *h)
{
	put(t, "{%s,", h->packed);
	put_pair(t, "entry", h->entry);
	if (h->incomplete) {
		put(t, ",");
		put_pair(t, "incomplete", h->incomplete);
	}
	put_times(t, &h->times);
	put(t, ",\"duration_us\":%llu", (unsigned long long)h->journal.duration_us);
	put_steps(t, &h->journal);
	put_devices(t, &h->journal);
	put(t, "}");
}

static void pad4(struct text *t, const char *start)
{
	while ((t->at - start) % 4 && t->at < t->end)
		*t->at++ = '\0';
}

static void put_cpio_header(struct text *t, const char *start, unsigned int ino, unsigned int mode,
	size_t size, const char *name)
{
	put(t, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ino, mode, 0U, 0U, 1U,
		0U, (unsigned int)size, 0U, 0U, 0U, 0U, (unsigned int)strlen(name) + 1, 0U);
	put(t, "%s", name);
	if (t->at < t->end)
		*t->at++ = '\0';
	pad4(t, start);
}

static size_t journal_size_max(const struct plan *plan)
{
	/* Keys and numbers of a step, and every byte of its strings escaped. */
	const size_t step = 160 + 2 * (JOURNAL_SLOT_MAX + JOURNAL_RULE_MAX + JOURNAL_DETAIL_MAX);
	const size_t device = 64 + 2 * (PCI_SLOT_MAX + JOURNAL_DETAIL_MAX);
	const size_t rest = 4 * CPIO_HEADER + 8192;

	return plan ? rest + journal_capacity(plan) * step +
			       (plan->count + JOURNAL_NEWCOMERS_MAX) * device
		    : rest;
}

/* Messages, and of each function its configuration space twice, packed: what lspci prints of it is 14 KB at
 * most, and less than a tenth of that packed, unless it is nothing but noise. */
#define PACKED_MAX (64 << 10)
#define PACKED_FUNCTION_MAX 4096
#define FUNCTIONS 256 /* of a machine that nobody has counted */

size_t handoff_size_max(const struct plan *plan)
{
	const size_t functions = plan ? plan->count : FUNCTIONS;

	return journal_size_max(plan) + PACKED_MAX + functions * PACKED_FUNCTION_MAX;
}

size_t handoff_pack_room(const struct plan *plan, size_t room)
{
	const size_t journal = journal_size_max(plan);

	return room > journal ? room - journal : 0;
}

int handoff_archive_new(void *ctx, size_t size, struct handoff_archive **archive, struct err *err)
{
	struct handoff_archive *a = talloc_zero(ctx, struct handoff_archive);

	if (a)
		*a = (struct handoff_archive){.bytes = talloc_zero_size(a, size), .size = size};
	if (!a || !a->bytes)
		return err_errno(err, -ENOMEM, "prepare the handoff");
	*archive = a;
	return 0;
}

/* The heading tells the length of what follows, so it is written last, into a place kept for it. */
static void put_heading(char *to, const char *body, size_t len)
{
	char heading[HEADING_MAX];
	int n = snprintf(heading, sizeof(heading), "stillboot-handoff %d %zu %08lx",
		HANDOFF_VERSION, len, crc32_z(0, (const unsigned char *)body, len));

	memset(heading + n, ' ', HEADING_MAX - (size_t)n);
	heading[HEADING_MAX - 1] = '\n';
	memcpy(to, heading, HEADING_MAX);
}

int handoff_write(const struct handoff *handoff, struct handoff_archive *a, struct err *err)
{
	struct text t = {.at = a->bytes, .end = a->bytes + a->size};
	char *header, *content, *body;
	size_t len, file_len;

	put_cpio_header(&t, a->bytes, 1, 040700, 0, "stillboot");
	header = t.at;
	put_cpio_header(&t, a->bytes, 2, 0100600, 0, RECORD_NAME);
	content = t.at;
	body = content + HEADING_MAX;
	if (t.full || body >= t.end)
		return err_set(err, -ENOSPC, "no room for the handoff");
	t.at = body;
	put_body(&t, handoff);
	len = (size_t)(t.at - body);
	put_heading(content, body, len);
	put(&t, "\n");
	file_len = (size_t)(t.at - content);
	pad4(&t, a->bytes);
	put_cpio_header(&t, a->bytes, 0, 0, 0, "TRAILER!!!");
	if (t.full || t.at >= t.end)
		return err_set(
			err, -ENOSPC, "no room for the handoff: %zu bytes are not enough", a->size);
	a->len = (size_t)(t.at - a->bytes);
	handoff_digest(content, HEADING_MAX + len, a->digest);
	/* Now that its size is known, the file's header once more in its place. */
	t = (struct text){.at = header, .end = content};
	put_cpio_header(&t, a->bytes, 2, 0100600, file_len, RECORD_NAME);
	return 0;
}

int handoff_attach(
	struct machine *m, struct pinned *pinned, const struct handoff_archive *a, struct err *err)
{
	int rc = pin_write_handoff(m, pinned, a->bytes, a->len, err);

	if (rc == 0)
		handoff_tie(pinned, a->digest);
	return rc;
}
