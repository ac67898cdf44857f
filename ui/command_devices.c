// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "devices/audit.h"
#include "ui/command.h"
#include "ui/devices.h"
#include "ui/drift.h"
#include "ui/json.h"

enum exit_code command_devices(struct session *s)
{
	option_set given = s->options.given;
	struct still_plan p;
	struct audit *audit;
	struct err err;
	int rc;

	if (command_make_plan(s, &p, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	command_policy_error(&p);
	if (given & OPT_DRIFT)
		return drift_show(s, p.snapshot);
	pci_name_functions(&s->machine, p.snapshot);
	audit = s->options.pci_dump ? NULL : audit_new(&s->machine, s->memory);
	if (audit)
		audit_functions(audit, p.snapshot);
	if (given & OPT_JSON)
		return command_print_json(
			s, json_with_error(devices_json(p.snapshot), p.policy_error));
	if (!p.snapshot->count)
		puts("There is no PCI on this machine.");
	rc = devices_print(stdout, p.snapshot, given & OPT_VERBOSE ? DEVICES_ALL : DEVICES_SHORT);
	if (rc < 0) {
		err_errno(&err, rc, "show the devices");
		return command_fail(EXIT_FAILED, &err);
	}
	return EXIT_DONE;
}
