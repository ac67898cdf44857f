// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/crash/cmdline.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <talloc.h>

static const char *const unwanted[] = {
	/* of one boot, or of one loader */
	"BOOT_IMAGE", "initrd", "stillboot.handoff", "ignition.firstboot", "abm",
	/* a crash kernel that reserves memory for another; or resumes from the swap space of the dead one,
	 * whose image it would take for its own */
	"crashkernel", "resume", "resume_offset",
	/* memory: there is little, and the map is another one */
	"mem", "memmap", "hugepages", "hugepagesz", "default_hugepagesz", "hugetlb_cma", "cma",
	"swiotlb", "log_buf_len", "slub_debug", "slab_debug", "kho",
	/* processors: there is one */
	"nr_cpus", "maxcpus", "isolcpus", "nohz_full", "rcu_nocbs", "irqaffinity",
	/* a warning is no reason to lose the dump */
	"panic_on_warn", "oops",
	/* nobody looks at pictures, and what it says is all that will be known */
	"quiet", "splash", "rhgb",
	/* what an earlier crash kernel was given: the kernel adds its own */
	"elfcorehdr", "disable_cpu_apicid",
	/* said anew below */
	"reset_devices", "irqpoll", "rd.shell", "rd.emergency"};

/* An end without anybody there is a restart: of the kernel and of initramfs-tools ("panic="), of dracut
 * ("rd."). */
#define WANTED "reset_devices nr_cpus=1 irqpoll rd.shell=0 rd.emergency=reboot"
#define PANIC "panic"
#define PANIC_SECONDS " " PANIC "=10"
#define UNIT "systemd.unit"

/* The length of the word that begins here. A quotation that nobody ended would take in all that is put
 * behind it. */
static size_t word_length(const char *at, bool *is_open)
{
	size_t len = 0;

	*is_open = false;
	for (; at[len] && (*is_open || at[len] != ' '); len++)
		*is_open ^= at[len] == '"';
	return len;
}

static char plain(char c)
{
	return c == '-' ? '_' : c;
}

static bool is_called(const char *word, size_t len, const char *name)
{
	size_t i = 0;

	while (i < len && name[i] && plain(word[i]) == plain(name[i]))
		i++;
	return !name[i] && (i == len || word[i] == '=');
}

static bool is_unwanted(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(*unwanted); i++)
		if (is_called(word, len, unwanted[i]))
			return true;
	return false;
}

/* A blank is what the kernel takes for one (lib/ctype.c). */
static void blanks(char *text)
{
	for (; *text; text++)
		if (strchr("\t\n\v\f\r", *text))
			*text = ' ';
}

int crash_cmdline(void *ctx, const char *line, const char *unit, char **result, struct err *err)
{
	char *from = talloc_strdup(ctx, line), *to = talloc_strdup(ctx, "");
	bool has_panic = false, has_unit = false;
	char *at = from;

	if (from)
		blanks(from);
	while (at && to && *(at += strspn(at, " "))) {
		bool is_open;
		size_t len = word_length(at, &is_open);

		if (len == 2 && !memcmp(at, "--", 2))
			break;
		has_panic |= is_called(at, len, PANIC);
		has_unit |= is_called(at, len, UNIT);
		if (!is_unwanted(at, len))
			to = talloc_asprintf_append_buffer(
				to, "%.*s%s ", (int)len, at, is_open ? "\"" : "");
		at += len;
	}
	if (to)
		to = talloc_asprintf_append_buffer(to, WANTED "%s%s%s%s%s",
			has_panic ? "" : PANIC_SECONDS, unit && !has_unit ? " " UNIT "=" : "",
			unit && !has_unit ? unit : "", at && *at ? " " : "", at ? at : "");
	talloc_free(from);
	if (!from || !to)
		return err_errno(err, -ENOMEM, "make the command line");
	*result = to;
	return 0;
}
