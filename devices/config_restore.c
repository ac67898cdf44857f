// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/config_restore.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>
#include <time.h>

#include "devices/config_registers.h"
#include "devices/config_space.h"

/* A device may not take addresses at once after a reset (pci_restore_config_space: ten times for
 * BARs, a millisecond apart). */
#define TRIES 10

/* What may not come back: the bits that let a device speak, and sleep. */
static const struct {
	const char *name;
	uint32_t bits;
} silenced[] = {
	{"Power Management Control", PCI_PM_CTRL_STATE_MASK}, /* D0 */
	{"Command", PCI_COMMAND_MASTER},
	{"MSI Control", PCI_MSI_FLAGS_ENABLE},
	{"MSI-X Control", PCI_MSIX_FLAGS_ENABLE},
};

static uint32_t wanted(const uint8_t *saved, size_t len, const struct config_register *r)
{
	uint32_t value = config_value(saved, len, r) & r->mask;

	for (size_t i = 0; i < sizeof(silenced) / sizeof(*silenced); i++)
		if (!strcmp(silenced[i].name, r->name))
			value &= ~silenced[i].bits;
	return value;
}

struct restore {
	struct machine *m;
	const struct pci_function *f;
	const uint8_t *saved;
	size_t len;
	struct config_register registers[CONFIG_REGISTERS_MAX];
	size_t count;
	uint8_t now[CONFIG_SPACE_SIZE];
	size_t now_len;
};

static int look(struct restore *r, struct err *err)
{
	ssize_t len = r->m->effects->read_config(
		r->m, r->f->slot, r->now, r->len < sizeof(r->now) ? r->len : sizeof(r->now), err);

	if (len < 0)
		return (int)len;
	r->now_len = (size_t)len;
	if (config_read32(r->now, r->now_len, PCI_VENDOR_ID) !=
		config_read32(r->saved, r->len, PCI_VENDOR_ID))
		return err_set(err, -ENODEV, "%s does not answer as the device that was saved",
			r->f->slot);
	return 0;
}

/* One pass over the registers of these turns; returns the first that differed, NULL if none did. */
static const struct config_register *pass(
	struct restore *r, enum config_turn first, enum config_turn last)
{
	const struct config_register *differed = NULL;

	for (size_t i = 0; i < r->count; i++) {
		const struct config_register *reg = &r->registers[i];
		uint32_t is = config_value(r->now, r->now_len, reg);
		uint32_t value = wanted(r->saved, r->len, reg);

		if (reg->turn < first || reg->turn > last || (is & reg->mask) == value)
			continue;
		differed = differed ? differed : reg;
		/* What fails differs in the next look too. */
		r->m->effects->write_config(r->m, r->f->slot, reg->offset, reg->width,
			value | (is & ~reg->mask & ~reg->clears), NULL);
	}
	return differed;
}

static int put_back(
	struct restore *r, enum config_turn first, enum config_turn last, struct err *err)
{
	const struct timespec ms = {.tv_nsec = 1000000};
	const struct config_register *differed;

	for (int i = 0;; i++) {
		int rc = look(r, err);

		if (rc < 0)
			return rc;
		if (i == TRIES)
			break;
		differed = pass(r, first, last);
		if (!differed)
			return 0;
		if (i)
			nanosleep(&ms, NULL);
	}
	return err_set(err, -EIO, "%s: %s stays 0x%x instead of 0x%x", r->f->slot, differed->name,
		config_value(r->now, r->now_len, differed) & differed->mask,
		wanted(r->saved, r->len, differed));
}

/* While addresses move the device must not answer to any. */
static int stop_decoding(struct restore *r, struct err *err)
{
	uint16_t command;
	int rc = look(r, err);

	if (rc < 0)
		return rc;
	command = config_read16(r->now, r->now_len, PCI_COMMAND);
	if (!(command & (PCI_COMMAND_IO | PCI_COMMAND_MEMORY)))
		return 0;
	return r->m->effects->write_config(r->m, r->f->slot, PCI_COMMAND, 2,
		command & (uint16_t) ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER),
		err);
}

int config_restore(struct machine *m, const struct pci_function *f, const uint8_t *saved,
	size_t len, struct err *err)
{
	struct restore r = {.m = m, .f = f, .saved = saved, .len = len};
	struct err first;
	int rc, later;

	r.count = config_registers(saved, len, r.registers);
	if (!r.count)
		return err_set(err, -EINVAL, "%s: nothing of it was saved", f->slot);
	rc = stop_decoding(&r, err);
	if (rc < 0)
		return rc;
	rc = put_back(&r, TURN_POWER, TURN_MSI, &first);
	if (rc == -EIO || rc == 0)
		later = put_back(&r, TURN_COMMAND, TURN_LAST, err);
	else
		later = rc;
	return rc < 0 ? err_set(err, rc, "%s", first.text) : later;
}
