/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_STACK_LVM_REPORT_H
#define BOOT_STACK_LVM_REPORT_H

/*
 * What `lvm lvs --reportformat json` says (lvmreport(7)), with the fields of STACK_LVM_FIELDS: which
 * logical volumes there are, and which of them may be activated. All strings come from the disks.
 */

#include <stddef.h>

#include "boot/stack/stack.h"

#define STACK_LVM_FIELDS                                                                           \
	"vg_name,vg_uuid,lv_name,lv_uuid,lv_role,segtype,devices,lv_health_status,"                \
	"lv_skip_activation,vg_exported,vg_systemid,vg_lock_type"

struct lvm_volume {
	const char *name;       /* "vg/root", fit for a command line where state is STACK_OPEN */
	const char *uuid;       /* as LVM writes it, with dashes */
	const char *dm_uuid;    /* of its mapping: "LVM-..." */
	const char *device;     /* the first that it lies on, "" if none is known */
	enum stack_state state; /* STACK_OPEN: may be activated */
	const char *reason;     /* why not; NULL if it may */
};

struct lvm_report {
	struct lvm_volume *volumes; /* those that are visible, each once */
	size_t count;
};

/* Belongs to ctx. -EINVAL if this is no such report. */
int lvm_report_parse(
	void *ctx, const char *text, size_t len, struct lvm_report **report, struct err *err);

#endif
