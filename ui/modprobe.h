/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_MODPROBE_H
#define UI_MODPROBE_H

/*
 * The program as modprobe, in a system that has no other: the kernel calls it for a filesystem, a
 * character set or an algorithm that it is asked for (kernel/module/kmod.c, call_modprobe():
 * "modprobe -q -- NAME"), and so do we and storage tools. Names and aliases are loaded, one after
 * another; that of an option is not.
 */

/* 0, or 1 when one of them was not loaded. */
int modprobe_run(int argc, char **argv);

#endif
