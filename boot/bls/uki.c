// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/bls/uki.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

int uki_open(
	struct uki *uki, const struct reading *r, const char *bytes, size_t len, struct err *err)
{
	uint64_t size = len;
	struct stat st;
	int rc;

	*uki = (struct uki){.reading = r, .bytes = bytes, .len = len, .pe.count = 0};
	if (r->fd >= 0 && fstat(r->fd, &st) == 0)
		size = (uint64_t)st.st_size;
	rc = pe_parse((const uint8_t *)bytes, len, size, &uki->pe, err);
	if (rc == 0 && !uki_section(uki, 0, ".linux"))
		return err_set(err, -EINVAL, "it is an EFI program, not a Linux kernel");
	return rc;
}

static bool is_profile(const struct pe_section *s)
{
	return !strcmp(s->name, ".profile");
}

unsigned int uki_profiles(const struct uki *uki)
{
	unsigned int count = 0;

	for (size_t i = 0; i < uki->pe.count; i++)
		count += is_profile(&uki->pe.sections[i]);
	return count < UKI_PROFILES_MAX ? count : UKI_PROFILES_MAX;
}

/* What stands behind the profile's own section counts before what stands in front of the first. */
const struct pe_section *uki_section(const struct uki *uki, unsigned int profile, const char *name)
{
	const struct pe_section *base = NULL;
	unsigned int seen = 0;

	for (size_t i = 0; i < uki->pe.count; i++) {
		const struct pe_section *s = &uki->pe.sections[i];

		seen += is_profile(s);
		if (strcmp(s->name, name))
			continue;
		if (seen == profile + 1)
			return s;
		if (!seen && !base)
			base = s;
	}
	return base;
}

char *uki_text(const struct uki *uki, void *ctx, const struct pe_section *s)
{
	size_t len = s && s->size < UKI_TEXT_MAX ? (size_t)s->size : s ? UKI_TEXT_MAX : 0;
	char *text = talloc_size(ctx, len + 1);

	if (!text)
		return NULL;
	talloc_set_name_const(text, "char");
	if (len && reading_part(uki->reading, uki->bytes, uki->len, s->offset, text, len) < 0)
		len = 0;
	text[len] = '\0';
	return text;
}
