/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_APPLIANCE_H
#define UI_APPLIANCE_H

/*
 * The program as the first process of a machine: /init of an initramfs in which there is nothing
 * but us (`make image`). It mounts what it must, has drivers loaded for what is there, and shows
 * the menu on every console. All work is done in children, so that nothing there ends the
 * machine:
 *
 *	first process --- drivers   loads modules for what is there and for what comes
 *	              '-- front     the menu (ui/menu/front.h), which has an engine as its child
 *
 * A front that has died is begun again, as soon as its engine is gone: that one may be in the
 * middle of a jump. When it dies again and again there is a shell, where there is one and it is
 * allowed, or else a restart by the firmware. The kernel is told to restart in case the first
 * process itself dies (kernel.panic). It never ends by itself.
 *
 * Words on the kernel's command line: those of the menu (boot/settings/settings.h), of stilling
 * (devices/host.h), and
 *
 *	stillboot.shell=no	(off, 0) no shell, although the image has one
 *
 * Of the kernel's own these matter here: console=, panic= and
 * modprobe.blacklist=.
 */

/* Never returns where it is process 1; else 2, with a sentence. */
int appliance_run(int argc, char **argv);

#endif
