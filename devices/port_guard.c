// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/port_guard.h"

#include <linux/pci_regs.h>

#include "devices/config_space.h"

/* One register that switches the telling on, and the one where it is recorded (its bits are cleared
 * by writing ones). */
static const struct {
	int is_extended;
	uint16_t id; /* of the capability */
	unsigned int control;
	uint16_t bits;
	unsigned int status;
	uint16_t recorded;
} registers[3] = {
	/* PCIe Base Specification 7.5.3.10, 7.5.3.11: Slot Control and Status */
	{0, PCI_CAP_ID_EXP, PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_DLLSCE,
		PCI_EXP_SLTSTA, PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC},
	/* 7.9.14.3, 7.9.14.4: DPC Control and Status */
	{1, PCI_EXT_CAP_ID_DPC, PCI_EXP_DPC_CTL,
		PCI_EXP_DPC_CTL_EN_FATAL | PCI_EXP_DPC_CTL_EN_NONFATAL, PCI_EXP_DPC_STATUS,
		PCI_EXP_DPC_STATUS_TRIGGER | PCI_EXP_DPC_STATUS_INTERRUPT},
	/* 7.8.4.9, 7.8.4.10: Root Error Command and Status */
	{1, PCI_EXT_CAP_ID_ERR, PCI_ERR_ROOT_COMMAND,
		PCI_ERR_ROOT_CMD_COR_EN | PCI_ERR_ROOT_CMD_NONFATAL_EN | PCI_ERR_ROOT_CMD_FATAL_EN,
		PCI_ERR_ROOT_STATUS,
		PCI_ERR_ROOT_COR_RCV | PCI_ERR_ROOT_MULTI_COR_RCV | PCI_ERR_ROOT_UNCOR_RCV |
			PCI_ERR_ROOT_MULTI_UNCOR_RCV | PCI_ERR_ROOT_FIRST_FATAL |
			PCI_ERR_ROOT_NONFATAL_RCV | PCI_ERR_ROOT_FATAL_RCV},
};

#define COUNT (sizeof(registers) / sizeof(*registers))

/* Where the port has capability number i, 0 where it does not. Root errors are a root port's. */
static unsigned int find(const struct pci_function *port, size_t i)
{
	if (registers[i].id == PCI_CAP_ID_EXP && !registers[i].is_extended)
		return port->caps.has & PCI_HAS_HOTPLUG ? config_find_capability(port->config,
								  port->config_len, PCI_CAP_ID_EXP)
							: 0;
	if (registers[i].id == PCI_EXT_CAP_ID_ERR && port->express != PCI_EXP_TYPE_ROOT_PORT)
		return 0;
	return config_find_extended(port->config, port->config_len, registers[i].id);
}

int port_guard_is_needed(const struct pci_function *port)
{
	return (port->caps.has & (PCI_HAS_HOTPLUG | PCI_HAS_DPC_ON)) != 0;
}

static int begin_one(struct machine *m, const struct pci_function *port, size_t i,
	struct port_guard *guard, struct err *err)
{
	unsigned int at = find(port, i);
	uint8_t config[CONFIG_SPACE_SIZE];
	ssize_t len;
	uint16_t value;
	int rc;

	if (!at)
		return 0;
	at += registers[i].control;
	len = m->effects->read_config(m, port->slot, config, sizeof(config), err);
	if (len < 0)
		return (int)len;
	value = config_read16(config, (size_t)len, at);
	if (at + 2 > (size_t)len || !(value & registers[i].bits))
		return 0;
	rc = m->effects->write_config(
		m, port->slot, at, 2, (uint16_t)(value & ~registers[i].bits), err);
	if (rc == 0) {
		guard->was[i].offset = at;
		guard->was[i].value = value;
	}
	return rc;
}

int port_guard_begin(struct machine *m, const struct pci_function *port, struct port_guard *guard,
	struct err *err)
{
	int rc = 0;

	*guard = (struct port_guard){0};
	for (size_t i = 0; i < COUNT && rc == 0; i++)
		rc = begin_one(m, port, i, guard, err);
	if (rc < 0) {
		port_guard_end(m, port, guard);
		return err_wrap(err, rc, "keep port %s quiet", port->slot);
	}
	return 0;
}

void port_guard_end(struct machine *m, const struct pci_function *port, struct port_guard *guard)
{
	for (size_t i = 0; i < COUNT; i++) {
		unsigned int at = guard->was[i].offset;

		if (!at)
			continue;
		m->effects->write_config(m, port->slot,
			at - registers[i].control + registers[i].status, 2, registers[i].recorded,
			NULL);
		m->effects->write_config(m, port->slot, at, 2, guard->was[i].value, NULL);
	}
}
