#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut, pre-pivot: carry the previous kernel's handoff out of the initramfs, for `stillboot report`, where
# preinit has not.
if [ -f /stillboot/handoff ] && [ ! -e /run/stillboot/handoff ]; then
	mkdir -p -m 0700 /run/stillboot && cp -p /stillboot/handoff /run/stillboot/handoff
fi
