#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut: stillboot goes into the initramfs, with three hooks. See dracut.modules(7).

# called by dracut
check() {
	require_binaries stillboot
}

# called by dracut
depends() {
	return 0
}

# called by dracut
installkernel() {
	# What lowers an interrupt line that nobody services, whether this machine has loaded it or not.
	hostonly='' instmods uio_pci_generic
}

# called by dracut
install() {
	inst_multiple stillboot
	# The rules of this machine; the built-in ones need no file.
	inst_multiple -o {/usr/lib,/etc}/stillboot/policy.d/*.lua
	# Terminals and characters of the menu.
	inst_multiple -o /lib/terminfo/{l/linux,v/vt100,v/vt220} /usr/lib/locale/C.utf8/LC_CTYPE
	# Before 01, in which rd.driver.pre loads drivers, and so before udev. With systemd there is another who
	# loads some; he waits.
	inst_hook cmdline 00 "$moddir/stillboot-preinit.sh"
	if dracut_module_included systemd; then
		mkdir -p "$initdir/etc/systemd/system/systemd-modules-load.service.d"
		printf '[Unit]\nAfter=dracut-cmdline.service\n' \
			> "$initdir/etc/systemd/system/systemd-modules-load.service.d/stillboot.conf"
	fi
	inst_hook pre-pivot 90 "$moddir/stillboot-collect.sh"
	inst_hook shutdown 99 "$moddir/stillboot-shutdown.sh"
}
