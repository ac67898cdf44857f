// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/step.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "devices/config_restore.h"
#include "devices/config_space.h"
#include "devices/step_parts.h"

#define PATH_SIZE 160

/* A driver that is gone with its module (-ENOENT), or has not got the device any more (-ENODEV), may
 * have been followed by another. Nobody bound is -ENODEV. */
static int unbind(struct machine *m, const struct pci_function *f, struct err *err)
{
	char path[PATH_SIZE];
	int rc;

	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%.64s/unbind", f->driver);
	rc = m->effects->write_attr(m, path, f->slot, err);
	if (rc != -ENOENT && rc != -ENODEV)
		return rc;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver", f->slot);
	if (faccessat(m->root_fd, path, F_OK, 0) < 0)
		return err_set(err, -ENODEV, "%s has no driver any more", f->slot);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver/unbind", f->slot);
	return m->effects->write_attr(m, path, f->slot, err);
}

int step_unbind_any(struct machine *m, const char *slot, struct err *err)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%.15s/driver/unbind", slot);
	if (faccessat(m->root_fd, path, F_OK, 0) < 0)
		return 0;
	return m->effects->write_attr(m, path, slot, err);
}

int step_answers(struct machine *m, const struct pci_function *f, struct err *err)
{
	uint8_t config[64];
	ssize_t len = m->effects->read_config(m, f->slot, config, sizeof(config), err);

	if (len < 0)
		return (int)len;
	return config_read32(config, (size_t)len, PCI_COMMAND) == 0xffffffff
		       ? err_set(err, -ENODEV, "%s does not answer", f->slot)
		       : 0;
}

/*
 * Restrict the function to one reset method, reset, and give it back its default order. The list
 * that reset_method shows was made before the siblings were there: what counts is whether the
 * write is taken (drivers/pci/pci.c, reset_method_store).
 */
static int reset_by(
	struct machine *m, const struct pci_function *f, const char *method, struct err *err)
{
	char which[PATH_SIZE], trigger[PATH_SIZE];
	int rc = step_answers(m, f, err);

	if (rc < 0) /* the kernel would wait a minute for it to come back, with its lock held */
		return rc;
	snprintf(which, sizeof(which), "sys/bus/pci/devices/%s/reset_method", f->slot);
	snprintf(trigger, sizeof(trigger), "sys/bus/pci/devices/%s/reset", f->slot);
	rc = m->effects->write_attr(m, which, method, err);
	if (rc == -EINVAL)
		return err_set(err, rc, "the kernel offers no reset by %s here (EINVAL)", method);
	if (rc < 0 && rc != -ENOENT) /* before Linux 5.15 there is only the default order */
		return rc;
	rc = m->effects->write_attr(m, trigger, "1", err);
	/* As it was, if the kernel still takes that; its list may have lost a method meanwhile. */
	if (!f->reset_method || m->effects->write_attr(m, which, f->reset_method, NULL) < 0)
		m->effects->write_attr(m, which, "default", NULL);
	if (rc == -ENOTTY)
		return err_set(err, rc, "the kernel does not call the reset done (ENOTTY)");
	return rc;
}

static int flr(struct machine *m, const struct pci_function *f, struct err *err)
{
	if (f->resets & PCI_RESET_DEVICE_SPECIFIC)
		return reset_by(m, f, "device_specific", err);
	return reset_by(m, f, f->resets & PCI_RESET_FLR ? "flr" : "af_flr", err);
}

static int pm(struct machine *m, const struct pci_function *f, struct err *err)
{
	return reset_by(m, f, "pm", err);
}

static int bus(struct machine *m, const struct pci_function *f, struct err *err)
{
	return reset_by(m, f, "bus", err);
}

int command_set(struct machine *m, const struct pci_function *f, uint16_t clear, uint16_t set,
	struct err *err)
{
	uint8_t config[64];
	ssize_t len = m->effects->read_config(m, f->slot, config, sizeof(config), err);
	uint16_t command;

	if (len < 0)
		return (int)len;
	if (config_read32(config, (size_t)len, PCI_COMMAND) == 0xffffffff)
		return err_set(err, -EIO, "%s does not answer", f->slot);
	command = config_read16(config, (size_t)len, PCI_COMMAND);
	return m->effects->write_config(
		m, f->slot, PCI_COMMAND, 2, (uint16_t)((command & ~clear) | set), err);
}

void step_sleep_ms(unsigned int ms)
{
	const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	nanosleep(&t, NULL);
}

/* Clear bits of a 16-bit register of a capability, where the function has it and they are set. */
static int clear_in_capability(struct machine *m, const struct pci_function *f, uint8_t id,
	unsigned int offset, uint16_t bits, struct err *err)
{
	uint8_t config[256];
	ssize_t len = m->effects->read_config(m, f->slot, config, sizeof(config), err);
	unsigned int at;
	uint16_t value;

	if (len < 0)
		return (int)len;
	at = config_find_capability(config, (size_t)len, id);
	value = config_read16(config, (size_t)len, at + offset);
	if (!at || at + offset + 2 > (size_t)len || !(value & bits))
		return 0;
	return m->effects->write_config(m, f->slot, at + offset, 2, (uint16_t)(value & ~bits), err);
}

/* Bus master first: it carries the messages of MSI too. */
static int mask(struct machine *m, const struct pci_function *f, struct err *err)
{
	int rc = command_set(m, f, PCI_COMMAND_MASTER, PCI_COMMAND_INTX_DISABLE, err);

	if (rc == 0)
		rc = clear_in_capability(
			m, f, PCI_CAP_ID_MSI, PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE, err);
	if (rc == 0)
		rc = clear_in_capability(
			m, f, PCI_CAP_ID_MSIX, PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE, err);
	return rc;
}

/* A driver that cleans up nothing leaves its device enabled, and every reset of the kernel's turns
 * bus master on again. This is how the kernel is told otherwise, locked down or not
 * (drivers/pci/pci-sysfs.c, enable_store). */
static int disable(struct machine *m, const struct pci_function *f, struct err *err)
{
	char path[PATH_SIZE];
	int rc;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/enable", f->slot);
	rc = m->effects->write_attr(m, path, "0", err);
	if (rc != -EIO)
		return rc;
	/* Not enabled by anybody of this kernel: then it has to be, to be disabled. */
	rc = m->effects->write_attr(m, path, "1", err);
	return rc < 0 ? rc : m->effects->write_attr(m, path, "0", err);
}

/* So that the next kernel finds what the firmware would have left. */
static int restore(struct machine *m, const struct pci_function *f, struct err *err)
{
	if (!f->baseline)
		return err_set(err, -ENOENT, "%s has no baseline", f->slot);
	return config_restore(m, f, f->baseline->config, f->baseline->config_len, err);
}

/* The kernel takes the functions away and unbinds what is bound to them. */
static int vfs(struct machine *m, const struct pci_function *f, struct err *err)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/sriov_numvfs", f->slot);
	return m->effects->write_attr(m, path, "0", err);
}

int step_hold(struct machine *m, const struct pci_function *f, struct err *err)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/power/control", f->slot);
	if (faccessat(m->root_fd, path, F_OK, 0) < 0)
		return 0;
	return m->effects->write_attr(m, path, "on", err);
}

static int (*const steps[STEP_COUNT])(
	struct machine *m, const struct pci_function *f, struct err *err) = {
	[STEP_VFS] = vfs,
	[STEP_UNBIND] = unbind,
	[STEP_FLR] = flr,
	[STEP_PM] = pm,
	[STEP_BUS] = bus,
	[STEP_SUBORDINATE] = step_subordinate,
	[STEP_POWER] = step_power,
	[STEP_DISABLE] = disable,
	[STEP_RESTORE] = restore,
	[STEP_MASK] = mask,
	[STEP_INTX] = step_intx,
	[STEP_UIO] = step_uio,
};

int step_run(struct machine *m, const struct pci_function *f, enum step step,
	unsigned int deadline_ms, struct err *err)
{
	if (step == STEP_SBR)
		return step_sbr(m, f, deadline_ms, err);
	return steps[step](m, f, err);
}
