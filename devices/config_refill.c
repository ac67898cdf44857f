// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/config_refill.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>

#include "devices/config_space.h"

/* The bits of a register that the firmware's count for, and what a reset leaves of them. */
static const struct row {
	const char *name;
	uint32_t mask;
	uint32_t cleared[3]; /* any of these */
} rows[] = {
	{"LTR Max Snoop Latency", 0x1fff, {0}},
	{"LTR Max No-Snoop Latency", 0x1fff, {0}},
	{"Device Control 2", PCI_EXP_DEVCTL2_COMP_TIMEOUT | PCI_EXP_DEVCTL2_COMP_TMOUT_DIS, {0}},
	/* Uncorrectable Internal Errors are masked where they are known at all. */
	{"AER Uncorrectable Error Mask", 0xffffffff, {0, 0x00400000}},
	{"AER Uncorrectable Error Severity", 0xffffffff, {0x00062030, 0x00462030, 0x00462031}},
	/* Advisory Non-Fatal, Corrected Internal and Header Log Overflow. */
	{"AER Correctable Error Mask", 0xffffffff, {0x00002000, 0x00006000, 0x0000e000}},
	{"AER Control", PCI_ERR_CAP_ECRC_GENE | PCI_ERR_CAP_ECRC_CHKE, {0}},
	{"Interrupt Line", 0xff, {0, 0xff}},
	{"Latency Timer", 0xff, {0}},
	{"Cache Line Size", 0xff, {0}},
};

#define ROWS (sizeof(rows) / sizeof(*rows))

_Static_assert(ROWS <= CONFIG_REFILLS_MAX, "what was written has room");

static const struct row *find_row(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static int is_cleared(const struct row *row, uint32_t value)
{
	for (size_t i = 0; i < sizeof(row->cleared) / sizeof(*row->cleared); i++)
		if (value == row->cleared[i])
			return 1;
	return 0;
}

/* Read it anew, for each register: one may change another. */
static int look(struct machine *m, const struct pci_function *f, uint8_t now[CONFIG_SPACE_SIZE],
	const uint8_t *firmware, size_t len, struct err *err)
{
	ssize_t n = m->effects->read_config(
		m, f->slot, now, len < CONFIG_SPACE_SIZE ? len : CONFIG_SPACE_SIZE, err);

	if (n < 0)
		return (int)n;
	if (config_read32(now, (size_t)n, PCI_VENDOR_ID) !=
			config_read32(firmware, len, PCI_VENDOR_ID) ||
		config_read8(now, (size_t)n, PCI_HEADER_TYPE) !=
			config_read8(firmware, len, PCI_HEADER_TYPE))
		return err_set(
			err, -ENODEV, "%s does not answer as the device of the baseline", f->slot);
	return (int)n;
}

static int write_register(struct machine *m, const struct pci_function *f,
	const struct config_register *reg, uint32_t value, struct err *err)
{
	int rc = m->effects->write_config(m, f->slot, reg->offset, reg->width, value, err);

	return rc < 0 ? err_wrap(err, rc, "%s", reg->name) : 0;
}

/* 1 if it was written. */
static int refill(struct machine *m, const struct pci_function *f,
	const struct config_register *reg, const uint8_t *firmware, size_t len,
	struct config_refilled *refilled, struct err *err)
{
	const struct row *row = find_row(reg->name);
	uint32_t wanted = config_value(firmware, len, reg), value;
	uint8_t now[CONFIG_SPACE_SIZE];
	int n, rc;

	if (!row || is_cleared(row, wanted & row->mask))
		return 0;
	n = look(m, f, now, firmware, len, err);
	if (n < 0)
		return n;
	value = config_value(now, (size_t)n, reg);
	if (reg->offset + reg->width > (size_t)n || !is_cleared(row, value & row->mask))
		return 0;
	wanted = (value & ~row->mask & ~reg->clears) | (wanted & row->mask);
	rc = write_register(m, f, reg, wanted, err);
	if (rc < 0)
		return rc;
	n = look(m, f, now, firmware, len, err);
	if (n < 0)
		return n;
	*refilled = (struct config_refilled){
		reg->name, reg->offset, value, config_value(now, (size_t)n, reg)};
	if (m->effects->pretends)
		refilled->is = wanted;
	else if ((refilled->is & row->mask) == (value & row->mask))
		return err_set(err, -EIO, "%s: %s stays 0x%x instead of 0x%x", f->slot, reg->name,
			value & row->mask, wanted & row->mask);
	return 1;
}

int config_refill(struct machine *m, const struct pci_function *f, const uint8_t *firmware,
	size_t len, struct config_refilled refilled[CONFIG_REFILLS_MAX], size_t *count,
	struct err *err)
{
	struct config_register registers[CONFIG_REGISTERS_MAX];
	size_t n = config_registers(firmware, len, registers);
	int first = 0;

	*count = 0;
	for (size_t i = 0; i < n; i++) {
		struct err why;
		int rc = refill(m, f, &registers[i], firmware, len, &refilled[*count], &why);

		*count += rc > 0;
		if (rc < 0 && first == 0)
			first = err_set(err, rc, "%s", why.text);
		if (rc == -EPERM || rc == -ENODEV)
			break;
	}
	return first ? first : (int)*count;
}
