// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of vendors, devices and classes: libpci reads pci.ids, compressed or not. */
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <talloc.h>

#include "devices/log.h"
#include "devices/pci.h"

/*
 * libpci reports what it cannot cope with through a callback that must not return and has no room
 * for a pointer of ours. So this one pointer stands at file scope; it is set only while names are
 * looked up.
 */
static jmp_buf *lookup_failed;

__attribute__((noreturn, format(printf, 1, 2))) static void on_error(char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_debug("libpci: %s", text);
	longjmp(*lookup_failed, 1);
}

__attribute__((format(printf, 1, 2))) static void on_warning(char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_debug("libpci: %s", text);
}

static struct pci_access *access_new(struct machine *m, char *path, size_t size)
{
	struct pci_access *access = pci_alloc();

	access->error = on_error;
	access->warning = on_warning;
	access->debug = on_warning;
	access->method = PCI_ACCESS_SYS_BUS_PCI;
	snprintf(path, size, "%s/sys/bus/pci", m->root);
	pci_set_param(access, "sysfs.path", path);
	/* Names come from pci.ids alone: libpci 3.9 leaks where there is no hwdb. */
	pci_set_param(access, "hwdb.disable", "1");
	pci_init(access);
	return access;
}

static const char *name(struct pci_access *access, void *ctx, int what, int id1, int id2)
{
	char buf[128];
	char *text = pci_lookup_name(
		access, buf, sizeof(buf), what | PCI_LOOKUP_NO_NUMBERS, id1, id2);

	return text ? talloc_strdup(ctx, text) : NULL;
}

/* When libpci jumps out only what it owns is lost. */
void pci_name_functions(struct machine *m, struct pci_snapshot *s)
{
	char path[4096];
	struct pci_access *volatile access;
	jmp_buf failed;

	if (!s->count)
		return;
	lookup_failed = &failed;
	if (!setjmp(failed)) {
		access = access_new(m, path, sizeof(path));
		for (size_t i = 0; i < s->count; i++) {
			struct pci_function *f = &s->functions[i];

			f->vendor_name = name(access, s, PCI_LOOKUP_VENDOR, f->vendor, 0);
			f->device_name = name(access, s, PCI_LOOKUP_DEVICE, f->vendor, f->device);
			f->class_name = name(access, s, PCI_LOOKUP_CLASS, (int)(f->class >> 8), 0);
		}
		pci_cleanup(access);
	}
	lookup_failed = NULL;
}
