// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/service/systemd.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/stack/tool.h"
#include "devices/cleanup.h"
#include "devices/mounts.h"

#define INHIBITORS "run/systemd/inhibit"
#define INHIBITOR_MAX 4096 /* bytes */

int systemd_runs(struct machine *m)
{
	struct stat st;

	return fstatat(m->root_fd, "run/systemd/system", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

static unsigned int version_in(struct machine *m, const char *directory)
{
	_cleanup_talloc_ char **names = machine_list_names(m, NULL, directory);
	unsigned int version = 0;

	for (size_t i = 0; names && names[i]; i++)
		if (sscanf(names[i], "libsystemd-shared-%5u", &version) == 1)
			return version;
	return 0;
}

unsigned int systemd_version(struct machine *m)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	unsigned int version = version_in(m, "usr/lib/systemd");
	char **names = machine_list_names(m, tmp, "usr/lib"); /* Debian's architectures */

	if (!version)
		version = version_in(m, "usr/lib64/systemd");
	for (size_t i = 0; !version && names && names[i]; i++) {
		char *path = strstr(names[i], "-linux-")
				     ? talloc_asprintf(tmp, "usr/lib/%s/systemd", names[i])
				     : NULL;

		version = path ? version_in(m, path) : 0;
	}
	return version;
}

/* As src/systemctl/systemctl-logind.c of 257 and logind have it: 255 and 256 do not ask for a mount. */
int systemd_reboot_is_soft(struct machine *m)
{
	static const char *const releases[] = {
		SYSTEMD_NEXT_ROOT "/etc/os-release", SYSTEMD_NEXT_ROOT "/usr/lib/os-release"};
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct mount_list *list;
	int has_system = 0, is_mounted = 0;

	if (systemd_version(m) < SYSTEMD_REBOOT_IS_KEXEC ||
		mounts_read_own(m, tmp, &list, NULL) < 0)
		return 0;
	for (size_t i = 0; i < list->count; i++)
		is_mounted |= !strcmp(list->mounts[i].target, "/" SYSTEMD_NEXT_ROOT);
	for (size_t i = 0; i < sizeof(releases) / sizeof(*releases); i++)
		has_system |= faccessat(m->root_fd, releases[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	return is_mounted && has_system;
}

int systemd_service_is_enabled(struct machine *m)
{
	char target[512];

	return readlinkat(m->root_fd, "etc/systemd/system/multi-user.target.wants/" SYSTEMD_SERVICE,
		       target, sizeof(target)) > 0;
}

/* The value of NAME in lines of NAME=VALUE, "" if there is none; ended in place. */
static char *value_of(void *ctx, const char *text, const char *name)
{
	size_t len = strlen(name);

	for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL)
		if (!strncmp(text, name, len) && text[len] == '=')
			return talloc_strndup(ctx, text + len + 1, strcspn(text + len + 1, "\n"));
	return talloc_strdup(ctx, "");
}

/* "shutdown:sleep:idle" has it. */
static int has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (list && *list) {
		if (!strncmp(list, word, len) && (list[len] == ':' || !list[len]))
			return 1;
		list = strchr(list, ':');
		list += list != NULL;
	}
	return 0;
}

/* Written by logind (src/login/logind-inhibit.c, inhibitor_save), which tells systemctl the same. */
static int inhibits(struct machine *m, const char *name, struct err *why)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	char path[320], *text, *what, *mode, *who, *reason;

	snprintf(path, sizeof(path), INHIBITORS "/%.255s", name);
	if (strchr(name, '.') || machine_read_file(m, tmp, path, INHIBITOR_MAX, &text, NULL) < 0)
		return 0; /* a pipe that goes with one, or gone meanwhile */
	what = value_of(tmp, text, "WHAT");
	mode = value_of(tmp, text, "MODE");
	who = value_of(tmp, text, "WHO");
	reason = value_of(tmp, text, "WHY");
	if (!what || !mode || !who || !reason || strcmp(mode, "block") ||
		!has_word(what, "shutdown"))
		return 0;
	return err_set(why, 1,
		"%.128s keeps this machine from shutting down: %.256s; --force does it all the "
		"same",
		who, reason);
}

int systemd_is_inhibited(struct machine *m, struct err *why)
{
	_cleanup_talloc_ char **names = machine_list_names(m, NULL, INHIBITORS);
	int found = 0;

	for (size_t i = 0; !found && names && names[i]; i++)
		found = inhibits(m, names[i], why);
	return found;
}

enum systemd_leaving systemd_jobs_parse(const char *text)
{
	static const struct {
		const char *unit;
		enum systemd_leaving where;
	} targets[] = {
		{"kexec.target", SYSTEMD_TO_KEXEC},
		{"reboot.target", SYSTEMD_TO_REBOOT},
		{"poweroff.target", SYSTEMD_TO_OFF},
		{"halt.target", SYSTEMD_TO_OFF},
	};

	for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL) {
		char unit[64], type[16];

		if (sscanf(text, " %*u %63s %15s", unit, type) != 2 || strcmp(type, "start"))
			continue;
		for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
			if (!strcmp(unit, targets[i].unit))
				return targets[i].where;
	}
	return SYSTEMD_STAYS;
}

int systemd_leaving(struct machine *m, enum systemd_leaving *where, struct err *err)
{
	static const char *const ask[] = {
		"systemctl", "list-jobs", "--plain", "--no-legend", "--no-pager", NULL};
	_cleanup_talloc_ char *text = NULL;
	int rc = *m->root ? 0 : tool_ask(m, NULL, ask, &text, err);

	if (rc == 0)
		*where = text ? systemd_jobs_parse(text) : SYSTEMD_STAYS;
	return rc;
}
