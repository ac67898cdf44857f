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
install() {
	inst_multiple stillboot
	# The rules of this machine; the built-in ones need no file.
	inst_multiple -o {/usr/lib,/etc}/stillboot/policy.d/*.lua
	# Terminals and characters of the menu.
	inst_multiple -o /lib/terminfo/{l/linux,v/vt100,v/vt220} /usr/lib/locale/C.utf8/LC_CTYPE
	inst_hook pre-udev 00 "$moddir/stillboot-save.sh"
	inst_hook pre-pivot 90 "$moddir/stillboot-collect.sh"
	inst_hook shutdown 99 "$moddir/stillboot-shutdown.sh"
}
