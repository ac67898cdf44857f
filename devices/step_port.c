// SPDX-License-Identifier: GPL-2.0-or-later
/* Resets of everything below the port above a function. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>

#include "devices/clock.h"
#include "devices/config_restore.h"
#include "devices/config_space.h"
#include "devices/port_guard.h"
#include "devices/step_parts.h"

#define PATH_SIZE 160

/* The kernel takes the locks of all functions below or gives up (drivers/pci/pci.c,
 * pci_bus_trylock); who holds one, say somebody who reads an attribute, holds it for moments. */
#define LOCK_MS 5000

static int write_until_free(struct machine *m, const char *path, struct err *err)
{
	uint64_t end = clock_now_us() + LOCK_MS * 1000ULL;
	int rc;

	do {
		rc = m->effects->write_attr(m, path, "1", err);
		if (rc == -EAGAIN)
			step_sleep_ms(10);
	} while (rc == -EAGAIN && clock_now_us() < end);
	return rc;
}

/* A reset waits a minute for what does not answer. */
static int all_answer(struct machine *m, const struct pci_function *port, struct err *err)
{
	int rc = 0;

	for (const struct pci_function *f = port->child; f && rc == 0; f = f->sibling)
		rc = f->physical ? 0 : step_answers(m, f, err);
	return rc;
}

int step_subordinate(struct machine *m, const struct pci_function *f, struct err *err)
{
	struct port_guard guard;
	char path[PATH_SIZE];
	int rc = all_answer(m, f->parent, err);

	if (rc == 0 && port_guard_is_needed(f->parent))
		rc = port_guard_begin(m, f->parent, &guard, err);
	if (rc < 0)
		return rc;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/reset_subordinate", f->parent->slot);
	rc = write_until_free(m, path, err);
	if (port_guard_is_needed(f->parent))
		port_guard_end(m, f->parent, &guard);
	if (rc == -ENOTTY)
		return err_set(err, rc, "the kernel does not call the reset done (ENOTTY)");
	return rc;
}

/*
 * PCI Local Bus Specification 3.0, 4.3.2: reset is held for at least 1 ms; the kernel doubles that
 * (drivers/pci/pci.c, pci_reset_secondary_bus). PCIe Base Specification 6.6.1: 100 ms from its end
 * to the first request; until a second is over a device may answer "request retry status", and the
 * kernel gives it 60 s (PCIE_RESET_READY_POLL_MS).
 */
#define RESET_HELD_MS 2
#define RESET_SETTLE_MS 100
#define RESET_READY_MS 60000

/* Of the step's time a seventh is for putting back what came back: who waits for it goes on then. */
static unsigned int ready_ms(unsigned int deadline_ms)
{
	unsigned int ms = deadline_ms / 7 * 6;

	return ms && ms < RESET_READY_MS ? ms : RESET_READY_MS;
}

static int bridge_control(
	struct machine *m, const struct pci_function *port, uint16_t value, struct err *err)
{
	return m->effects->write_config(m, port->slot, PCI_BRIDGE_CONTROL, 2, value, err);
}

static int toggle(struct machine *m, const struct pci_function *port, struct err *err)
{
	uint8_t config[64];
	ssize_t len = m->effects->read_config(m, port->slot, config, sizeof(config), err);
	uint16_t control;
	int rc;

	if (len < 0)
		return (int)len;
	if (len < (ssize_t)sizeof(config))
		return err_set(err, -EIO, "port %s cannot be read", port->slot);
	control = config_read16(config, sizeof(config), PCI_BRIDGE_CONTROL);
	rc = bridge_control(m, port, control | PCI_BRIDGE_CTL_BUS_RESET, err);
	if (rc < 0)
		return rc;
	step_sleep_ms(RESET_HELD_MS);
	for (int i = 0; i < 3; i++) { /* held in reset for ever nothing below would ever answer */
		rc = bridge_control(m, port, control & (uint16_t)~PCI_BRIDGE_CTL_BUS_RESET, err);
		if (rc == 0)
			break;
	}
	return rc;
}

/* Poll until the function answers with its own id: 0xffff is nothing, 0x0001 is request retry status
 * made visible (PCIe Base Specification 2.3.2). */
static int wait_ready(
	struct machine *m, const struct pci_function *f, uint64_t end_us, struct err *err)
{
	unsigned int pause = 1;

	for (;;) {
		uint8_t config[4];
		ssize_t len = m->effects->read_config(m, f->slot, config, sizeof(config), err);

		if (len < 0)
			return (int)len;
		if (config_read16(config, (size_t)len, PCI_VENDOR_ID) == f->vendor)
			return 0;
		if (clock_now_us() >= end_us)
			return err_set(
				err, -ENOTTY, "%s does not come back after the reset", f->slot);
		step_sleep_ms(pause);
		pause = pause < 1000 ? pause * 2 : pause;
	}
}

/* What is saved of the functions below a port. */
struct saved {
	const struct pci_function *function;
	uint8_t config[CONFIG_SPACE_SIZE];
	size_t len;
};

static int save(struct machine *m, const struct pci_function *port, struct saved *saved,
	size_t *count, struct err *err)
{
	*count = 0;
	for (const struct pci_function *f = port->child; f; f = f->sibling) {
		struct saved *s = &saved[*count];
		ssize_t len;

		if (f->physical) /* it is gone by now */
			continue;
		if (*count == STEP_SBR_MAX)
			return err_set(err, -E2BIG, "more than %d functions are below port %s",
				STEP_SBR_MAX, port->slot);
		len = m->effects->read_config(m, f->slot, s->config, sizeof(s->config), err);
		if (len < 0)
			return (int)len;
		s->function = f;
		s->len = (size_t)len;
		++*count;
	}
	return 0;
}

/* All of them, also after one fails: each is one more that works in the next kernel. They come back
 * side by side, so what does not has had its time when the first one has. */
static int restore(struct machine *m, const struct saved *saved, size_t count, uint64_t end_us,
	struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < count; i++) {
		const struct saved *s = &saved[i];
		struct err why;
		int one = wait_ready(m, s->function, end_us, &why);

		if (one == 0)
			one = config_restore(m, s->function, s->config, s->len, &why);
		if (one < 0 && rc == 0)
			rc = err_set(err, one, "%s", why.text);
	}
	return rc;
}

/* A port may forget LTR Enable when its link goes down (PCIe Base Specification 7.5.3.16), and then
 * what stands below it must not send such messages (drivers/pci/pci.c, pci_bridge_reconfigure_ltr).
 */
static void keep_ltr(struct machine *m, const struct pci_function *port)
{
	unsigned int at = config_find_capability(port->config, port->config_len, PCI_CAP_ID_EXP);
	uint8_t config[256];
	ssize_t len = m->effects->read_config(m, port->slot, config, sizeof(config), NULL);
	uint16_t was, is;

	at += PCI_EXP_DEVCTL2;
	if (at == PCI_EXP_DEVCTL2 || len < (ssize_t)at + 2 || port->config_len < at + 2)
		return;
	was = config_read16(port->config, port->config_len, at);
	is = config_read16(config, (size_t)len, at);
	if (was & PCI_EXP_DEVCTL2_LTR_EN && !(is & PCI_EXP_DEVCTL2_LTR_EN))
		m->effects->write_config(m, port->slot, at, 2, is | PCI_EXP_DEVCTL2_LTR_EN, NULL);
}

int step_sbr(
	struct machine *m, const struct pci_function *f, unsigned int deadline_ms, struct err *err)
{
	uint64_t end_us = clock_now_us() + ready_ms(deadline_ms) * 1000ULL;
	struct saved saved[STEP_SBR_MAX];
	struct port_guard guard;
	size_t count = 0;
	int rc = all_answer(m, f->parent, err);

	if (rc == 0)
		rc = save(m, f->parent, saved, &count, err);
	if (rc == 0)
		rc = port_guard_begin(m, f->parent, &guard, err);
	if (rc < 0)
		return rc;
	rc = toggle(m, f->parent, err);
	if (rc == 0) {
		step_sleep_ms(RESET_SETTLE_MS);
		keep_ltr(m, f->parent);
		rc = restore(m, saved, count, end_us, err);
	}
	port_guard_end(m, f->parent, &guard);
	return rc;
}

/* Off takes the card's functions away, on finds them again and binds drivers
 * (drivers/pci/hotplug/pciehp_ctrl.c, pciehp_sysfs_disable_slot and _enable_slot); each waits until
 * that is done. Every function lets go again, also after one of them does not. */
int step_power(struct machine *m, const struct pci_function *f, struct err *err)
{
	char path[PATH_SIZE];
	struct err second;
	int rc, first;

	snprintf(path, sizeof(path), "sys/bus/pci/slots/%.64s/power", f->hotplug_slot);
	rc = m->effects->write_attr(m, path, "0", err);
	if (rc == 0)
		rc = m->effects->write_attr(m, path, "1", err);
	if (rc < 0)
		return rc;
	first = step_unbind_any(m, f->slot, err);
	for (const struct pci_function *o = f->parent->child; o; o = o->sibling) {
		if (o == f || o->physical)
			continue;
		rc = step_unbind_any(m, o->slot, first < 0 ? &second : err);
		first = first < 0 ? first : rc;
	}
	return first;
}
