# SPDX-License-Identifier: GPL-2.0-or-later
"""What is written when an entry is booted: a boot is counted, a choice for one boot is used up."""

import disks
import machines
from lab import BOOT_DISK, GRUB_DISK, kernel_version

ENTRIES = '/mnt/loader/entries'
GRUBENV = '/mnt/boot/grub/grubenv'


def two_disks():
    return machines.q35(*machines.root_port('rp1', 1), *machines.nvme(BOOT_DISK, 'rp1'),
                        *machines.root_port('rp2', 2), *machines.nvme(GRUB_DISK, 'rp2'))


def by_serial(guest):
    """The partition with loader/entries and the disk with grub.cfg."""
    guest.run('modprobe nvme; modprobe ext4')
    guest.run('until [ "$(ls /dev/nvme?n1 | wc -l)" = 2 ]; do usleep 20000; done')
    serials = dict(reversed(line.split()) for line in guest.run(
        'for c in /sys/class/nvme/nvme?; do echo ${c##*/} $(cat $c/serial); done').splitlines())
    boot, grub = f'/dev/{serials["boot"]}n1p1', f'/dev/{serials["grub"]}n1'
    guest.run(f'until [ -e {boot} ]; do usleep 20000; done')
    return boot, grub


def look(guest, disk, command):
    """What the command prints with the disk at /mnt."""
    return guest.run(f'mount -o ro {disk} /mnt && {command}; rc=$?; umount /mnt; [ $rc = 0 ]')


def block(guest, grub):
    """The lines of the environment block, which keeps its length."""
    assert look(guest, grub, f'wc -c < {GRUBENV}') == '1024'
    return look(guest, grub, f'grep = {GRUBENV}').splitlines()


def write_block(guest, grub, *lines):
    text = ''.join(f'{line}\\n' for line in ('# GRUB Environment Block', *lines))
    guest.run(f"mount {grub} /mnt && printf '{text}' > {GRUBENV} && "
              f'head -c $((1024 - $(wc -c < {GRUBENV}))) /dev/zero | tr "\\0" "#" >> {GRUBENV} && '
              'umount /mnt')


def jump(guest, command):
    guest.send(command)
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    return by_serial(guest)


def test_boots_are_counted_and_choices_used_up(start):
    guest = start(two_disks(), 'lab.modules=nvme,ext4')
    boot, grub = by_serial(guest)
    recovery = f'gnulinux-{kernel_version()}-recovery-{disks.GRUB_UUID}'
    lines = ['saved_entry=gone', f'next_entry=gnulinux-advanced-{disks.GRUB_UUID}>{recovery}',
             'kept=1']
    guest.run(f'mount {boot} /mnt && mv {ENTRIES}/lab.conf {ENTRIES}/lab+3.conf && umount /mnt')
    write_block(guest, grub, *lines)

    # Looking changes nothing.
    for command in 'list', 'show lab', 'exec -n lab':
        guest.run(f'stillboot {command}')
    assert 'lab+3.conf' in look(guest, boot, f'ls {ENTRIES}').split()
    assert block(guest, grub) == lines

    # An entry that is counted; the other disk's choice for one boot is not its business.
    assert guest.json('stillboot show lab --json')['tries_left'] == 3
    assert 'lab+2-1.conf' in guest.run('stillboot show lab')
    boot, grub = jump(guest, 'stillboot exec lab')
    assert block(guest, grub) == lines
    assert 'lab+2-1.conf' in look(guest, boot, f'ls {ENTRIES}').split()

    # The choice for one boot is the default, once. GRUB's script leaves an empty value of it.
    default, = [e['id'] for e in guest.json('stillboot list --json')['entries'] if e['default']]
    assert default == recovery
    boot, grub = jump(guest, 'stillboot exec')
    assert ' single ' in guest.run('cat /proc/cmdline')
    assert block(guest, grub) == ['saved_entry=gone', 'next_entry=', 'kept=1']
    assert 'lab+2-1.conf' in look(guest, boot, f'ls {ENTRIES}').split()
    default, = [e['id'] for e in guest.json('stillboot list --json')['entries'] if e['default']]
    assert default == 'lab'
