# SPDX-License-Identifier: GPL-2.0-or-later
"""The menu at 115200 baud, with entries that have little in common. For others see test_menu_terminal.py."""

import pytest

from boot_case import Case
from screen import Screen
from test_cli import STILLBOOT

DOWN, UP = '\x1b[B', '\x1b[A'

DIFFERENT = """Entries as machines have them, no two of them alike.
=== tree LABEL=root
=== file boot/grub/grub.cfg
menuentry 'Debian GNU/Linux' {
	linux /boot/vmlinuz-6.1.0-58-amd64 root=UUID=5f3c8a52-0d3e-4b7a-9d61-2f1b6c0e7a11 ro quiet
	initrd /boot/initrd.img-6.1.0-58-amd64
}
menuentry 'Windows Boot Manager (on /dev/nvme0n1p1)' { chainloader /EFI/Microsoft/Boot/bootmgfw.efi }
menuentry 'Ubuntu 24.04.1 LTS, with Linux 6.8.0-49-generic (recovery mode)' {
	linux /casper/vmlinuz boot=casper maybe-ubiquity console=ttyS0,115200n8 net.ifnames=0 iommu=pt intel_iommu=on
}
=== file loader/entries/fedora.conf
title Fedora Linux 39 (Workstation Edition)
version 6.10.3-200.fc39.x86_64
linux /fedora/6.10.3-200.fc39.x86_64/linux
options rd.luks.uuid=luks-3c1d4d6e-9c35-1f0f-2c9b-7a6107aa2f54 rd.lvm.lv=fedora/root rd.lvm.lv=fedora/swap
options rootflags=subvol=root rw rhgb quiet nvidia-drm.modeset=1 modprobe.blacklist=nouveau
=== uki EFI/Linux/arch.efi
section .linux: kernel
section .osrel: PRETTY_NAME="Arch Linux"
section .cmdline: cryptdevice=PARTUUID=0e7a112f-04cb-8a52:root root=/dev/mapper/root zswap.enabled=0 audit=0
=== kernel boot/vmlinuz-6.1.0-58-amd64 casper/vmlinuz fedora/6.10.3-200.fc39.x86_64/linux
=== file boot/initrd.img-6.1.0-58-amd64
1f8b
=== file EFI/Microsoft/Boot/bootmgfw.efi
MZ
"""
TITLES = ['Fedora Linux 39 (Workstation Edition)', 'Arch Linux', 'Debian GNU/Linux',
          'Windows Boot Manager (on /dev/nvme0n1p1)',
          'Ubuntu 24.04.1 LTS, with Linux 6.8.0-49-generic (recovery mode)']


def marked(s):
    """The text of the line that the cursor stands on."""
    rows = (s.screen.buffer[y] for y in range(1, s.screen.lines - 1))
    return ''.join(row[x].data for row in rows for x in range(s.screen.columns) if row[x].reverse).strip()


@pytest.fixture(name='tree')
def fixture_tree(tmp_path):
    (tmp_path / 'case').write_text(DIFFERENT)
    (tree,) = Case(tmp_path / 'case').build(tmp_path)
    return tree


@pytest.mark.parametrize('term', ['vt220', 'vt100', 'xterm'])
def test_details_of_different_entries_follow_later(tree, term):
    """They take more bytes than a move of the cursor may. Where this machine is late they come with it, so
    the least of some walks counts."""
    with Screen([STILLBOOT, 'menu', '-n', '--timeout', '-1', '--dir', tree], term=term,
                rate=115200) as s:
        s.wait_for('ID  ')
        s.settle(0.5)
        sent = {}
        for at in [1, 2, 3, 4, *[3, 2, 1, 0, 1, 2, 3, 4] * 3]:
            before, was = s.bytes, marked(s)
            s.press(UP if TITLES.index(was) > at else DOWN)
            s.wait_until(lambda title=TITLES[at]: marked(s) == title)
            sent.setdefault((was, at), []).append(s.bytes - before)
        assert all(0 < min(counts) < 200 for counts in sent.values()), sent
        s.wait_until(lambda: f' {TITLES[at]}' in s.lines()[8:])  # its details begin with it


def test_first_key(tree):
    """It moves the cursor and takes the countdown away."""
    def count():
        with Screen([STILLBOOT, 'menu', '-n', '--timeout', '30', '--dir', tree], term='vt220') as s:
            s.wait_for('booting in 29 s')
            before = s.bytes
            s.press(DOWN)
            s.wait_until(lambda: marked(s) == TITLES[1] and 'booting in' not in s.text())
            return s.bytes - before

    assert min(count(), count()) < 200
