// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/crash/cmdline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/kernel_words.h"

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

/* What has somebody waited for, or another system come up than the one that saves the dump: rd.break and
 * break are those of dracut and initramfs-tools, the others systemd's
 * (kernel-command-line(7)). */
#define UNIT "systemd.unit"

static const char *const targets[] = {
	"emergency", "-b", "rescue", "single", "-s", "s", "S", "1", "2", "3", "4", "5"};
static const char *const waiting[] = {UNIT, "rd.systemd.unit", "rd.rescue", "rd.break", "break"};

/* An end without anybody there is a restart: of the kernel and of initramfs-tools ("panic="), of dracut
 * ("rd."). */
#define WANTED "reset_devices nr_cpus=1 irqpoll rd.shell=0 rd.emergency=reboot"
#define PANIC "panic"
#define PANIC_SECONDS " " PANIC "=10"

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

static bool is_among(const char *word, size_t len, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_called(word, len, names[i]))
			return true;
	return false;
}

#define IS_AMONG(word, len, names) is_among(word, len, names, sizeof(names) / sizeof(*(names)))

/* systemd takes them for what they are as a word of their own only. */
static bool is_target(const char *word, size_t len)
{
	return !memchr(word, '=', len) && IS_AMONG(word, len, targets);
}

/* A panic that ends in a restart. */
static bool is_ending(const char *word, size_t len)
{
	const size_t name = strlen(PANIC "=");

	return is_called(word, len, PANIC) && len > name && strtol(word + name, NULL, 0) > 0;
}

static bool is_unwanted(const char *word, size_t len, enum crash_line origin)
{
	if (IS_AMONG(word, len, unwanted))
		return true;
	return origin == CRASH_LINE_OF_SYSTEM &&
	       (IS_AMONG(word, len, waiting) || is_target(word, len) ||
		       (is_called(word, len, PANIC) && !is_ending(word, len)));
}

bool crash_cmdline_starts(const char *line, const char *unit)
{
	const size_t name = strlen(UNIT "="), wanted = strlen(unit);
	bool starts = false, is_open;

	for (size_t len; *(line += strspn(line, KERNEL_BLANKS)); line += len) {
		len = kernel_word_length(line, &is_open);
		if (is_called(line, len, UNIT))
			starts = len == name + wanted && !memcmp(line + name, unit, wanted);
		else if (is_target(line, len))
			starts = false;
	}
	return starts;
}

int crash_cmdline(void *ctx, const char *line, enum crash_line origin, const char *unit,
	char **result, struct err *err)
{
	char *to = talloc_strdup(ctx, "");
	bool has_panic = false, has_unit = false;
	const char *at = line;

	while (to && *(at += strspn(at, KERNEL_BLANKS))) {
		bool is_open;
		size_t len = kernel_word_length(at, &is_open);

		if (len == 2 && !memcmp(at, "--", 2))
			break;
		if (!is_unwanted(at, len, origin)) {
			has_panic |= is_called(at, len, PANIC);
			has_unit |= is_called(at, len, UNIT);
			/* A quotation that nobody ended would take in all that is put behind it. */
			to = talloc_asprintf_append_buffer(
				to, "%.*s%s ", (int)len, at, is_open ? "\"" : "");
		}
		at += len;
	}
	if (to)
		to = talloc_asprintf_append_buffer(to, WANTED "%s%s%s%s%s",
			has_panic ? "" : PANIC_SECONDS, unit && !has_unit ? " " UNIT "=" : "",
			unit && !has_unit ? unit : "", *at ? " " : "", at);
	if (!to)
		return err_errno(err, -ENOMEM, "make the command line");
	*result = to;
	return 0;
}
