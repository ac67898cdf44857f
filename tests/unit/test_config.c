// SPDX-License-Identifier: GPL-2.0-or-later
/* Registers by name, comparing, and putting back. */
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "devices/baseline.h"
#include "devices/config_registers.h"
#include "devices/config_restore.h"
#include "devices/config_space.h"
#include "tests/unit/scripted.h"

static void put(uint8_t *config, unsigned int offset, unsigned int width, uint32_t value)
{
	for (unsigned int i = 0; i < width; i++)
		config[offset + i] = (uint8_t)(value >> 8 * i);
}

/* An endpoint with PM, MSI of 64 bits, PCI Express, MSI-X; AER and a resizable BAR behind. */
static void endpoint(uint8_t config[CONFIG_SPACE_SIZE])
{
	memset(config, 0, CONFIG_SPACE_SIZE);
	put(config, PCI_VENDOR_ID, 4, 0x10d38086);
	put(config, PCI_COMMAND, 2, 0x0507);
	put(config, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
	put(config, PCI_BASE_ADDRESS_0, 4, 0xfe480000);
	put(config, PCI_BASE_ADDRESS_2, 4, 0x0000c001);
	put(config, PCI_INTERRUPT_LINE, 2, 0x010a);
	put(config, PCI_CAPABILITY_LIST, 1, 0x40);
	put(config, 0x40, 4, 0x00025001);
	put(config, 0x44, 2, 0x0100);
	put(config, 0x50, 2, 0x6005);
	put(config, 0x52, 2, PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_ENABLE);
	put(config, 0x54, 4, 0xfee00000);
	put(config, 0x5c, 2, 0x4021);
	put(config, 0x60, 2, 0xa010);
	put(config, 0x62, 2, 0x0002);
	put(config, 0x68, 2, 0x2810);
	put(config, 0xa0, 2, 0x0011);
	put(config, 0xa2, 2, PCI_MSIX_FLAGS_ENABLE);
	put(config, 0x100, 4, 0x14010001);
	put(config, 0x108, 4, 0x00100000);
	put(config, 0x140, 4, 0x00010015);
	put(config, 0x148, 4, 0x00000820);
}

static const struct config_register *find(
	const struct config_register *registers, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(registers[i].name, name))
			return &registers[i];
	return NULL;
}

static void registers_by_name(void **state)
{
	struct config_register registers[CONFIG_REGISTERS_MAX];
	uint8_t config[CONFIG_SPACE_SIZE];
	size_t n;

	(void)state;
	endpoint(config);
	n = config_registers(config, sizeof(config), registers);
	assert_int_equal(find(registers, n, "BAR 2")->offset, PCI_BASE_ADDRESS_2);
	assert_int_equal(find(registers, n, "MSI Data")->offset, 0x5c);
	assert_int_equal(find(registers, n, "AER Uncorrectable Error Mask")->offset, 0x108);
	assert_int_equal(find(registers, n, "Resizable BAR 0")->offset, 0x148);
	assert_null(find(registers, n, "Resizable BAR 1"));
	assert_null(find(registers, n, "Bridge Control"));
	assert_null(find(registers, n, "Slot Control"));
	assert_null(find(registers, n, "AER Root Error Command"));
	for (size_t i = 1; i < n; i++)
		assert_true(registers[i].turn >= registers[i - 1].turn ||
			    registers[i].turn == TURN_NEVER);
	/* Nothing is read beyond the end, and conventional space has no extended capabilities. */
	n = config_registers(config, 256, registers);
	assert_null(find(registers, n, "AER Uncorrectable Error Mask"));
	for (size_t len = 0; len < 300; len++) {
		n = config_registers(config, len, registers);
		for (size_t i = 0; i < n; i++)
			assert_true(registers[i].offset + registers[i].width <= len);
	}
	config[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_BRIDGE;
	n = config_registers(config, sizeof(config), registers);
	assert_non_null(find(registers, n, "Bridge Control"));
	assert_null(find(registers, n, "BAR 2"));
	/* There a CardBus bridge has its Secondary Status. */
	config[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_CARDBUS;
	n = config_registers(config, sizeof(config), registers);
	assert_null(find(registers, n, "BAR 1"));
}

static void differences_by_name(void **state)
{
	struct config_difference d[CONFIG_REGISTERS_MAX];
	uint8_t was[CONFIG_SPACE_SIZE], is[CONFIG_SPACE_SIZE];

	(void)state;
	endpoint(was);
	endpoint(is);
	put(is, PCI_COMMAND, 2, 0x0103);
	put(is, PCI_STATUS, 2, 0xffff); /* what the device reports is no setting */
	put(is, 0x6a, 2, 0xffff);
	put(is, 0x108, 4, 0);
	assert_int_equal(config_compare(was, sizeof(was), is, sizeof(is), d), 2);
	assert_string_equal(d[0].reg.name, "AER Uncorrectable Error Mask");
	assert_string_equal(d[1].reg.name, "Command");
	assert_int_equal(d[1].was, 0x0507);
	assert_int_equal(d[1].is, 0x0103);
	put(is, PCI_DEVICE_ID, 2, 1);
	assert_int_equal(config_compare(was, sizeof(was), is, sizeof(is), d), -ENODEV);
}

struct fixture {
	struct scripted *s;
	struct pci_function *f;
	struct scripted_function *sf;
	uint8_t saved[CONFIG_SPACE_SIZE];
};

/* A function that was reset: everything that can be set is 0. */
static struct fixture *after_reset(unsigned int traits)
{
	struct fixture *x = talloc_zero(NULL, struct fixture);
	struct pci_snapshot *snapshot = snapshot_new(x);

	x->s = scripted_new();
	x->f = snapshot_add(snapshot, "0000:01:00.0", 0x020000, NULL);
	x->sf = scripted_add(x->s, x->f, traits);
	x->sf->config_size = CONFIG_SPACE_SIZE;
	endpoint(x->saved);
	endpoint(x->sf->config);
	put(x->sf->config, PCI_COMMAND, 2, 0);
	put(x->sf->config, PCI_BASE_ADDRESS_0, 4, 0);
	put(x->sf->config, PCI_BASE_ADDRESS_2, 4, 1);
	put(x->sf->config, PCI_INTERRUPT_LINE, 1, 0);
	put(x->sf->config, 0x44, 2, 0x8003); /* D3hot, PME status set */
	put(x->sf->config, 0x52, 2, PCI_MSI_FLAGS_64BIT);
	put(x->sf->config, 0x68, 2, 0);
	put(x->sf->config, 0xa2, 2, 0);
	put(x->sf->config, 0x108, 4, 0);
	put(x->sf->config, 0x148, 4, 0x20);
	return x;
}

static void done(struct fixture *x)
{
	scripted_free(x->s);
	talloc_free(x);
}

static int before(const struct fixture *x, const char *first, const char *second)
{
	int a = scripted_find(x->s, first), b = scripted_find(x->s, second);

	return a >= 0 && b >= 0 && a < b;
}

static void puts_back_in_order(void **state)
{
	struct fixture *x = after_reset(0);

	(void)state;
	assert_int_equal(config_restore(&x->s->machine, x->f, x->saved, sizeof(x->saved), NULL), 0);
	/* D0 without touching PME status, then sizes, errors, addresses, and Command. */
	assert_string_equal(x->s->log[0], "config 0000:01:00.0 0x44 0x0000");
	assert_true(
		before(x, "config 0000:01:00.0 0x44 0x0100", "config 0000:01:00.0 0x68 0x2810"));
	assert_true(before(x, "config 0000:01:00.0 0x68", "config 0000:01:00.0 0x148 0x00000820"));
	assert_true(before(x, "config 0000:01:00.0 0x148", "config 0000:01:00.0 0x108"));
	assert_true(before(x, "config 0000:01:00.0 0x108", "config 0000:01:00.0 0x3c"));
	assert_true(before(x, "config 0000:01:00.0 0x18", "config 0000:01:00.0 0x10 "));
	assert_true(before(x, "config 0000:01:00.0 0x10 0xfe480000", "config 0000:01:00.0 0x04"));
	/* Bus master and messages stay off; all else is as it was. */
	assert_int_equal(config_read16(x->sf->config, 256, PCI_COMMAND), 0x0503);
	assert_int_equal(config_read16(x->sf->config, 256, 0x52), PCI_MSI_FLAGS_64BIT);
	assert_int_equal(config_read16(x->sf->config, 256, 0xa2), 0);
	assert_memory_equal(x->sf->config + 0x100, x->saved + 0x100, 0x100);
	/* Once more there is nothing to do. */
	x->s->log_count = 0;
	assert_int_equal(config_restore(&x->s->machine, x->f, x->saved, sizeof(x->saved), NULL), 0);
	assert_int_equal(x->s->log_count, 0);
	done(x);
}

/* One that is awake and speaks, at other addresses: it is silent before anything moves. */
static void silences_first(void **state)
{
	struct fixture *x = after_reset(0);

	(void)state;
	put(x->sf->config, PCI_COMMAND, 2, 0x0007);
	put(x->sf->config, 0x44, 2, 0);
	put(x->sf->config, 0x52, 2, PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_ENABLE);
	put(x->sf->config, 0x54, 4, 0xfee01000);
	put(x->sf->config, 0xa2, 2, PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(config_restore(&x->s->machine, x->f, x->saved, sizeof(x->saved), NULL), 0);
	assert_string_equal(x->s->log[0], "config 0000:01:00.0 0x52 0x0080");
	assert_string_equal(x->s->log[1], "config 0000:01:00.0 0xa2 0x0000");
	assert_string_equal(x->s->log[2], "config 0000:01:00.0 0x04 0x0000");
	assert_string_equal(x->s->log[x->s->log_count - 1], "config 0000:01:00.0 0x04 0x0503");
	assert_int_equal(config_read32(x->sf->config, 256, 0x54), 0xfee00000);
	done(x);
}

static void has_patience_with_addresses(void **state)
{
	struct fixture *x = after_reset(TRAIT_BAR_SLOW);
	struct err err;

	(void)state;
	assert_int_equal(config_restore(&x->s->machine, x->f, x->saved, sizeof(x->saved), &err), 0);
	assert_memory_equal(x->sf->config + 0x10, x->saved + 0x10, 24);
	done(x);
	x = after_reset(TRAIT_BAR_STUCK);
	assert_int_equal(
		config_restore(&x->s->machine, x->f, x->saved, sizeof(x->saved), &err), -EIO);
	assert_string_equal(err.text, "0000:01:00.0: BAR 2 stays 0x1 instead of 0xc001");
	/* The rest was put back all the same, but nothing is decoded at a wrong address. */
	assert_int_equal(config_read16(x->sf->config, 256, PCI_COMMAND), 0x0500);
	assert_memory_equal(x->sf->config + 0x100, x->saved + 0x100, 0x100);
	done(x);
}

static void another_device_is_not_touched(void **state)
{
	struct fixture *x = after_reset(0);
	struct err err;

	(void)state;
	put(x->sf->config, PCI_DEVICE_ID, 2, 0x10d4);
	assert_int_equal(
		config_restore(&x->s->machine, x->f, x->saved, sizeof(x->saved), &err), -ENODEV);
	put(x->sf->config, PCI_DEVICE_ID, 2, 0x10d3);
	x->sf->config[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_BRIDGE;
	assert_int_equal(
		config_restore(&x->s->machine, x->f, x->saved, sizeof(x->saved), &err), -ENODEV);
	assert_int_equal(x->s->log_count, 0);
	assert_int_equal(config_restore(&x->s->machine, x->f, x->saved, 16, &err), -EINVAL);
	done(x);
}

/* Whatever write fails: the ones after it are made, and a second try puts it right. Only what
 * cannot be silenced stays where it is. */
static void every_write_failing(void **state)
{
	size_t writes = 1;

	(void)state;
	for (size_t k = 0; k <= writes; k++) {
		struct fixture *x = after_reset(0);
		int rc;

		x->s->fail_at = k;
		rc = config_restore(&x->s->machine, x->f, x->saved, sizeof(x->saved), NULL);
		writes = k ? writes : x->s->log_count;
		assert_int_equal(rc, k == 1 ? -EIO : 0);
		assert_int_equal(
			config_read16(x->sf->config, 256, PCI_COMMAND), k == 1 ? 0 : 0x0503);
		if (k == 1)
			assert_int_equal(x->s->log_count, 1);
		else
			assert_memory_equal(x->sf->config + 0x10, x->saved + 0x10, 24);
		done(x);
	}
	assert_true(writes >= 8);
}

static int locked_down(struct machine *m, const char *slot, unsigned int offset, unsigned int width,
	uint32_t value, struct err *err)
{
	(void)m;
	(void)width;
	(void)value;
	return err_errno(err, -EPERM, "write register 0x%02x of %s", offset, slot);
}

/* The cause is told, and nothing is waited for. */
static void lockdown_is_told(void **state)
{
	struct fixture *x = after_reset(0);
	struct err err;

	(void)state;
	x->s->effects.write_config = locked_down;
	put(x->sf->config, 0x44, 2, 0);
	assert_int_equal(
		config_restore(&x->s->machine, x->f, x->saved, sizeof(x->saved), &err), -EPERM);
	assert_string_equal(err.text, "Power Management Control: write register 0x44 of "
				      "0000:01:00.0: Operation not permitted");
	done(x);
}

static void a_baseline_is_read_as_written(void **state)
{
	struct scripted *s = scripted_new();
	struct pci_snapshot *snapshot = snapshot_new(NULL), *read;
	struct pci_function *f = snapshot_add(snapshot, "0000:01:00.0", 0x020000, NULL);
	uint8_t config[CONFIG_SPACE_SIZE];
	struct err err;
	char *text;

	(void)state;
	assert_int_equal(baseline_read(&s->machine, snapshot, &read, &err), -ENOENT);
	assert_non_null(strstr(err.text, "stillboot save"));
	endpoint(config);
	f->config = config;
	f->config_len = sizeof(config);
	f->vendor = 0x8086;
	f->device = 0x10d3;
	mkdirat(s->machine.root_fd, "run", 0755);
	scripted_file(s, "proc/sys/kernel/random/boot_id", "1234\n");
	scripted_file(s, "proc/sys/kernel/osrelease", "6.1.0\n");
	assert_int_equal(baseline_write(&s->machine, snapshot, &err), 0);
	assert_int_equal(
		machine_read_file(&s->machine, snapshot, BASELINE_FILE, 65536, &text, NULL), 0);
	assert_true(!strncmp(text, "# stillboot baseline, boot 1234, kernel 6.1.0, 2", 48));
	if (baseline_read(&s->machine, snapshot, &read, &err) < 0)
		fail_msg("%s", err.text);
	baseline_attach(snapshot, read);
	assert_non_null(f->baseline);
	assert_int_equal(f->baseline->config_len, sizeof(config));
	assert_memory_equal(f->baseline->config, config, sizeof(config));
	/* Something else was plugged in since. */
	f->baseline = NULL;
	f->device++;
	baseline_attach(snapshot, read);
	assert_null(f->baseline);
	talloc_free(snapshot);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_by_name),
		cmocka_unit_test(differences_by_name),
		cmocka_unit_test(puts_back_in_order),
		cmocka_unit_test(silences_first),
		cmocka_unit_test(has_patience_with_addresses),
		cmocka_unit_test(another_device_is_not_touched),
		cmocka_unit_test(every_write_failing),
		cmocka_unit_test(lockdown_is_told),
		cmocka_unit_test(a_baseline_is_read_as_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
