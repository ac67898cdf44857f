// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/efi_variable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "devices/utf8.h"

/* efivarfs (Documentation/filesystems/efivarfs.rst): attributes in 4 bytes, then the data. */
#define ATTRIBUTES_SIZE 4
#define VALUE_MAX 4096 /* bytes; what firmware takes is rather less */
#define DIRECTORY "sys/firmware/efi/efivars"
/* The vendor of the Boot Loader Interface. */
#define VENDOR "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

static uint32_t unit(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8;
}

static int is_high(uint32_t c)
{
	return c >= 0xd800 && c < 0xdc00;
}

static int is_low(uint32_t c)
{
	return c >= 0xdc00 && c < 0xe000;
}

char *efi_variable_parse(void *ctx, const void *bytes, size_t len)
{
	const uint8_t *at = (const uint8_t *)bytes + ATTRIBUTES_SIZE,
		      *end = (const uint8_t *)bytes + len;
	char *text, *to;

	if (len < ATTRIBUTES_SIZE || len > ATTRIBUTES_SIZE + VALUE_MAX || len % 2)
		return NULL;
	text = to = talloc_size(ctx, (len - ATTRIBUTES_SIZE) / 2 * 3 + 1);
	for (; text && at < end && unit(at); at += 2) {
		uint32_t c = unit(at);

		if (is_low(c) || (is_high(c) && (end - at < 4 || !is_low(unit(at + 2))))) {
			talloc_free(text);
			return NULL;
		}
		if (is_high(c)) {
			at += 2;
			c = 0x10000 + ((c - 0xd800) << 10) + (unit(at) - 0xdc00);
		}
		to += utf8_put(to, c);
	}
	if (text)
		*to = '\0';
	return text;
}

char *efi_variable_read(struct machine *m, void *ctx, const char *name)
{
	uint8_t bytes[ATTRIBUTES_SIZE + VALUE_MAX + 1];
	char path[128];
	ssize_t n;

	snprintf(path, sizeof(path), DIRECTORY "/%s-" VENDOR, name);
	_cleanup_fd_ int fd = openat(m->root_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
	return n < 0 ? NULL : efi_variable_parse(ctx, bytes, (size_t)n);
}

/* The firmware's own vendor, EFI_GLOBAL_VARIABLE. */
#define GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* The number that such a variable is: of 1 to 8 bytes, little-endian. -ENOENT. */
static int read_number(struct machine *m, const char *name, uint64_t *number)
{
	uint8_t bytes[ATTRIBUTES_SIZE + sizeof(*number)];
	char path[128];
	ssize_t n;

	snprintf(path, sizeof(path), DIRECTORY "/%s-" GLOBAL, name);
	_cleanup_fd_ int fd = openat(m->root_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
	if (n <= ATTRIBUTES_SIZE)
		return -ENOENT;
	*number = 0;
	while (n-- > ATTRIBUTES_SIZE)
		*number = *number << 8 | bytes[n];
	return 0;
}

int efi_variable_secure_boot(struct machine *m)
{
	uint64_t on;

	return read_number(m, "SecureBoot", &on) < 0 ? -ENOENT : on == 1;
}

#define BOOT_TO_FW_UI 1u /* a bit of both variables */

int efi_variable_ask_setup(struct machine *m, struct err *err)
{
	uint8_t bytes[ATTRIBUTES_SIZE + 8] = {7};
	uint64_t supported, wanted;

	if (read_number(m, "OsIndicationsSupported", &supported) < 0 ||
		!(supported & BOOT_TO_FW_UI))
		return err_set(err, -EOPNOTSUPP,
			"this firmware does not say that its setup can be asked for");
	if (read_number(m, "OsIndications", &wanted) < 0)
		wanted = 0;
	wanted |= BOOT_TO_FW_UI;
	for (size_t i = 0; i < 8; i++)
		bytes[ATTRIBUTES_SIZE + i] = (uint8_t)(wanted >> 8 * i);
	return m->effects->write_efi_variable(
		m, DIRECTORY "/OsIndications-" GLOBAL, bytes, sizeof(bytes), err);
}

int efi_variables_there(struct machine *m)
{
	/* The directory is there without efivarfs mounted on it, and then empty. */
	_cleanup_talloc_ char **names = machine_list_names(m, NULL, DIRECTORY);

	return names && *names;
}

/* UTF-8 that we wrote ourselves or that somebody typed or called a file: -EILSEQ where it is none. */
static ssize_t encode(const char *value, uint8_t *to, size_t room)
{
	size_t len = 0;

	if (!utf8_is_valid(value))
		return -EILSEQ;
	for (;;) {
		unsigned char lead = (unsigned char)*value++;
		size_t more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
		uint32_t c = lead & (more ? 0x3f >> more : 0x7f);

		for (; more; more--)
			c = c << 6 | (*value++ & 0x3f);
		if (room - len < (c < 0x10000 ? 2 : 4))
			return -E2BIG;
		if (c >= 0x10000) {
			uint32_t high = 0xd800 + ((c - 0x10000) >> 10);

			to[len++] = (uint8_t)high;
			to[len++] = (uint8_t)(high >> 8);
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		to[len++] = (uint8_t)c;
		to[len++] = (uint8_t)(c >> 8);
		if (!c)
			return (ssize_t)len;
	}
}

int efi_variable_write(struct machine *m, const char *name, const char *value, struct err *err)
{
	/* Kept over power-off, for boot services and for the running system (UEFI 2.10, 8.2). */
	uint8_t bytes[ATTRIBUTES_SIZE + VALUE_MAX] = {7};
	char path[128];
	ssize_t len = 0;

	snprintf(path, sizeof(path), DIRECTORY "/%s-" VENDOR, name);
	if (value)
		len = encode(value, bytes + ATTRIBUTES_SIZE, VALUE_MAX);
	if (len < 0)
		return err_errno(err, (int)len, "set the EFI variable %s", name);
	len = value ? m->effects->write_efi_variable(
			      m, path, bytes, (size_t)len + ATTRIBUTES_SIZE, err)
		    : m->effects->write_efi_variable(m, path, NULL, 0, err);
	return len < 0 ? err_wrap(err, (int)len, "set the EFI variable %s", name) : 0;
}
