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
/* From D3hot to D0 (PCIe Base Specification 5.9; drivers/pci/pci.h, PCI_PM_D3HOT_WAIT). */
#define WAKE_MS 10

/* Off before all else, in this order: the others take in D0 only, and while addresses move the
 * device must neither speak nor answer to any. */
static const struct {
	const char *name;
	uint32_t bits;      /* that do not come back either, whatever was saved */
	uint32_t meanwhile; /* that do */
} silenced[] = {
	{"Power Management Control", PCI_PM_CTRL_STATE_MASK, 0},
	{"MSI Control", PCI_MSI_FLAGS_ENABLE, 0},
	{"MSI-X Control", PCI_MSIX_FLAGS_ENABLE, 0},
	{"Command", PCI_COMMAND_MASTER, PCI_COMMAND_IO | PCI_COMMAND_MEMORY},
};

#define SILENCED (sizeof(silenced) / sizeof(*silenced))

struct restore {
	struct machine *m;
	const struct pci_function *f;
	const uint8_t *saved;
	size_t len;
	struct config_register registers[CONFIG_REGISTERS_MAX];
	size_t count;
	uint8_t now[CONFIG_SPACE_SIZE];
	size_t now_len;
	int homeless; /* an address did not take */
	int refused;  /* errno of the last round's first write that failed, 0 for none */
	struct err refusal;
};

static void sleep_ms(long ms)
{
	const struct timespec t = {.tv_nsec = ms * 1000000};

	nanosleep(&t, NULL);
}

static uint32_t wanted(const struct restore *r, const struct config_register *reg)
{
	uint32_t value = config_value(r->saved, r->len, reg) & reg->mask;

	for (size_t i = 0; i < SILENCED; i++)
		if (!strcmp(silenced[i].name, reg->name))
			value &= ~(silenced[i].bits | (r->homeless ? silenced[i].meanwhile : 0));
	return value;
}

static int look(struct restore *r, struct err *err)
{
	ssize_t len = r->m->effects->read_config(
		r->m, r->f->slot, r->now, r->len < sizeof(r->now) ? r->len : sizeof(r->now), err);

	if (len < 0)
		return (int)len;
	r->now_len = (size_t)len;
	if (config_read32(r->now, r->now_len, PCI_VENDOR_ID) !=
			config_read32(r->saved, r->len, PCI_VENDOR_ID) ||
		config_read8(r->now, r->now_len, PCI_HEADER_TYPE) !=
			config_read8(r->saved, r->len, PCI_HEADER_TYPE))
		return err_set(err, -ENODEV, "%s does not answer as the device that was saved",
			r->f->slot);
	return 0;
}

static int differs(const struct restore *r, const struct config_register *reg)
{
	return reg->turn != TURN_NEVER &&
	       (config_value(r->now, r->now_len, reg) & reg->mask) != wanted(r, reg);
}

/* The first register of these turns that differs, NULL if none does. */
static const struct config_register *first_difference(
	const struct restore *r, enum config_turn first, enum config_turn last)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct config_register *reg = &r->registers[i];

		if (reg->turn >= first && reg->turn <= last && differs(r, reg))
			return reg;
	}
	return NULL;
}

static int write_register(
	struct restore *r, const struct config_register *reg, uint32_t value, struct err *err)
{
	int rc = r->m->effects->write_config(r->m, r->f->slot, reg->offset, reg->width, value, err);

	return rc < 0 ? err_wrap(err, rc, "%s", reg->name) : 0;
}

/* One round over these turns. What fails differs in the next look too. */
static void write_back(struct restore *r, enum config_turn first, enum config_turn last)
{
	r->refused = 0;
	for (size_t i = 0; i < r->count; i++) {
		const struct config_register *reg = &r->registers[i];
		uint32_t rest = config_value(r->now, r->now_len, reg) & ~reg->mask & ~reg->clears;
		struct err why;
		int rc;

		if (reg->turn < first || reg->turn > last || !differs(r, reg))
			continue;
		rc = write_register(r, reg, wanted(r, reg) | rest, &why);
		if (rc < 0 && !r->refused) {
			r->refused = rc;
			r->refusal = why;
		}
	}
}

static int put_back(
	struct restore *r, enum config_turn first, enum config_turn last, struct err *err)
{
	const struct config_register *stays;

	for (int i = 0;; i++) {
		int rc = look(r, err);

		if (rc < 0)
			return rc;
		stays = first_difference(r, first, last);
		if (!stays)
			return 0;
		if (i == TRIES)
			break;
		write_back(r, first, last);
		if (r->refused == -EPERM) /* a locked-down kernel: no other write fares better */
			break;
		if (i)
			sleep_ms(1);
	}
	if (r->refused)
		return err_set(err, r->refused, "%s", r->refusal.text);
	return err_set(err, -EIO, "%s: %s stays 0x%x instead of 0x%x", r->f->slot, stays->name,
		config_value(r->now, r->now_len, stays) & stays->mask, wanted(r, stays));
}

static const struct config_register *find(const struct restore *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (!strcmp(r->registers[i].name, name))
			return &r->registers[i];
	return NULL;
}

static int silence(struct restore *r, struct err *err)
{
	for (size_t i = 0; i < SILENCED; i++) {
		const struct config_register *reg = find(r, silenced[i].name);
		uint32_t off = silenced[i].bits | silenced[i].meanwhile;
		uint32_t is = reg ? config_value(r->now, r->now_len, reg) : 0;
		int rc;

		if (!(is & off))
			continue;
		rc = write_register(r, reg, is & ~off & ~reg->clears, err);
		if (rc == 0 && reg->turn == TURN_POWER) {
			sleep_ms(WAKE_MS);
			rc = look(r, err); /* waking may have reset it */
		}
		if (rc < 0)
			return rc;
	}
	return 0;
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
	rc = look(&r, err);
	if (rc < 0 || !first_difference(&r, TURN_POWER, TURN_LAST))
		return rc;
	rc = silence(&r, err);
	if (rc < 0)
		return rc;
	rc = put_back(&r, TURN_POWER, TURN_MSI, &first);
	if (rc < 0 && rc != -EIO)
		return err_set(err, rc, "%s", first.text);
	/* At the wrong address it would answer to what is another's. */
	r.homeless = first_difference(&r, TURN_REBAR, TURN_REBAR) ||
		     first_difference(&r, TURN_HEADER, TURN_BARS);
	later = put_back(&r, TURN_COMMAND, TURN_LAST, err);
	return rc < 0 ? err_set(err, rc, "%s", first.text) : later;
}
