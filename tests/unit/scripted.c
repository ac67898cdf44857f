// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/scripted.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

static struct scripted *of(struct machine *m)
{
	return m->state; /* a session has a copy of the machine */
}

static int begins(const char *line, const char *beginning)
{
	return beginning && !strncmp(line, beginning, strlen(beginning));
}

__attribute__((format(printf, 2, 3))) static int record(struct scripted *s, const char *fmt, ...)
{
	size_t at = __atomic_fetch_add(&s->log_count, 1, __ATOMIC_SEQ_CST);
	va_list ap;

	if (at >= SCRIPTED_LOG_MAX)
		abort();
	va_start(ap, fmt);
	vsnprintf(s->log[at], sizeof(s->log[at]), fmt, ap);
	va_end(ap);
	while (begins(s->log[at], s->hangs))
		pause();
	if (begins(s->log[at], s->slow))
		usleep(300000);
	if (begins(s->log[at], s->kills))
		_exit(1);
	return at + 1 == s->fail_at ? -EIO : 0;
}

static struct scripted_function *find(struct scripted *s, const char *slot)
{
	for (size_t i = 0; i < s->function_count; i++)
		if (!strcmp(s->functions[i].slot, slot))
			return &s->functions[i];
	return NULL;
}

static void set_command(struct scripted_function *f, uint16_t clear, uint16_t set)
{
	uint16_t command = (uint16_t)(f->config[PCI_COMMAND] | f->config[PCI_COMMAND + 1] << 8);

	command = (uint16_t)((command & ~clear) | set);
	f->config[PCI_COMMAND] = (uint8_t)command;
	f->config[PCI_COMMAND + 1] = (uint8_t)(command >> 8);
}

static void asserts_until_reset(struct scripted_function *f)
{
	f->config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
}

static void slow(const struct scripted_function *f)
{
	if (f->traits & TRAIT_STEP_SLOW)
		usleep(200000);
}

static int unbind(struct scripted_function *f)
{
	if (!f->bound)
		return -ENODEV;
	while (f->traits & TRAIT_UNBIND_HANGS)
		pause();
	if (f->traits & TRAIT_UNBIND_SLOW)
		usleep(300000);
	if (f->traits & TRAIT_UNBIND_SLOWER)
		usleep(600000);
	slow(f);
	if (f->traits & TRAIT_UNBIND_KILLS)
		_exit(1);
	if (f->traits & TRAIT_UNBIND_REFUSED)
		return -EPERM;
	f->bound = 0;
	if (f->traits & TRAIT_UNPLUGGED)
		f->slot[0] = '\0';
	if (!(f->traits & (TRAIT_LAZY_REMOVE | TRAIT_STUBBORN)))
		set_command(f, PCI_COMMAND_MASTER, 0);
	return 0;
}

static void reset(struct scripted_function *f)
{
	if (f->bound)
		abort(); /* what must never happen */
	slow(f);
	f->resets++;
	asserts_until_reset(f);
	if (!(f->traits & TRAIT_STUBBORN))
		set_command(f, PCI_COMMAND_MASTER, 0);
}

static const struct pci_function *in_snapshot(const struct scripted *s, const char *slot)
{
	for (size_t i = 0; s->snapshot && i < s->snapshot->count; i++)
		if (!strcmp(s->snapshot->functions[i].slot, slot))
			return &s->snapshot->functions[i];
	return NULL;
}

/* Everything below the port, whatever way the reset takes. */
static int reset_below(struct scripted *s, const struct pci_function *port)
{
	unsigned char *resets = &s->port_resets[port - s->snapshot->functions];
	int rc = 0;

	for (const struct pci_function *f = port->child; f; f = f->sibling) {
		struct scripted_function *sf = find(s, f->slot);

		if (sf && sf->bound)
			abort();
		if (sf && sf->traits & (TRAIT_NO_BUS | TRAIT_RESET_FAILS))
			return -ENOTTY;
		if (sf && sf->traits & TRAIT_PORT_FAILS)
			rc = -ENOTTY;
	}
	if (rc < 0) {
		usleep(120000);
		return rc;
	}
	if (++*resets > 1)
		abort();
	for (const struct pci_function *f = port->child; f; f = f->sibling)
		if (find(s, f->slot))
			reset(find(s, f->slot));
	return 0;
}

static int reset_one(struct scripted *s, struct scripted_function *sf)
{
	const struct pci_function *f = in_snapshot(s, sf->slot);

	if (!strcmp(sf->method, "bus") && f && f->parent)
		return reset_below(s, f->parent);
	if (sf->traits & TRAIT_RESET_FAILS)
		return -ENOTTY;
	reset(sf);
	return 0;
}

/* The kernel unbinds them first, and so should have we. */
static int take_vfs_away(struct scripted *s, const char *slot)
{
	for (size_t i = 0; s->snapshot && i < s->snapshot->count; i++) {
		const struct pci_function *f = &s->snapshot->functions[i];
		struct scripted_function *sf = find(s, f->slot);

		if (!f->physical || strcmp(f->physical->slot, slot) || !sf)
			continue;
		if (sf->bound)
			abort();
		sf->slot[0] = '\0';
	}
	return 0;
}

static int choose_method(struct scripted_function *f, const char *method)
{
	if (f->traits & TRAIT_NO_BUS && !strcmp(method, "bus"))
		return -EINVAL;
	snprintf(f->method, sizeof(f->method), "%s", method);
	return 0;
}

/* uio_pci_generic: whoever asserts is answered, and masked. */
static int bind(struct scripted_function *f, int to_uio)
{
	if (f->bound || f->under_uio)
		return -EBUSY;
	if (!to_uio) {
		f->bound = 1;
		set_command(f, PCI_COMMAND_INTX_DISABLE, PCI_COMMAND_MASTER);
		return 0;
	}
	f->under_uio = 1;
	if (f->config[PCI_STATUS] & PCI_STATUS_INTERRUPT)
		set_command(f, 0, PCI_COMMAND_INTX_DISABLE);
	return 0;
}

static int write_driver(struct scripted *s, const char *path, const char *value)
{
	int to_uio = strstr(path, "uio_pci_generic") != NULL;
	struct scripted_function *f = find(s, value);

	if (!f)
		return -ENODEV;
	if (!strcmp(strrchr(path, '/'), "/bind"))
		return bind(f, to_uio);
	if (f->traits & TRAIT_DRIVER_GONE) {
		f->bound = 0;
		return -ENOENT;
	}
	if (!to_uio)
		return f->traits & TRAIT_DRIVER_CHANGED ? -ENODEV : unbind(f);
	f->under_uio = 0;
	return 0;
}

/* The kernel disables only what a driver enabled. */
static int enable(struct scripted_function *f, const char *value)
{
	if (f->bound)
		return -EBUSY;
	if (*value == '1') {
		f->enabled = 1;
		return 0;
	}
	if (!(f->traits & TRAIT_LAZY_REMOVE) && !f->enabled)
		return -EIO;
	f->enabled = 0;
	set_command(f, PCI_COMMAND_MASTER, 0);
	return 0;
}

static int write_device(struct scripted *s, const char *slot, const char *name, const char *value)
{
	struct scripted_function *f = find(s, slot);
	const struct pci_function *bridge = in_snapshot(s, slot);

	if (!strcmp(name, "reset_subordinate"))
		return bridge ? reset_below(s, bridge) : -ENOENT;
	if (!strcmp(name, "control"))
		while (f && f->traits & TRAIT_HELD)
			pause();
	if (!f)
		return strcmp(name, "control") ? -ENOENT : 0;
	if (!strcmp(name, "reset_method"))
		return choose_method(f, value);
	if (!strcmp(name, "reset"))
		return reset_one(s, f);
	if (!strcmp(name, "unbind"))
		return unbind(f);
	if (!strcmp(name, "enable"))
		return enable(f, value);
	if (!strcmp(name, "sriov_numvfs"))
		return f->traits & TRAIT_KEEPS_VFS ? -EBUSY : take_vfs_away(s, slot);
	return 0;
}

static int write_attr(struct machine *m, const char *path, const char *value, struct err *err)
{
	struct scripted *s = of(m);
	char slot[PCI_SLOT_MAX] = "";
	int rc = record(s, "write %s %s", path, value);

	if (rc < 0)
		return err_errno(err, rc, "scripted write to %s", path);
	if (!strncmp(path, "sys/bus/pci/drivers/", 20))
		rc = write_driver(s, path, value);
	else if (sscanf(path, "sys/bus/pci/devices/%15[^/]", slot) == 1)
		rc = write_device(s, slot, strrchr(path, '/') + 1, value);
	return rc < 0 ? err_errno(err, rc, "write \"%s\" to %s", value, path) : 0;
}

static ssize_t read_config(
	struct machine *m, const char *slot, void *buf, size_t size, struct err *err)
{
	struct scripted_function *f = find(of(m), slot);

	if (!f)
		return err_errno(err, -ENOENT, "open config of %s", slot);
	if (f->traits & TRAIT_SERVICED && ++f->looks == 10)
		f->config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
	size = size < f->config_size ? size : f->config_size;
	memcpy(buf, f->config, size);
	return (ssize_t)size;
}

static int write_config(struct machine *m, const char *slot, unsigned int offset,
	unsigned int width, uint32_t value, struct err *err)
{
	struct scripted_function *f = find(of(m), slot);
	int rc = record(of(m), "config %s 0x%02x 0x%0*x", slot, offset, (int)width * 2, value);

	if (rc < 0 || !f)
		return err_errno(err, rc < 0 ? rc : -ENOENT, "write config of %s", slot);
	if (offset >= PCI_BASE_ADDRESS_0 && offset <= PCI_BASE_ADDRESS_5 &&
		(f->traits & TRAIT_BAR_STUCK || (f->traits & TRAIT_BAR_SLOW && ++f->looks < 3)))
		return 0;
	for (unsigned int i = 0; i < width; i++)
		f->config[offset + i] = (uint8_t)(value >> 8 * i);
	if (f->config[PCI_HEADER_TYPE] == PCI_HEADER_TYPE_BRIDGE && offset == PCI_BRIDGE_CONTROL &&
		value & PCI_BRIDGE_CTL_BUS_RESET)
		rc = reset_below(of(m), in_snapshot(of(m), slot));
	return rc < 0 ? err_errno(err, rc, "reset below %s", slot) : 0;
}

static int save_file(
	struct machine *m, const char *path, const void *data, size_t len, struct err *err)
{
	int rc = record(of(m), "save %s", path);

	return rc < 0 ? err_errno(err, rc, "save %s", path)
		      : machine_linux_effects.save_file(m, path, data, len, err);
}

static int remove_file(struct machine *m, const char *path, struct err *err)
{
	int rc = record(of(m), "remove %s", path);

	return rc < 0 ? err_errno(err, rc, "remove %s", path)
		      : machine_linux_effects.remove_file(m, path, err);
}

static int overwrite(struct machine *m, const struct machine_place *place, const char *path,
	const void *data, size_t len, struct err *err)
{
	int rc = record(
		of(m), "overwrite %s %s", place->target ? place->target : place->device, path);

	return rc < 0 ? err_errno(err, rc, "write %s", path)
		      : machine_overwrite(m, place, path, data, len, err);
}

static int rename_file(struct machine *m, const struct machine_place *place, const char *path,
	const char *name, struct err *err)
{
	int rc = record(of(m), "rename %s %s", path, name);

	return rc < 0 ? err_errno(err, rc, "rename %s", path)
		      : machine_rename(m, place, path, name, err);
}

static int replace(struct machine *m, const struct machine_place *place, const char *path,
	const void *data, size_t len, struct err *err)
{
	int rc = record(of(m), "replace %s %s%s", place->target ? place->target : place->device,
		path, data ? "" : " by nothing");

	return rc < 0 ? err_errno(err, rc, "write %s", path)
		      : machine_replace(m, place, path, data, len, err);
}

static int write_efi_variable(
	struct machine *m, const char *path, const void *data, size_t len, struct err *err)
{
	int rc = record(of(m), "variable %s %zu", strrchr(path, '/') + 1, len);

	return rc < 0 ? err_errno(err, rc, "write %s", path)
		      : machine_write_efi_variable(m, path, data, len, err);
}

static int kexec_file_load(struct machine *m, int kernel_fd, int initrd_fd, const char *cmdline,
	unsigned long flags, struct err *err)
{
	int rc = record(of(m), "load %s %s %lu %s", kernel_fd < 0 ? "-" : "kernel",
		initrd_fd < 0 ? "-" : "initrd", flags, cmdline ? cmdline : "-");

	return rc < 0 ? err_errno(err, rc, "kexec_file_load") : 0;
}

static int run(struct machine *m, const char *const argv[], struct err *err)
{
	char line[128] = "";
	size_t len = 0;
	int rc;

	for (size_t i = 0; argv[i] && len < sizeof(line); i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " %s", argv[i]);
	rc = record(of(m), "run%s", line);
	return rc < 0 ? err_errno(err, rc, "run %s", argv[0]) : 0;
}

static int sync_all(struct machine *m, struct err *err)
{
	int rc = record(of(m), "sync");

	return rc < 0 ? err_errno(err, rc, "sync") : 0;
}

static int unload_module(struct machine *m, const char *name, struct err *err)
{
	int rc = record(of(m), "unload %s", name);

	return rc < 0 ? err_errno(err, rc, "unload %s", name) : 0;
}

static int link_down(struct machine *m, const char *ifname, struct err *err)
{
	int rc = record(of(m), "down %s", ifname);

	return rc < 0 ? err_errno(err, rc, "take %s down", ifname) : 0;
}

static int perform(struct machine *m, const char *what, machine_action *action, void *argument,
	struct err *err)
{
	struct scripted *s = of(m);
	int rc = record(s, "perform %s", what);

	(void)action;
	(void)argument;
	if (rc == 0 && s->performed)
		rc = s->performed(s, what);
	return rc < 0 ? err_errno(err, rc, "%s", what) : 0;
}

static int settle(struct machine *m, unsigned int ms, struct err *err)
{
	int rc = record(of(m), "settle %u", ms);

	return rc < 0 ? err_errno(err, rc, "wait") : 0;
}

static void klog(struct machine *m, enum log_level level, const char *line)
{
	(void)m;
	(void)level;
	(void)line;
}

static int remount_ro(struct machine *m, struct err *err)
{
	int rc = record(of(m), "remount-ro");

	return rc < 0 ? err_errno(err, rc, "remount") : 0;
}

static int machine_reboot(struct machine *m, enum machine_reboot how, struct err *err)
{
	static const char *const ways[] = {[MACHINE_REBOOT_KEXEC] = "kexec",
		[MACHINE_REBOOT_FIRMWARE] = "firmware",
		[MACHINE_REBOOT_OFF] = "off",
		[MACHINE_REBOOT_HALT] = "halt"};
	int rc = record(of(m), "reboot %s", ways[how]);

	return rc < 0 ? err_errno(err, rc, "reboot") : 0;
}

struct scripted *scripted_new(void)
{
	struct scripted *s = mmap(
		NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		abort();
	s->effects = (struct machine_effects){
		.write_attr = write_attr,
		.read_config = read_config,
		.write_config = write_config,
		.save_file = save_file,
		.remove_file = remove_file,
		.overwrite = overwrite,
		.rename = rename_file,
		.replace = replace,
		.write_efi_variable = write_efi_variable,
		.kexec_file_load = kexec_file_load,
		.run = run,
		.sync = sync_all,
		.unload_module = unload_module,
		.link_down = link_down,
		.settle = settle,
		.perform = perform,
		.klog = klog,
		.remount_ro = remount_ro,
		.reboot = machine_reboot,
	};
	strcpy(s->root, "/tmp/stillboot-test-XXXXXX");
	if (!mkdtemp(s->root) || machine_open(&s->machine, s->root, NULL) < 0)
		abort();
	s->machine.effects = &s->effects;
	s->machine.state = s;
	return s;
}

void scripted_free(struct scripted *s)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", s->root);
	if (system(command) != 0)
		abort();
	machine_close(&s->machine);
	munmap(s, sizeof(*s));
}

static void make_directories(struct scripted *s, const char *path)
{
	char *part = strdup(path);

	for (char *c = part; (c = strchr(c, '/')); *c++ = '/') {
		*c = '\0';
		mkdirat(s->machine.root_fd, part, 0755);
	}
	free(part);
}

void scripted_file(struct scripted *s, const char *path, const char *text)
{
	int fd;

	make_directories(s, path);
	fd = openat(s->machine.root_fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

void scripted_link(struct scripted *s, const char *path, const char *target)
{
	make_directories(s, path);
	if (symlinkat(target, s->machine.root_fd, path) < 0)
		abort();
}

struct scripted_function *scripted_add(
	struct scripted *s, const struct pci_function *f, unsigned int traits)
{
	struct scripted_function *sf = &s->functions[s->function_count++];

	strcpy(sf->slot, f->slot);
	sf->bound = f->driver != NULL;
	sf->traits = traits;
	sf->config[PCI_VENDOR_ID] = (uint8_t)f->vendor;
	sf->config[PCI_VENDOR_ID + 1] = (uint8_t)(f->vendor >> 8);
	sf->config[PCI_DEVICE_ID] = (uint8_t)f->device;
	sf->config[PCI_DEVICE_ID + 1] = (uint8_t)(f->device >> 8);
	sf->config[PCI_HEADER_TYPE] = f->header;
	set_command(sf, 0, PCI_COMMAND_MEMORY | (sf->bound ? PCI_COMMAND_MASTER : 0));
	strcpy(sf->method, "default");
	sf->config_size = 256;
	if (traits & (TRAIT_ASSERTS | TRAIT_SERVICED))
		sf->config[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
	return sf;
}

int scripted_find(const struct scripted *s, const char *beginning)
{
	for (size_t i = 0; i < s->log_count; i++)
		if (!strncmp(s->log[i], beginning, strlen(beginning)))
			return (int)i;
	return -1;
}
