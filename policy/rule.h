/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_RULE_H
#define POLICY_RULE_H

/*
 * Declarations as loaded: what each matches, what it says, and where it stands. A declaration knows
 * which of its fields were written (says); the others hold nothing. They are kept in the order in
 * which they were declared, their strings below the talloc context of the policy.
 *
 * Enumerations here are the bits of says and the rows of the tables in *_schema.c.
 */

#include "devices/host.h"
#include "devices/plan.h"

/* What every declaration begins with. */
struct declared {
	const char *where;  /* "default.lua:12" */
	unsigned int says;  /* 1 << field */
	unsigned int order; /* how manieth declaration of all it is */
};

static inline int declared_says(const struct declared *d, unsigned int field)
{
	return d->says >> field & 1;
}

/* A class by code: those functions whose class agrees with code in the bits of mask. Where the
 * words "bridge" and "display" mean more than a code, is() decides and the code is not used. */
struct class_pattern {
	uint32_t code, mask;
	int (*is)(const struct pci_function *f);
	const char *text; /* as it was written */
};

struct id_list {
	unsigned int *ids;
	size_t count;
};

struct step_list {
	enum step steps[PLAN_STEPS_MAX];
	size_t count;
};

/* A range of versions: all of these terms must hold (version_range.h). */
#define VERSION_TERMS_MAX 4
#define VERSION_PARTS_MAX 4

struct version_term {
	enum { VERSION_SAME, VERSION_LESS, VERSION_AT_MOST, VERSION_MORE, VERSION_AT_LEAST } how;
	unsigned int parts[VERSION_PARTS_MAX];
	unsigned int count;
};

struct version_range {
	struct version_term terms[VERSION_TERMS_MAX];
	size_t count;
	const char *text; /* as it was written */
};

/* Lists of globs and of words end with NULL. */

enum device_field {
	DEVICE_VENDOR,
	DEVICE_DEVICE,
	DEVICE_SUBSYSTEM_VENDOR,
	DEVICE_SUBSYSTEM_DEVICE,
	DEVICE_CLASS,
	DEVICE_DRIVER,
	DEVICE_SLOT,
	DEVICE_PLACE,
	DEVICE_PORT,
	DEVICE_USE,
	DEVICE_BUS,
	DEVICE_NAME,
	DEVICE_MACHINE_VENDOR,
	DEVICE_MACHINE_PRODUCT,
	DEVICE_KERNEL,
	DEVICE_LOCKDOWN,
	DEVICE_WHEN,
	DEVICE_LEAVE,
	DEVICE_STEPS,
	DEVICE_DEADLINE,
	DEVICE_OPTIONS_ADD,
	DEVICE_OPTIONS_REMOVE,
	DEVICE_WHY,
	DEVICE_FIELDS
};

struct device_rule {
	struct declared declared;
	struct id_list vendor, device, subsystem_vendor, subsystem_device;
	struct class_pattern class;
	const char **driver, **slot, **name, **machine_vendor, **machine_product; /* globs */
	unsigned int place; /* enum pci_place */
	unsigned int port;  /* PCI_EXP_TYPE_*, PORT_NONE */
	unsigned int use;   /* enum pci_use: any of these */
	const char *bus;    /* NULL and "pci" for PCI functions */
	struct version_range kernel;
	unsigned int lockdown; /* enum pci_lockdown */
	int when;              /* reference of a function */
	unsigned int leave;    /* 0 or 1 */
	struct step_list steps;
	unsigned int deadline; /* milliseconds */
	const char **options_add, **options_remove;
	const char *why;
};

#define PORT_NONE 255 /* no PCI Express capability */

enum entry_field {
	ENTRY_TITLE,
	ENTRY_ID,
	ENTRY_LINUX,
	ENTRY_VERSION,
	ENTRY_FORMAT,
	ENTRY_HIDE,
	ENTRY_OPTIONS_ADD,
	ENTRY_OPTIONS_REMOVE,
	ENTRY_WHY,
	ENTRY_FIELDS
};

struct entry_rule {
	struct declared declared;
	const char **title, **id, **kernel, **version, **format; /* globs */
	unsigned int hide;                                       /* 0 or 1 */
	const char **options_add, **options_remove;
	const char *why;
};

enum machine_field {
	MACHINE_VENDOR,
	MACHINE_PRODUCT,
	MACHINE_VERSION,
	MACHINE_BOARD_VENDOR,
	MACHINE_BOARD,
	MACHINE_BIOS_VENDOR,
	MACHINE_BIOS,
	MACHINE_KERNEL,
	MACHINE_LOCKDOWN,
	MACHINE_WHEN,
	MACHINE_INCLUDE,
	MACHINE_JUMP,
	MACHINE_QUIESCE,
	MACHINE_SETTLE,
	MACHINE_OFFLINE_CPUS,
	MACHINE_LOAD_RETRIES,
	MACHINE_OPTIONS_ADD,
	MACHINE_OPTIONS_REMOVE,
	MACHINE_WHY,
	MACHINE_FIELDS
};

struct machine_rule {
	struct declared declared;
	const char **vendor, **product, **version, **board_vendor, **board, **bios_vendor,
		**bios; /* globs */
	struct version_range kernel;
	unsigned int lockdown; /* enum pci_lockdown */
	int when;              /* reference of a function */
	const char *include;
	unsigned int jump, quiesce, offline_cpus; /* 0 or 1 */
	unsigned int settle;                      /* milliseconds */
	unsigned int load_retries;
	const char **options_add, **options_remove;
	const char *why;
	int matches; /* this machine: known as soon as it is declared */
};

enum boot_field { BOOT_DEFAULT, BOOT_TIMEOUT, BOOT_ON_HANG, BOOT_REQUIRE_STILL, BOOT_FIELDS };

struct boot_rule {
	struct declared declared;
	const char *default_entry;
	unsigned int timeout; /* milliseconds */
	unsigned int on_hang; /* enum policy_on_hang */
	unsigned int require_still;
};

/* A function given to arrange. */
struct arrangement {
	struct declared declared;
	int function; /* its reference */
};

/* What a rule can be about: a PCI function or a device of another bus. */
struct subject {
	const struct pci_function *f;
	const struct bus_device *other; /* exactly one of the two */
};

#endif
