// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/crash/saver.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "devices/cleanup.h"

#define FILE_MAX (64 << 10) /* bytes of a shell file of settings */

/* Where systemd looks for units of packages and of the administrator (systemd.unit(5)). */
static const char *const unit_folders[] = {"etc/systemd/system", "usr/local/lib/systemd/system",
	"usr/lib/systemd/system", "lib/systemd/system"};

/* kdump-tools that was told to do nothing ends at once and leaves the crash kernel standing. */
static int is_switched_off(struct machine *m)
{
	_cleanup_talloc_ char *text = NULL;
	int off = 0;

	if (machine_read_file(m, NULL, "etc/default/kdump-tools", FILE_MAX, &text, NULL) < 0)
		return 0;
	for (const char *at = text; at && (at = strstr(at, "USE_KDUMP=")); at++)
		if (at == text || at[-1] == '\n')
			off = at[strlen("USE_KDUMP=")] == '0';
	return off;
}

static const struct {
	const char *name, *unit;
	const char *before, *after; /* what stands around the version in the initrd's name */
	int (*is_off)(struct machine *m);
} table[] = {
	{"kdump-utils", NULL, "boot/initramfs-", "kdump.img", NULL},
	{"kdump-utils", NULL, "var/lib/kdump/initramfs-", "kdump.img", NULL},
	{"kdump-tools", "kdump-tools-dump.service", "var/lib/kdump/initrd.img-", "",
		is_switched_off},
	{"stillboot", "stillboot-crash-save.service", NULL, NULL, NULL},
};

static int has_unit(struct machine *m, const char *unit)
{
	for (size_t i = 0; i < sizeof(unit_folders) / sizeof(*unit_folders); i++) {
		_cleanup_talloc_ char *path = talloc_asprintf(NULL, "%s/%s", unit_folders[i], unit);

		if (path && faccessat(m->root_fd, path, F_OK, 0) == 0)
			return 1;
	}
	return 0;
}

/* -ENOMEM; *initrd is NULL where there is none, or an empty one. */
static int find_initrd(
	struct machine *m, void *ctx, size_t row, const char *version, const char **initrd)
{
	struct stat st;
	char *path;

	*initrd = NULL;
	if (!version || !*version || strchr(version, '/') || !table[row].before)
		return 0;
	path = talloc_asprintf(ctx, "%s%s%s", table[row].before, version, table[row].after);
	if (!path)
		return -ENOMEM;
	if (fstatat(m->root_fd, path, &st, 0) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		*initrd = path;
	return 0;
}

int crash_saver_find(struct machine *m, void *ctx, const char *version, struct crash_saver *saver,
	struct err *err)
{
	*saver = (struct crash_saver){.name = NULL};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		const char *initrd;

		if (find_initrd(m, ctx, i, version, &initrd) < 0)
			return err_errno(err, -ENOMEM, "look for a crash kernel's initrd");
		if (table[i].unit ? !has_unit(m, table[i].unit) : !initrd)
			continue;
		if (table[i].is_off && table[i].is_off(m))
			continue;
		*saver = (struct crash_saver){table[i].name, table[i].unit, initrd};
		return 0;
	}
	return 0;
}
