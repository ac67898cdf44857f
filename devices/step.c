// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/step.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "devices/config_space.h"
#include "devices/stillness.h"

#define PATH_SIZE 160

static int unbind(struct machine *m, const struct pci_function *f, struct err *err)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%.64s/unbind", f->driver);
	return m->effects->write_attr(m, path, f->slot, err);
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
	int rc;

	snprintf(which, sizeof(which), "sys/bus/pci/devices/%s/reset_method", f->slot);
	snprintf(trigger, sizeof(trigger), "sys/bus/pci/devices/%s/reset", f->slot);
	rc = m->effects->write_attr(m, which, method, err);
	if (rc == -EINVAL)
		return err_set(err, rc, "the kernel offers no reset by %s here (EINVAL)", method);
	if (rc < 0 && rc != -ENOENT) /* before Linux 5.15 there is only the default order */
		return rc;
	rc = m->effects->write_attr(m, trigger, "1", err);
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

static int command_set(struct machine *m, const struct pci_function *f, uint16_t clear,
	uint16_t set, struct err *err)
{
	uint8_t config[64];
	ssize_t len = m->effects->read_config(m, f->slot, config, sizeof(config), err);
	uint16_t command;

	if (len < 0)
		return (int)len;
	command = config_read16(config, (size_t)len, PCI_COMMAND);
	if (config_read16(config, (size_t)len, PCI_VENDOR_ID) == 0xffff)
		return err_set(err, -EIO, "%s does not answer", f->slot);
	return m->effects->write_config(
		m, f->slot, PCI_COMMAND, 2, (uint16_t)((command & ~clear) | set), err);
}

static int mask(struct machine *m, const struct pci_function *f, struct err *err)
{
	return command_set(m, f, PCI_COMMAND_MASTER, PCI_COMMAND_INTX_DISABLE, err);
}

/*
 * The line has to be low before its driver lets go of it: freeing an interrupt whose line is
 * asserted leaves a request latched in the interrupt controller, which the next kernel is given
 * when it unmasks the pin, however still the device is by then. But a remove() may wait for its
 * own interrupt, so only a line that nobody services is forced low: one that stays asserted
 * through every look of the whole window. A handler that is alive acknowledges in microseconds, a
 * threaded one on a busy machine in a few milliseconds.
 */
#define INTX_WINDOW_MS 50

static int intx(struct machine *m, const struct pci_function *f, struct err *err)
{
	const struct timespec ms = {.tv_nsec = 1000000};
	uint8_t config[256];

	for (int i = 0; i < INTX_WINDOW_MS; i++) {
		ssize_t len = m->effects->read_config(m, f->slot, config, sizeof(config), err);

		if (len < 0)
			return (int)len;
		if (!stillness_asserts_intx(config, (size_t)len))
			return 1;
		nanosleep(&ms, NULL);
	}
	return command_set(m, f, 0, PCI_COMMAND_INTX_DISABLE, err);
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
	[STEP_UNBIND] = unbind,
	[STEP_FLR] = flr,
	[STEP_PM] = pm,
	[STEP_BUS] = bus,
	[STEP_MASK] = mask,
	[STEP_INTX] = intx,
};

int step_run(struct machine *m, const struct pci_function *f, enum step step, struct err *err)
{
	return steps[step](m, f, err);
}
