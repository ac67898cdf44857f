/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_CONFIG_RESTORE_H
#define DEVICES_CONFIG_RESTORE_H
#include "devices/pci.h"
enum config_restore_scope { CONFIG_RESTORE_STILL, CONFIG_RESTORE_BASELINE };
static inline int config_restore(struct machine *m, const struct pci_function *f,
	const uint8_t *saved, size_t len, enum config_restore_scope scope, struct err *err)
{
	(void)m;
	(void)f;
	(void)saved;
	(void)len;
	(void)scope;
	(void)err;
	return 0;
}
#endif
