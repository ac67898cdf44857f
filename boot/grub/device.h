/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_DEVICE_H
#define BOOT_GRUB_DEVICE_H

/*
 * GRUB's names for devices and files: "(hd0,gpt2)/boot/vmlinuz", "/vmlinuz" on the device in the
 * variable root, "(UUID)/x". Which disk hd0 is only the firmware knows; boot/volume/volume.h says how such
 * names are understood.
 *
 * A search sets its variable to a name that finds the volume again, or, where the filesystem is not
 * there, to the name that it was searched by: so that what is on it waits for it.
 */

#include "boot/grub/run.h"

struct grub_place {
	const char *device;          /* as written, without parentheses; "" if none was given */
	const struct volume *volume; /* NULL if it is not there */
	const char *path;            /* begins with a slash; "" for the device itself */
};

/* What a file name means. False when memory ran out. Valid until the scratch arena goes back. */
bool grub_place(struct grub_run *g, const char *name, struct grub_place *place);

/* The volume that a device's name stands for; NULL if it is not there. */
const struct volume *grub_volume(struct grub_run *g, const char *device);

/* The device of a loopback whose name this begins with ("loop", "loop,msdos1"); NULL if it is none. */
const struct grub_loop *grub_loop(const struct grub_run *g, const char *device);

/* A name by which scripts find the volume; talloc string of ctx. */
char *grub_device_of(struct grub_run *g, void *ctx, const struct volume *v);

/* The same as an entry's file. */
struct entry_file grub_entry_file(struct grub_run *g, const char *name);

/* Is there such a regular file? Costs steps. */
bool grub_has_file(struct grub_run *g, const struct grub_place *place);

#endif
