#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut, cmdline: before the first driver is loaded, save what the firmware left; or, in the next kernel, keep
# what the previous one handed over and reset what is loud. It tells of that in the kernel's log. Should it die
# half way, no driver would be bound to what it finds without the last line.
/usr/sbin/stillboot preinit > /dev/null 2> /dev/kmsg \
	|| echo 1 > /sys/bus/pci/drivers_autoprobe
