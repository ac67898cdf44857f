// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/errand_check.h"

#include <ctype.h>
#include <net/if.h>
#include <string.h>

#include "devices/utf8.h"

#define DEADLINE_MAX_MS 3600000u

static int has_no_controls(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)text[i]))
			return 0;
	return len > 0 && len <= max;
}

/* What is not UTF-8 could not be written down (decision_write.c). */
static int is_printable(const char *text, size_t max)
{
	return has_no_controls(text, max) && utf8_is_valid(text);
}

static int has_dots(const char *path)
{
	for (const char *at = path; (at = strstr(at, "..")); at += 2)
		if ((at == path || at[-1] == '/') && (at[2] == '/' || !at[2]))
			return 1;
	return 0;
}

/* By these a device would be touched past all that protects it. */
static int is_a_step(const char *path)
{
	static const char *const names[] = {"bind", "unbind", "reset", "reset_subordinate",
		"remove", "delete", "enable", "config", "driver_override", "new_id",
		"sriov_numvfs"};
	const char *name = strrchr(path, '/') + 1;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return 1;
	return 0;
}

static const char *check_write(const struct plan_errand *e)
{
	if (!e->subject || !is_printable(e->subject, PLAN_SUBJECT_MAX - 1) ||
		has_dots(e->subject) ||
		(strncmp(e->subject, "sys/", 4) && strncmp(e->subject, "proc/sys/", 9)))
		return "path must be that of an attribute of sysfs or of a setting of sysctl "
		       "(below /proc/sys), without \"..\" and control characters";
	if (is_a_step(e->subject))
		return "path must be none by which a device is bound, unbound, reset or removed: "
		       "there are steps for that, or it is nobody's to do";
	if (!e->value || !is_printable(e->value, PLAN_SUBJECT_MAX - 1))
		return "value must be a string of up to 255 bytes, without control characters";
	return NULL;
}

static const char *check_unload(const struct plan_errand *e)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	/* include/linux/module.h, MODULE_NAME_LEN */
	if (!e->subject || !is_printable(e->subject, 55) || e->subject[strspn(e->subject, allowed)])
		return "module must be the name of a module, as lsmod shows it";
	return NULL;
}

static const char *check_link_down(const struct plan_errand *e)
{
	if (!e->subject || !is_printable(e->subject, IFNAMSIZ - 1) || strpbrk(e->subject, "/ "))
		return "interface must be the name of a network interface";
	return NULL;
}

static const char *check_run(const struct plan_errand *e)
{
	size_t words = 0;

	while (e->argv && words <= PLAN_WORDS_MAX && e->argv[words])
		if (!is_printable(e->argv[words++], PLAN_SUBJECT_MAX - 1))
			words = PLAN_WORDS_MAX + 1;
	if (!words || words > PLAN_WORDS_MAX || e->argv[0][0] != '/')
		return "command must be a list of up to 16 strings, the path of a program first";
	if (e->stage)
		return "run must stand before the first step of a PCI device: after that there may "
		       "be no disk to read the program from";
	return NULL;
}

/* "platform:NAME" */
static const char *check_unbind(const struct plan_errand *e)
{
	const char *colon = e->subject ? strchr(e->subject, ':') : NULL;

	if (!colon || colon == e->subject || !colon[1] || e->subject[0] == '.' || colon[1] == '.' ||
		!has_no_controls(e->subject, PLAN_SUBJECT_MAX - 1) || strchr(e->subject, '/') ||
		!strncmp(e->subject, "pci:", 4))
		return "slot must be a slot, or a device on another bus like \"platform:NAME\"";
	return NULL;
}

static const char *check_settle(const struct plan_errand *e)
{
	if (!e->settle_ms || e->settle_ms > DEADLINE_MAX_MS)
		return "seconds must be a number up to 3600";
	return NULL;
}

static const char *check_nothing(const struct plan_errand *e)
{
	(void)e;
	return NULL;
}

static const char *(*const checks[STEP_COUNT])(const struct plan_errand *e) = {
	[STEP_UNBIND] = check_unbind,
	[STEP_WRITE] = check_write,
	[STEP_UNLOAD] = check_unload,
	[STEP_LINK_DOWN] = check_link_down,
	[STEP_SETTLE] = check_settle,
	[STEP_OFFLINE_CPUS] = check_nothing,
	[STEP_RUN] = check_run,
};

const char *errand_check(const struct plan_errand *e)
{
	if (!checks[e->step])
		return "slot must be that of a PCI device for such a step";
	if (!e->deadline_ms || e->deadline_ms > DEADLINE_MAX_MS)
		return "deadline must be a number of seconds up to 3600";
	if (e->stage > PLAN_STAGES_MAX)
		return "there are too many steps between those of PCI devices";
	return checks[e->step](e);
}
