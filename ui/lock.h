/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_LOCK_H
#define UI_LOCK_H

#include "ui/command.h"

/*
 * One at a time of the commands that change the machine: two of them would undo under each other's
 * hands. The lock (run/stillboot/lock, flock(2)) guards the devices, what is loaded for a jump and
 * its records. It goes with the process and the last of its workers: as long as a step hangs nobody
 * else begins. Only a hung step of preinit's does not keep it: the boot goes on, and who wants to
 * jump later is told whose device is held. Waits a moment for one that is just ending, then says who
 * is in the way and returns EXIT_REFUSED. A dry run takes none, and a machine that has no place for
 * one goes on without.
 */
enum exit_code lock_take(struct session *s);
/* With so much patience. */
enum exit_code lock_take_within(struct session *s, int patience_ms);
/* The same among those that change the crash kernel, with a lock of their own
 * (run/stillboot/crash.lock). It guards what is loaded for a crash and the record of it,
 * run/stillboot/crash, and nothing of the devices: a step that hangs, of preinit say, must not cost a
 * boot its crash kernel. What both share is the kernel's lock of images (kexec.h). */
enum exit_code lock_take_crash(struct session *s);
/* Let others begin: for who goes on without changing anything. Nothing where it was not taken. */
void lock_release(struct session *s);

#endif
