/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_SCRIPTED_H
#define TESTS_SCRIPTED_H

/*
 * The scripted machine: functions with a configuration space in memory, effects that are recorded
 * and can be told to fail, and a root that is a temporary directory. It behaves as a kernel does:
 * unbinding clears bus master unless remove() is said to do nothing, a reset clears what is
 * asserted. What must never happen aborts the test: resetting what is bound, resetting a port twice,
 * taking virtual functions away under their drivers. It lies in shared memory, so that forked
 * workers act on the same machine.
 */

#include "devices/machine.h"
#include "devices/pci.h"
#include "devices/plan.h"

#define SCRIPTED_FUNCTIONS_MAX 1024
#define SCRIPTED_LOG_MAX 8192

enum scripted_trait {
	TRAIT_LAZY_REMOVE = 1 << 0,   /* remove() does nothing */
	TRAIT_ASSERTS = 1 << 1,       /* interrupt asserted, nobody services it */
	TRAIT_RESET_FAILS = 1 << 2,   /* every reset reports ENOTTY, and does nothing */
	TRAIT_STUBBORN = 1 << 3,      /* bus master comes back on after every unbind and reset */
	TRAIT_UNBIND_HANGS = 1 << 4,  /* for ever */
	TRAIT_UNPLUGGED = 1 << 5,     /* gone when it is unbound */
	TRAIT_SERVICED = 1 << 7,      /* asserted, but a handler lowers it by the tenth look */
	TRAIT_UNBIND_SLOW = 1 << 8,   /* 300 ms */
	TRAIT_UNBIND_SLOWER = 1 << 9, /* 600 ms */
	TRAIT_HELD = 1 << 10,         /* its device lock cannot be had */
	TRAIT_UNBIND_KILLS = 1 << 6,  /* the kernel oopses in remove(), which kills the worker */
	TRAIT_NO_BUS = 1 << 11,       /* a quirk: no bus reset of any kind */
	TRAIT_PORT_FAILS = 1 << 12,   /* resets through the port fail after a while (ENOTTY) */
	TRAIT_UNBIND_REFUSED = 1 << 13,
	TRAIT_KEEPS_VFS = 1 << 17,      /* sriov_numvfs cannot be written */
	TRAIT_BAR_SLOW = 1 << 15,       /* addresses take only from the third write on */
	TRAIT_BAR_STUCK = 1 << 16,      /* never */
	TRAIT_STEP_SLOW = 1 << 14,      /* remove() and each reset take 200 ms */
	TRAIT_DRIVER_GONE = 1 << 18,    /* with its module: unbound, and nothing below drivers/ */
	TRAIT_DRIVER_CHANGED = 1 << 19, /* bound to another one than in the snapshot */
};

struct scripted_function {
	char slot[PCI_SLOT_MAX];
	int bound, under_uio, enabled;
	unsigned int traits, looks;
	unsigned int resets; /* that went well */
	char method[32];     /* reset_method, as last written */
	uint8_t config[CONFIG_SPACE_SIZE];
	size_t config_size; /* what reading gives: 256, or more */
};

struct scripted {
	struct machine machine; /* first */
	struct machine_effects effects;
	char root[64];
	/* The tree, for resets through ports and virtual functions; NULL: there is none. */
	const struct pci_snapshot *snapshot;
	unsigned char port_resets[SCRIPTED_FUNCTIONS_MAX]; /* by index in the snapshot */
	struct scripted_function functions[SCRIPTED_FUNCTIONS_MAX];
	size_t function_count;
	char log[SCRIPTED_LOG_MAX][160]; /* "write PATH VALUE", "config SLOT OFFSET VALUE", ... */
	size_t log_count;
	size_t fail_at; /* the how manieth changing effect fails with EIO; 0 for none */
	/* What happens to effects whose line in the log begins so; NULL: to none. */
	const char *hangs, *slow, *kills; /* for ever; 300 ms; the worker dies */
	/* What comes of an action that is performed: the test changes the tree. NULL: nothing. */
	int (*performed)(struct scripted *s, const char *what);
	void *of_test;
};

/* A machine with an empty temporary root; scripted_free() removes it. */
struct scripted *scripted_new(void);
void scripted_free(struct scripted *s);

/* Put a file below the root, making its directories. */
void scripted_file(struct scripted *s, const char *path, const char *text);
/* A symbolic link below the root. */
void scripted_link(struct scripted *s, const char *path, const char *target);

/* Give the machine this function's configuration space: bus master on if it is bound. */
struct scripted_function *scripted_add(
	struct scripted *s, const struct pci_function *f, unsigned int traits);

/* Index in the log of the first line that begins so, -1 if there is none. */
int scripted_find(const struct scripted *s, const char *beginning);

/* A snapshot to be filled by hand: add functions, then pci_link_tree(). */
struct pci_snapshot *snapshot_new(void *ctx);
/* Returned pointer valid until the next call. Class as in struct pci_function. */
struct pci_function *snapshot_add(
	struct pci_snapshot *s, const char *slot, uint32_t class, const char *driver);
/* A bridge with its bus range and PCIe port type. */
struct pci_function *snapshot_bridge(struct pci_snapshot *s, const char *slot, int express,
	uint8_t secondary, uint8_t subordinate);

#endif
