// SPDX-License-Identifier: GPL-2.0-or-later
/* Restarting and switching off. Where a service manager runs it is asked: it has more to end than we know. It
 * is told that through the firmware means just that: from systemd 255 on it goes by kexec where a kernel is
 * loaded, or restarts the userspace alone (its docs/ENVIRONMENT.md). */
#include "ui/menu/engine_parts.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "boot/efi_variable.h"
#include "devices/log.h"
#include "ui/refusal.h"

static const char *const reboot[] = {"env", "SYSTEMCTL_SKIP_AUTO_KEXEC=1",
	"SYSTEMCTL_SKIP_AUTO_SOFT_REBOOT=1", "systemctl", "reboot", NULL};
static const char *const poweroff[] = {"systemctl", "poweroff", NULL};

static const struct {
	const char *what;
	const char *const *asked; /* the service manager */
	enum machine_reboot how;
	int to_setup;
} ways[] = {
	{"reboot", reboot, MACHINE_REBOOT_FIRMWARE, 0},
	{"firmware", reboot, MACHINE_REBOOT_FIRMWARE, 1},
	{"poweroff", poweroff, MACHINE_REBOOT_OFF, 0},
};

static int go(struct engine *e, size_t way, struct err *err)
{
	struct machine *m = &e->s->machine;
	struct stat st;
	int rc = ways[way].to_setup ? efi_variable_ask_setup(m, err) : 0;

	if (rc < 0)
		return rc;
	if (fstatat(m->root_fd, "run/systemd/system", &st, 0) == 0)
		return m->effects->run(m, ways[way].asked, err);
	rc = m->effects->sync(m, err);
	return rc < 0 ? rc : m->effects->reboot(m, ways[way].how, err);
}

int engine_power(struct engine *e, const json_t *request, struct err *text)
{
	const char *what = engine_text(request, "what");

	for (size_t i = 0; what && i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(what, ways[i].what))
			continue;
		if (refusal_check(e->s) != EXIT_DONE)
			return err_set(text, -EPERM, "%s", log_last_error());
		return go(e, i, text);
	}
	return err_set(text, -EINVAL, "power is reboot, firmware or poweroff");
}
