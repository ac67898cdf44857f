// SPDX-License-Identifier: GPL-2.0-or-later
/* The reader. libpci has one too, but it gives up at lines of more than 255 characters, as -vvv
 * prints them, and exits. */
#include "devices/pci_dump.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "devices/pci_build.h"
#include "devices/pci_derive.h"

/* Where each function was met, to find what is there twice. */
struct seen {
	struct pci_slot slot;
	size_t line;
};

struct reader {
	const char *name; /* of the dump, for errors */
	size_t line;
	struct pci_snapshot *s;
	struct seen *seen; /* one for each function, in the order of the dump */
	uint8_t config[CONFIG_SPACE_SIZE];
	size_t len; /* bytes of the last function so far */
	struct err *err;
};

static struct pci_function *last(struct reader *r)
{
	return r->s->count ? &r->s->functions[r->s->count - 1] : NULL;
}

static int no_memory(struct reader *r)
{
	return err_errno(r->err, -ENOMEM, "read %s", r->name);
}

/* The bytes of the last function are complete. */
static int end_function(struct reader *r)
{
	const uint8_t *config;

	if (!r->len)
		return 0;
	config = talloc_memdup(r->s, r->config, r->len);
	if (!config)
		return no_memory(r);
	pci_function_decode(last(r), config, r->len);
	r->len = 0;
	return 0;
}

/* What -n and -nn print into the line of a function. */
struct numbers {
	unsigned int class, vendor, device;
};

/* "0200: 8086:1572 (rev 02)" */
static int numbers_alone(const char *text, struct numbers *n)
{
	return sscanf(text, "%4x: %4x:%4x", &n->class, &n->vendor, &n->device) == 3;
}

/* "Ethernet controller [0200]: Intel X710 [for SFP+] [8086:1572] (rev 02)": the last pair. */
static int numbers_in_brackets(const char *text, struct numbers *n)
{
	const char *at = strstr(text, "]: ");
	unsigned int vendor, device;
	int found = 0;

	if (!at || at - text < 5 || sscanf(at - 5, "[%4x]", &n->class) != 1)
		return 0;
	while ((at = strchr(at + 1, '[')))
		if (sscanf(at, "[%4x:%4x]", &vendor, &device) == 2) {
			n->vendor = vendor;
			n->device = device;
			found = 1;
		}
	return found;
}

/* They count where the bytes say nothing. */
static void read_numbers(struct pci_function *f, const char *text)
{
	const char *prog = strstr(text, "(prog-if ");
	unsigned int interface = 0;
	struct numbers n;

	if (!numbers_alone(text, &n) && !numbers_in_brackets(text, &n))
		return;
	f->vendor = (uint16_t)n.vendor;
	f->device = (uint16_t)n.device;
	if (prog)
		sscanf(prog, "(prog-if %2x", &interface);
	if (n.class != 0xffff)
		f->class = (n.class & 0xffff) << 8 | (interface & 0xff);
}

/* "0000:01:00.0 Ethernet controller: ..." */
static int read_header(struct reader *r, char *line)
{
	size_t len = strcspn(line, " "), room = talloc_array_length(r->seen);
	char *text = line + len + (line[len] == ' ');
	struct pci_function *f;
	struct pci_slot slot;
	struct seen *grown;

	line[len] = '\0';
	if (pci_parse_slot(line, &slot) < 0)
		return err_set(r->err, -EINVAL, "%s:%zu: '%.32s' is no slot of a PCI function",
			r->name, r->line, line);
	f = pci_snapshot_add(r->s, &slot);
	if (!f)
		return no_memory(r);
	if (r->s->count > room) {
		grown = talloc_realloc(r, r->seen, struct seen, room ? 2 * room : 64);
		if (!grown)
			return no_memory(r);
		r->seen = grown;
	}
	r->seen[r->s->count - 1] = (struct seen){slot, r->line};
	read_numbers(f, text);
	return 0;
}

/* "10: 00 00 80 fe ...": up to 16 bytes; their number, 0 if there are none or something else. */
static size_t read_bytes(const char *line, unsigned int *offset, uint8_t bytes[16])
{
	size_t n = 0;
	char *at;

	*offset = (unsigned int)strtoul(line, &at, 16);
	for (at++; n < 16 && *at == ' ' && isxdigit((unsigned char)at[1]) &&
		   isxdigit((unsigned char)at[2]);
		at += 3)
		bytes[n++] = (uint8_t)strtoul(at + 1, NULL, 16);
	return at[strspn(at, " ")] ? 0 : n;
}

static int read_hex(struct reader *r, const char *line)
{
	unsigned int offset;
	uint8_t bytes[16];
	size_t n = read_bytes(line, &offset, bytes);

	if (!n)
		return err_set(
			r->err, -EINVAL, "%s:%zu: these are not up to 16 bytes", r->name, r->line);
	if (!last(r))
		return err_set(r->err, -EINVAL, "%s:%zu: bytes before the line of their function",
			r->name, r->line);
	if (offset != r->len || offset + n > sizeof(r->config))
		return err_set(r->err, -EINVAL, "%s:%zu: bytes from 0x%x on, where 0x%zx was due",
			r->name, r->line, offset, r->len);
	memcpy(r->config + offset, bytes, n);
	r->len += n;
	return 0;
}

/* A number that -v prints as "\tIOMMU group: 7", or without colon among the flags. */
static int number_after(const char *line, const char *word, int otherwise)
{
	const char *at = strstr(line, word);
	int value;

	if (!at)
		return otherwise;
	at += strlen(word);
	at += *at == ':';
	return sscanf(at, " %9d", &value) == 1 ? value : otherwise;
}

/* Text behind "\tWord: ", NULL if the line is not that. */
static char *text_after(struct reader *r, const char *line, const char *word)
{
	line += strspn(line, " \t");
	if (strncmp(line, word, strlen(word)) || !line[strlen(word)])
		return NULL;
	return talloc_strdup(r->s, line + strlen(word));
}

static void read_detail(struct reader *r, const char *line)
{
	struct pci_function *f = last(r);
	char *text;

	if (!f)
		return;
	f->iommu_group = number_after(line, "IOMMU group", f->iommu_group);
	f->numa_node = number_after(line, "NUMA node", f->numa_node);
	text = text_after(r, line, "Physical Slot: ");
	f->hotplug_slot = text ? text : f->hotplug_slot;
	text = text_after(r, line, "Kernel driver in use: ");
	f->driver = text ? text : f->driver;
	f->can_unbind = f->driver != NULL;
}

/* What begins like "0000:01:00.0 " or "10: "; everything else that stands unindented is somebody
 * else's (a shell's prompt, a warning of lspci's). */
static int read_line(struct reader *r, char *line)
{
	size_t word = strspn(line, "0123456789abcdefABCDEF:."), digits;
	int rc;

	if (*line == ' ' || *line == '\t') {
		read_detail(r, line);
		return 0;
	}
	if (!strncmp(line, "-[", 2) || !strncmp(line, "-+-[", 4))
		return err_set(r->err, -EINVAL,
			"%s:%zu: a tree (lspci -t) has no bytes: use lspci -D -xxxx", r->name,
			r->line);
	if ((line[word] && line[word] != ' ') || !memchr(line, ':', word))
		return 0;
	digits = strcspn(line, ":");
	if (word == digits + 1)
		return digits >= 2 && digits <= 3 ? read_hex(r, line) : 0;
	rc = end_function(r);
	return rc < 0 ? rc : read_header(r, line);
}

static int read_lines(struct reader *r, char *text)
{
	int rc = 0;

	for (char *line = text; line && rc == 0;) {
		char *end = strchr(line, '\n');

		if (end)
			*end = '\0';
		line[strcspn(line, "\r")] = '\0';
		r->line++;
		rc = read_line(r, line);
		line = end ? end + 1 : NULL;
	}
	return rc < 0 ? rc : end_function(r);
}

static int by_slot_and_line(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	int order = memcmp(&x->slot, &y->slot, sizeof(x->slot));

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* A slot that is there twice means two machines, or one at two times. */
static int check(struct reader *r)
{
	const struct pci_snapshot *s = r->s;
	size_t told = 0;

	for (size_t i = 0; i < s->count; i++)
		told += s->functions[i].config_len != 0;
	if (!told)
		return err_set(r->err, -EINVAL,
			"%s is not what lspci -xxx prints: it has %s (use lspci -D -xxxx as root)",
			r->name, s->count ? "no bytes" : "no functions");
	qsort(r->seen, s->count, sizeof(*r->seen), by_slot_and_line);
	for (size_t i = 1; i < s->count; i++)
		if (!memcmp(&r->seen[i].slot, &r->seen[i - 1].slot, sizeof(r->seen[i].slot)))
			return err_set(r->err, -EINVAL,
				"%s:%zu: this function is already in line %zu: a dump is of one "
				"machine",
				r->name, r->seen[i].line, r->seen[i - 1].line);
	return 0;
}

int pci_dump_parse(const char *text, size_t len, const char *name, void *ctx,
	struct pci_snapshot **snapshot, struct err *err)
{
	_cleanup_talloc_ struct pci_snapshot *s = talloc_zero(ctx, struct pci_snapshot);
	_cleanup_talloc_ struct reader *r = talloc_zero(NULL, struct reader);
	char *lines = NULL;
	int rc;

	if (len > PCI_DUMP_MAX)
		return err_set(err, -EFBIG, "%s is larger than %d bytes", name, PCI_DUMP_MAX);
	if (memchr(text, '\0', len))
		return err_set(err, -EINVAL, "%s is no text in ASCII or UTF-8", name);
	if (r)
		lines = talloc_strndup(r, text, len);
	if (!s || !lines)
		return err_errno(err, -ENOMEM, "read %s", name);
	r->name = name;
	r->s = s;
	r->err = err;
	rc = read_lines(r, lines);
	if (rc == 0)
		rc = check(r);
	if (rc < 0)
		return rc;
	pci_link_tree(s);
	if (pci_derive(s) < 0)
		return no_memory(r);
	*snapshot = talloc_steal(ctx, s);
	s = NULL;
	return 0;
}
