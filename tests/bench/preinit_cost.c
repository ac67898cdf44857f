// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * preinit_cost DIR FUNCTIONS, where DIR is empty: how long preinit takes after a crash for so many functions, each alone behind its
 * port, in milliseconds. A reset takes as long as the kernel waits after one before it looks at the device
 * (PCIe Base Specification 6.6.1: 100 ms; drivers/pci/pci.c, pci_bridge_wait_for_secondary_bus), and the
 * machine does nothing else.
 */
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "devices/clock.h"
#include "ui/preinit_run.h"

#define RESET_MS 102
#define FUNCTIONS_MAX 128

static int write_attr(struct machine *m, const char *path, const char *value, struct err *err)
{
	const struct timespec reset = {.tv_nsec = RESET_MS * 1000000L};
	const char *name = strrchr(path, '/');

	(void)m;
	(void)value;
	(void)err;
	if (name && !strcmp(name, "/reset"))
		nanosleep(&reset, NULL);
	return 0;
}

static ssize_t read_config(
	struct machine *m, const char *slot, void *buf, size_t size, struct err *err)
{
	uint8_t config[256] = {0x34, 0x12, 0xe8, 0x11, PCI_COMMAND_MEMORY};

	(void)m;
	(void)slot;
	(void)err;
	size = size < sizeof(config) ? size : sizeof(config);
	memcpy(buf, config, size);
	return (ssize_t)size;
}

static int write_config(struct machine *m, const char *slot, unsigned int offset,
	unsigned int width, uint32_t value, struct err *err)
{
	(void)m;
	(void)slot;
	(void)offset;
	(void)width;
	(void)value;
	(void)err;
	return 0;
}

static void klog(struct machine *m, enum log_level level, const char *line)
{
	(void)m;
	(void)level;
	(void)line;
}

static struct pci_function *add(struct pci_snapshot *s, unsigned int bus, unsigned int number)
{
	struct pci_function *f = &s->functions[s->count++];
	uint8_t *config = talloc_zero_size(s, 256);

	*f = (struct pci_function){.bus = (uint8_t)bus,
		.dev = (uint8_t)(number / 8 + 1),
		.func = number % 8,
		.vendor = 0x1234,
		.device = 0x11e8,
		.class = 0x010802,
		.express = PCI_EXP_TYPE_ENDPOINT,
		.resets = PCI_RESET_BUS,
		.config = config,
		.config_len = 256};
	snprintf(f->slot, sizeof(f->slot), "0000:%02x:%02x.%x", f->bus, f->dev, f->func);
	memcpy(config, (uint8_t[]){0x34, 0x12, 0xe8, 0x11, PCI_COMMAND_MEMORY}, 5);
	return f;
}

static struct pci_snapshot *make(void *ctx, unsigned int count)
{
	struct pci_snapshot *s = talloc_zero(ctx, struct pci_snapshot);

	s->functions = talloc_zero_array(s, struct pci_function, 2 * count);
	for (unsigned int i = 0; i < count; i++) {
		struct pci_function *port = add(s, 0, i);

		port->class = 0x060400;
		port->header = PCI_HEADER_TYPE_BRIDGE;
		port->express = PCI_EXP_TYPE_ROOT_PORT;
		port->secondary = port->subordinate = (uint8_t)(i + 1);
		port->driver = "pcieport";
		port->resets = 0;
	}
	for (unsigned int i = 0; i < count; i++)
		add(s, i + 1, 0);
	pci_link_tree(s);
	return s;
}

static void nothing(void *ctx)
{
	(void)ctx;
}

static void no_step(void *ctx, const struct journal_entry *e)
{
	(void)ctx;
	(void)e;
}

static void no_end(void *ctx, const struct journal *j, size_t hung)
{
	(void)ctx;
	(void)j;
	(void)hung;
}

static void no_trouble(void *ctx, const char *what)
{
	(void)ctx;
	(void)what;
}

int main(int argc, char **argv)
{
	const struct machine_effects effects = {.parallel = 1,
		.write_attr = write_attr,
		.read_config = read_config,
		.write_config = write_config,
		.klog = klog};
	const struct stilling_watch watch = {nothing, {no_step, no_step, NULL}, no_end, NULL};
	unsigned int count = argc == 3 ? (unsigned int)atoi(argv[2]) : 0;
	void *ctx = talloc_new(NULL);
	struct preinit_facts facts = {.boot = BOOT_CRASH};
	struct preinit_work w = {.facts = &facts, .watch = &watch, .trouble = no_trouble};
	struct machine m;
	struct plan *plan;
	struct err err = {.text = "preinit_cost DIR FUNCTIONS"};
	uint64_t begin;

	if (!count || count > FUNCTIONS_MAX || machine_open(&m, argv[1], &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	m.effects = &effects;
	w.m = &m;
	facts.snapshot = make(ctx, count);
	w.record = talloc_zero(ctx, struct preinit);
	begin = clock_now_us();
	if (preinit_plan(&facts, ctx, &plan, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	w.plan = plan;
	if (preinit_carry_out(&w, &err) < 0 || preinit_put_back(&w, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	printf("%.1f %zu\n", (double)(clock_now_us() - begin) / 1000,
		journal_count(&w.record->journal, VERDICT_STILL));
	return 0;
}
