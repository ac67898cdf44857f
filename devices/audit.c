// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "devices/audit_file.h"
#include "devices/audit_kernel.h"
#include "devices/cleanup.h"
#include "devices/log.h"

#define BTF_MAX ((off_t)64 << 20)  /* bytes; 4 to 8 MiB are usual */
#define DEP_MAX ((size_t)16 << 20) /* bytes of modules.dep; 0.5 MiB are usual */

struct audit *audit_new(struct machine *m, void *ctx)
{
	struct audit *a = talloc_zero(ctx, struct audit);

	if (a)
		a->machine = m;
	return a;
}

static int read_layout(struct audit *a, struct err *err)
{
	static const char path[] = "sys/kernel/btf/vmlinux";
	_cleanup_fd_ int fd = openat(a->machine->root_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_talloc_ char *btf = NULL;
	struct stat st;
	ssize_t got = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, -errno, "open %s", path);
	if (!S_ISREG(st.st_mode) || st.st_size > BTF_MAX)
		return err_set(err, -EFBIG, "%s is too large", path);
	btf = talloc_array(a, char, (size_t)st.st_size);
	/* sysfs gives a page at a time (fs/kernfs/file.c, kernfs_file_read_iter) */
	while (btf && got < st.st_size) {
		ssize_t n = read(fd, btf + got, (size_t)(st.st_size - got));

		if (n <= 0)
			break;
		got += n;
	}
	if (!btf || got != st.st_size)
		return err_set(err, -EIO, "%s cannot be read", path);
	return audit_layout_from_btf(btf, (size_t)got, &a->kernel.layout, err);
}

/* What the kernel does not tell of itself is no error: then the module files have to do. */
const struct audit_kernel *audit_kernel(struct audit *a)
{
	struct err err;
	int rc;

	if (a->tried & TRIED_KERNEL)
		return a->kernel.version ? &a->kernel : NULL;
	a->tried |= TRIED_KERNEL;
	rc = machine_read_file(a->machine, a, "proc/sys/kernel/osrelease", 256, &a->release, &err);
	if (rc == 0)
		rc = read_layout(a, &err);
	if (rc < 0) {
		a->no_memory = talloc_strdup(a, err.text);
		return NULL;
	}
	a->kernel.version = a->release;
	return &a->kernel;
}

/* NULL if it cannot be read; a->no_memory says why. */
static struct audit_memory *memory(struct audit *a)
{
	const struct audit_kernel *kernel = audit_kernel(a);
	struct err err;

	if (!kernel || a->tried & TRIED_MEMORY)
		return a->memory;
	a->tried |= TRIED_MEMORY;
	if (audit_memory_open(a->machine, a, &kernel->layout, &a->memory, &err) < 0)
		a->no_memory = talloc_strdup(a, err.text);
	return a->memory;
}

/* Is this the path of the module, whose name has the underscores of lsmod? */
static int is_file_of(const char *path, const char *module)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
	size_t stem;

	if (!audit_is_module(file, &stem) || stem != strlen(module))
		return 0;
	for (size_t i = 0; i < stem; i++)
		if ((file[i] == '-' ? '_' : file[i]) != module[i])
			return 0;
	return 1;
}

/* The module's file, by modules.dep: "kernel/drivers/nvme/host/nvme.ko: kernel/...". */
static char *find_file(struct audit *a, const char *module, struct err *err)
{
	_cleanup_talloc_ char *path = NULL, *text = NULL;
	char *line, *rest;

	if (!a->release) {
		err_set(err, -ENOENT, "the kernel's version is not known");
		return NULL;
	}
	path = talloc_asprintf(a, "lib/modules/%s/modules.dep", a->release);
	if (!path || machine_read_file(a->machine, a, path, DEP_MAX, &text, err) < 0)
		return NULL;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		line[strcspn(line, ":")] = '\0';
		if (is_file_of(line, module))
			return talloc_asprintf(a, "lib/modules/%s/%s", a->release, line);
	}
	err_set(err, -ENOENT, "%s does not name the module %s", path, module);
	return NULL;
}

/* Of what the file has: the driver of this name, else the first that is unknown. */
static int choose(const struct audit_list *list, struct audit_driver *driver, struct err *err)
{
	const struct audit_driver *unknown = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct audit_driver *found = &list->drivers[i];

		if (!found->name) {
			unknown = unknown ? unknown : found;
		} else if (!strcmp(found->name, driver->name)) {
			driver->remove = found->remove;
			driver->shutdown = found->shutdown;
			return 0;
		}
	}
	return err_set(err, -ENOENT, "the file of the module %s does not tell: %s", driver->module,
		unknown ? unknown->why : "it registers no driver of this name");
}

static int read_file(struct audit *a, struct audit_driver *driver, struct err *err)
{
	_cleanup_talloc_ struct audit_list *list = talloc_zero(a, struct audit_list);
	_cleanup_talloc_ char *path = find_file(a, driver->module, err);
	struct audit_buffer buffer;
	const void *bytes;
	size_t size;
	int rc;

	if (!path || !list)
		return -ENOENT;
	rc = audit_buffer_open(&buffer, err);
	if (rc < 0)
		return rc;
	rc = audit_file_read(&buffer, a->machine->root_fd, path, &bytes, &size, err);
	if (rc == 0)
		rc = audit_elf(bytes, size, driver->module, audit_kernel(a), list);
	audit_buffer_close(&buffer);
	return rc < 0 ? rc : choose(list, driver, err);
}

/* Its module; NULL for a built-in driver, whose link leads to a module that was never loaded. */
static const char *module_of(struct audit *a, const char *name)
{
	char path[256];
	const char *module;

	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%s/module", name);
	module = machine_link_name(a->machine, a, path);
	if (!module)
		return NULL;
	/* kernel/module/sysfs.c: only loaded ones have it */
	snprintf(path, sizeof(path), "sys/module/%s/coresize", module);
	return faccessat(a->machine->root_fd, path, F_OK, 0) == 0 ? module : NULL;
}

static const char *why(struct audit *a, const struct audit_driver *driver, const struct err *err)
{
	const char *no_memory = a->memory      ? "no symbol in proc/kallsyms is this driver"
				: a->no_memory ? a->no_memory
					       : "the kernel does not tell";

	if (!driver->module)
		return talloc_asprintf(a, "built in: %s", no_memory);
	return talloc_asprintf(a, "%s; %s", no_memory, err->text);
}

void audit_driver(struct audit *a, const char *name, struct audit_driver *driver)
{
	struct err err = {""};

	*driver = (struct audit_driver){.name = talloc_strdup(a, name),
		.module = module_of(a, name),
		.remove = AUDIT_UNKNOWN,
		.shutdown = AUDIT_UNKNOWN};
	if (memory(a) &&
		audit_memory_read(a->memory, name, &driver->remove, &driver->shutdown) == 0)
		driver->source = AUDIT_FROM_MEMORY;
	else if (driver->module && read_file(a, driver, &err) == 0)
		driver->source = AUDIT_FROM_MODULE;
	else
		driver->why = why(a, driver, &err);
}

static enum pci_answer answer(enum audit_answer a)
{
	return a == AUDIT_UNKNOWN ? PCI_UNKNOWN : a == AUDIT_YES ? PCI_YES : PCI_NO;
}

/* One driver often has many functions, and they stand together: the last answer is kept. */
void audit_functions(struct audit *a, struct pci_snapshot *s)
{
	struct audit_driver driver = {.name = ""};

	for (size_t i = 0; i < s->count; i++) {
		struct pci_function *f = &s->functions[i];

		if (!f->driver)
			continue;
		if (!driver.name || strcmp(driver.name, f->driver))
			audit_driver(a, f->driver, &driver);
		f->has_remove = answer(driver.remove);
		f->has_shutdown = answer(driver.shutdown);
	}
}
