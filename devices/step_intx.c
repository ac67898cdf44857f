// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An interrupt line has to be low before its driver lets go of it: freeing an interrupt whose line
 * is asserted leaves a request latched in the interrupt controller, which the next kernel is given
 * when it unmasks the pin, however still the device is by then.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/config_space.h"
#include "devices/log.h"
#include "devices/stillness.h"
#include "devices/step_parts.h"

#define PATH_SIZE 160
#define UIO "sys/bus/pci/drivers/uio_pci_generic"

/* 1 or 0, or a negative errno. */
static int asserts(struct machine *m, const struct pci_function *f, struct err *err)
{
	uint8_t config[256];
	ssize_t len = m->effects->read_config(m, f->slot, config, sizeof(config), err);

	return len < 0 ? (int)len : stillness_asserts_intx(config, (size_t)len);
}

/*
 * A remove() may wait for its own interrupt, so only a line that nobody services is forced low: one
 * that stays asserted through every look of the whole window. A handler that is alive acknowledges
 * in microseconds, a threaded one on a busy machine in a few milliseconds.
 */
#define INTX_WINDOW_MS 50

int step_intx(struct machine *m, const struct pci_function *f, struct err *err)
{
	for (int i = 0; i < INTX_WINDOW_MS; i++) {
		int rc = asserts(m, f, err);

		if (rc <= 0)
			return rc < 0 ? rc : 1;
		step_sleep_ms(1);
	}
	return command_set(m, f, 0, PCI_COMMAND_INTX_DISABLE, err);
}

static int write_device(struct machine *m, const struct pci_function *f, const char *attribute,
	const char *value, struct err *err)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/%s", f->slot, attribute);
	return m->effects->write_attr(m, path, value, err);
}

/* What stands in driver_override, to be written back: an empty line for none, which takes it back
 * (drivers/base/driver.c, driver_set_override). Nothing is allocated. */
static void read_override(struct machine *m, const struct pci_function *f, char *value, size_t size)
{
	char path[PATH_SIZE];
	ssize_t len = 0;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver_override", f->slot);
	_cleanup_fd_ int fd = openat(m->root_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		len = read(fd, value, size - 1);
	value[len < 0 ? 0 : len] = '\0';
	value[strcspn(value, "\n")] = '\0';
	if (!*value || !strcmp(value, "(null)"))
		snprintf(value, size, "\n");
}

/* How long uio_pci_generic may take to answer the interrupt that is waiting for it. */
#define UIO_ANSWER_MS 200

/*
 * After the fact there is one cure: somebody has to own the line while it is lowered. That is what
 * uio_pci_generic does: its handler sets INTx Disable (drivers/uio/uio_pci_generic.c, irqhandler),
 * inside the kernel, so that lockdown does not matter. It has to come before any reset.
 */
int step_uio(struct machine *m, const struct pci_function *f, struct err *err)
{
	int rc = asserts(m, f, NULL), answered = 0;
	char override[64];

	if (rc <= 0) /* what cannot be read is not asserting, and the proof says what it is */
		return 1;
	if (faccessat(m->root_fd, UIO "/bind", F_OK, 0) < 0)
		return err_set(err, -ENOENT,
			"its interrupt line stays asserted, and uio_pci_generic, which would lower "
			"it, is not loaded");
	read_override(m, f, override, sizeof(override));
	rc = write_device(m, f, "driver_override", "uio_pci_generic", err);
	if (rc == 0)
		rc = m->effects->write_attr(m, UIO "/bind", f->slot, err);
	for (int ms = 0; rc == 0 && ms < UIO_ANSWER_MS && !answered; ms++) {
		answered = asserts(m, f, NULL) <= 0;
		if (!answered)
			step_sleep_ms(1);
	}
	if (rc == 0)
		rc = m->effects->write_attr(m, UIO "/unbind", f->slot, err);
	write_device(m, f, "driver_override", override, NULL);
	if (rc < 0)
		return err_wrap(err, rc, "lower its interrupt line by uio_pci_generic");
	return answered ? 0
			: err_set(err, -EIO,
				  "its interrupt line stays asserted, also under uio_pci_generic");
}

static int may_need_uio(struct machine *m, const struct plan *plan, const struct plan_device *d)
{
	const struct pci_function *f = d->function;

	if (d->action != PLAN_QUIESCE || !(f->caps.has & PCI_HAS_INTX))
		return 0;
	if (!f->driver)
		return asserts(m, f, NULL) > 0;
	return plan->lockdown != PCI_LOCKDOWN_NONE &&
	       !(f->caps.has & (PCI_HAS_MSI_ON | PCI_HAS_MSIX_ON));
}

void uio_make_ready(struct machine *m, const struct plan *plan)
{
	const char *const modprobe[] = {"modprobe", "-q", "uio_pci_generic", NULL};
	struct err err;

	for (size_t i = 0; i < plan->count; i++) {
		if (!may_need_uio(m, plan, &plan->devices[i]))
			continue;
		if (faccessat(m->root_fd, UIO, F_OK, 0) < 0 &&
			m->effects->run(m, modprobe, &err) < 0)
			log_debug("no uio_pci_generic: %s", err.text);
		return;
	}
}
