/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_PCI_H
#define DEVICES_PCI_H

/*
 * The snapshot of the machine's PCI functions: read once from sysfs, then only looked at.
 * Everything belongs to one talloc context, the snapshot itself. Three links lead from function to
 * function (parent, physical, consumers); following parent or physical ends, however a machine
 * lies: both lead to a function that stands earlier in the order.
 */

#include <stdint.h>

#include "devices/machine.h"
#include "devices/pci_caps.h"

#define PCI_SLOT_MAX 16 /* "0000:00:1f.7" with room for longer domains ("10000:..." behind VMD) */
#define PCI_DOMAIN_MAX 0xfffffff /* what fits: Linux numbers them from 0, and VMD's from 0x10000 */

/* Who needs a function now (usage.h fills this in). */
enum pci_use {
	PCI_USE_DISK = 1 << 0,     /* mount, swap, holder or exclusive opener on a disk behind it */
	PCI_USE_CONSOLE = 1 << 1,  /* the kernel console's UART */
	PCI_USE_WATCHDOG = 1 << 2, /* carries a watchdog device */
	PCI_USE_FRAMEBUFFER = 1 << 3, /* a framebuffer or DRM connector hangs off it */
	PCI_USE_NETWORK = 1 << 4,     /* carries a network filesystem or disk, or netconsole */
	PCI_USE_VFIO = 1 << 5,        /* a virtual machine or another vfio user holds it */
	PCI_USE_OPEN = 1 << 6,        /* a process has a node open that its remove() waits for */
	PCI_USE_ALL = (1 << 7) - 1,
};

/* Where a function stands in the topology, for rules and resets. */
enum pci_place {
	PCI_PLACE_ROOT,   /* on a root bus: no port above it that could be reset */
	PCI_PLACE_PORT,   /* directly below a PCIe root port or switch downstream port */
	PCI_PLACE_LEGACY, /* below a PCIe-to-PCI or PCI-to-PCI bridge */
	PCI_PLACE_SWITCH, /* directly below a switch's upstream port (only downstream ports are) */
};

/* The reset methods a function can have (Documentation/ABI/testing/sysfs-bus-pci, reset_method),
 * in the order in which the kernel lists them. */
enum pci_reset {
	PCI_RESET_DEVICE_SPECIFIC = 1 << 0,
	PCI_RESET_ACPI = 1 << 1,
	PCI_RESET_FLR = 1 << 2,
	PCI_RESET_AF_FLR = 1 << 3,
	PCI_RESET_PM = 1 << 4,
	PCI_RESET_BUS = 1 << 5,
	PCI_RESET_CXL_BUS = 1 << 6,
};

/* The kernel's word for one of them ("flr"), by the number of its bit; NULL beyond the last. */
const char *pci_reset_name(unsigned int bit);

/* Nothing is known until somebody asked. */
enum pci_answer { PCI_UNKNOWN, PCI_NO, PCI_YES };

struct pci_function {
	char slot[PCI_SLOT_MAX]; /* "dddd:bb:dd.f", lower case */
	unsigned int domain;
	uint8_t bus, dev, func;
	uint16_t vendor, device;
	/* Who built the card and which it is; 0 where it does not say. Bridges seldom do. */
	uint16_t subsystem_vendor, subsystem_device;
	uint32_t class; /* base class << 16 | subclass << 8 | programming interface */
	uint8_t header; /* header type without the multi-function bit: 0, 1 (bridge), 2 (CardBus) */
	int express;    /* PCIe device/port type (PCI_EXP_TYPE_*), -1 without the capability */
	struct pci_function *parent;  /* the bridge above, or the function whose domain this is
					(Intel VMD); else NULL on a root bus */
	struct pci_function *child;   /* of a bridge: the first function on its bus, ... */
	struct pci_function *sibling; /* and the next one below the same bridge; NULL at the end */
	enum pci_place place;
	struct pci_function *physical; /* of a virtual function: the one it is part of; else NULL */
	uint8_t secondary, subordinate; /* bus numbers below a bridge, 0 otherwise */
	unsigned int resets;       /* enum pci_reset, as sysfs lists them: a hint, never proof */
	const char *reset_method;  /* the kernel's own list, in its order; NULL if it lists none */
	int has_subordinate_reset; /* of a bridge: the kernel has reset_subordinate for it */
	struct pci_caps caps;
	const uint8_t *config; /* configuration space as the snapshot found it, ... */
	size_t config_len;     /* bytes of it: 64, 256 or 4096, what could be read; 0 for none */
	const struct pci_function *baseline; /* as the firmware left it; NULL if not known */
	int power_state;                 /* 0 to 3 for D0 to D3hot, 4 for D3cold, -1 if unknown */
	int iommu_group;                 /* -1 for none */
	int numa_node;                   /* -1 for none */
	unsigned int vf_count;           /* virtual functions that are switched on (sriov_numvfs) */
	const char *hotplug_slot;        /* name below sys/bus/pci/slots, NULL if it is in none */
	struct pci_function **consumers; /* device links: who has to let go before this one */
	size_t consumer_count;
	int can_unbind;     /* its driver may be unbound: the driver has the attribute for it */
	const char *driver; /* NULL when unbound */
	enum pci_answer has_remove, has_shutdown; /* the driver; audit.h fills them in */
	const char *vendor_name;                  /* from pci.ids, NULL if unknown */
	const char *device_name;                  /* likewise */
	const char *class_name;                   /* likewise */
	unsigned int uses;                        /* enum pci_use */
	const char *use; /* in words ("nvme0n1p2 is mounted on /"), NULL when not used */
};

/* How far the kernel is locked down (security/lockdown/lockdown.c): from integrity on raw writes to
 * configuration space are refused. */
enum pci_lockdown { PCI_LOCKDOWN_NONE, PCI_LOCKDOWN_INTEGRITY, PCI_LOCKDOWN_CONFIDENTIALITY };

/* Somebody who needs a device of whatever bus: a mounted disk, a console, ... (usage.h). */
struct pci_user {
	const char *path; /* below sys/devices: "platform/soc/fe340000.mmc/mmc_host/mmc0/..." */
	struct pci_function *function; /* on that path; NULL for what is not behind PCI */
	enum pci_use uses;
	const char *use; /* in words */
};

struct pci_snapshot {
	struct pci_function *functions; /* ordered by domain, bus, device, function */
	size_t count;                   /* 0 on a machine without PCI: that is no error */
	struct pci_user *users;         /* as they were found; one may be there twice */
	size_t user_count;
	enum pci_lockdown lockdown;
};

/* Read the machine. On success *snapshot is a new talloc context below ctx. A function that is
 * unplugged meanwhile is left out. */
int pci_snapshot_read(
	struct machine *m, void *ctx, struct pci_snapshot **snapshot, struct err *err);

/* The numbers of a slot. */
struct pci_slot {
	unsigned int domain, bus, dev, func;
};

/* Parse "dddd:bb:dd.f" or "bb:dd.f" (domain 0), hexadecimal in either case; -EINVAL for anything
 * else and for domains above PCI_DOMAIN_MAX, *slot then untouched. */
int pci_parse_slot(const char *text, struct pci_slot *slot);

/* The function in this slot, NULL if there is none. The snapshot is ordered. */
struct pci_function *pci_find(const struct pci_snapshot *s, const char *slot);

/* The function behind a link of sysfs ("sys/class/block/sda"): the last slot on its target's way.
 * NULL for what is not behind PCI. */
struct pci_function *pci_behind(struct machine *m, const struct pci_snapshot *s, const char *link);

/* The same for a path, which is cut up. */
struct pci_function *pci_on_path(const struct pci_snapshot *s, char *path);

/* Where a link of sysfs leads, below sys/devices: a talloc string of ctx; NULL if there is no such
 * link. */
char *pci_device_path(struct machine *m, void *ctx, const char *link);

/* Order the functions and fill in parent and place from the bus numbers and port types: the last
 * part of reading, public for snapshots that come from elsewhere. */
void pci_link_tree(struct pci_snapshot *s);

/* Fill in child and sibling from parent: after pci_link_tree() only where a parent was changed. */
void pci_link_children(struct pci_snapshot *s);

/* Fill in the names of vendors, devices and classes from the system's pci.ids, by libpci. Not part
 * of reading: only what is shown to people needs it, and it reads a megabyte. */
void pci_name_functions(struct machine *m, struct pci_snapshot *s);

/* Base class 06 or a bridge's header. */
int pci_is_bridge(const struct pci_function *f);
/* Base class 03, but not a 3D controller (0302) without a framebuffer: that only computes. */
int pci_is_display(const struct pci_function *f);
/* A root port or switch downstream port. */
int pci_is_port(const struct pci_function *f);
/* Is f anywhere below the bridge? */
int pci_is_below(const struct pci_function *f, const struct pci_function *bridge);

#endif
