#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut, pre-udev: save what the firmware left, before drivers change it.
echo "stillboot: $(/usr/sbin/stillboot save 2>&1)" > /dev/kmsg
