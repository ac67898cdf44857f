// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "devices/audit_elf.h"

#define OFFSET_MAX 4096 /* bytes; the structures are below 400 */

/*
 * struct pci_driver of include/linux/pci.h on 64-bit machines. The list node before the name went
 * between 6.5 and 6.8, and distributions take such changes back into older kernels: so both places
 * are looked at. suspend_late() and resume_early() went with 5.5.
 */
static const struct {
	unsigned int since; /* version, 1000 * major + minor */
	struct audit_layout layout;
} known[] = {
	{5005, {.name = 0, .remove = 24, .shutdown = 48}},  /* BTF of 6.12.117, 7.3.4 */
	{5005, {.name = 16, .remove = 40, .shutdown = 64}}, /* BTF of 6.1.192 */
	{4004, {.name = 16, .remove = 40, .shutdown = 80}}, /* pci.h of 4.4 to 5.4 */
};

size_t audit_layouts_of(const char *version, struct audit_layout layouts[2])
{
	unsigned int major, minor, since = 0;
	size_t count = 0;

	if (sscanf(version, "%3u.%3u", &major, &minor) != 2)
		return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known) && count < 2; i++) {
		if (1000 * major + minor < known[i].since || known[i].since < since)
			continue;
		since = known[i].since;
		layouts[count++] = known[i].layout;
	}
	return count;
}

static int find_member(
	const struct btf *btf, const char *type_name, const char *member, unsigned int *offset)
{
	int id = btf__find_by_name_kind(btf, type_name, BTF_KIND_STRUCT);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, (unsigned int)id);

	for (unsigned int i = 0; type && i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(btf, btf_members(type)[i].name_off);

		if (!name || strcmp(name, member))
			continue;
		*offset = btf_member_bit_offset(type, i) / 8;
		return *offset < OFFSET_MAX ? 0 : -ENOENT;
	}
	return -ENOENT;
}

/* libbpf looks at everything else, but takes types at odd addresses (struct btf_header,
 * linux/btf.h). */
static int is_aligned(const void *bytes, size_t size)
{
	struct btf_header header;

	if (size < sizeof(header) || size > UINT32_MAX)
		return 0;
	memcpy(&header, bytes, sizeof(header));
	return header.hdr_len % 4 == 0 && header.type_off % 4 == 0;
}

int audit_layout_from_btf(
	const void *bytes, size_t size, struct audit_layout *layout, struct err *err)
{
	struct audit_layout l = {0};
	unsigned int driver;
	struct btf *btf;
	int rc;

	libbpf_set_print(NULL); /* it would write to standard error */
	btf = is_aligned(bytes, size) ? btf__new(bytes, (uint32_t)size) : NULL;
	if (!btf)
		return err_set(err, -EBADMSG, "libbpf cannot read the kernel's BTF");
	rc = find_member(btf, "pci_driver", "name", &l.name);
	rc = rc < 0 ? rc : find_member(btf, "pci_driver", "remove", &l.remove);
	rc = rc < 0 ? rc : find_member(btf, "pci_driver", "shutdown", &l.shutdown);
	rc = rc < 0 ? rc : find_member(btf, "pci_driver", "driver", &driver);
	rc = rc < 0 ? rc : find_member(btf, "device_driver", "bus", &l.bus);
	btf__free(btf);
	if (rc < 0)
		return err_set(err, rc, "the kernel's BTF has no struct pci_driver that we know");
	l.bus += driver;
	*layout = l;
	return 0;
}
