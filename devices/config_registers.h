/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_CONFIG_REGISTERS_H
#define DEVICES_CONFIG_REGISTERS_H

/*
 * The registers of a configuration space that hold settings, by name, and in which order they are
 * put back. What the device itself changes (status, counters) is not among them.
 */

#include <stddef.h>
#include <stdint.h>

/* The order in which drivers/pci/pci.c, pci_restore_state() puts them back. */
enum config_turn {
	TURN_NEVER, /* compared only: the kernel keeps what belongs to it elsewhere */
	TURN_POWER, /* to D0 first: elsewhere nothing else takes */
	TURN_LTR,
	TURN_EXPRESS,
	TURN_REBAR, /* sizes before addresses */
	TURN_DPC,
	TURN_AER,
	TURN_HEADER, /* from the last dword down (pci_restore_config_space) */
	TURN_BARS,
	TURN_MSI,
	TURN_COMMAND, /* when every address is in place */
	TURN_LAST,    /* ACS, SR-IOV */
	TURN_COUNT
};

struct config_register {
	const char *name;    /* as lspci and setpci call it: "Command", "BAR 0" */
	unsigned int offset; /* in the configuration space */
	unsigned int width;  /* 1, 2 or 4 bytes */
	enum config_turn turn;
	uint32_t mask;   /* the bits that are settings */
	uint32_t clears; /* bits that writing a one would clear */
};

/* More than any function has. */
#define CONFIG_REGISTERS_MAX 128

/* The registers of a function with these bytes, in the order in which they are put back. All lie
 * inside len. Returns how many. */
size_t config_registers(
	const uint8_t *config, size_t len, struct config_register registers[CONFIG_REGISTERS_MAX]);

/* The value of a register in these bytes. */
uint32_t config_value(const uint8_t *config, size_t len, const struct config_register *r);

/* One register that differs. */
struct config_difference {
	struct config_register reg;
	uint32_t was, is; /* with the bits of the mask alone */
};

/* How the settings in `is` differ from those in `was`; -ENODEV when it is another device. Returns
 * how many registers do. */
int config_compare(const uint8_t *was, size_t was_len, const uint8_t *is, size_t is_len,
	struct config_difference differences[CONFIG_REGISTERS_MAX]);

#endif
