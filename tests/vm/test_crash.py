# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that crashes with devices at work: the faulty device holds its interrupt, and a card receives
a flood. Does the crash kernel come up, and is the dump saved?"""

import re
import subprocess

import machines
import pytest
from lab import ALWAYS, CRASH_INITRAMFS
from test_flood import IDENTITY as CARD
from test_flood import Flood

EDU = '1234:11e8'
# Disks before the faulty device: a crash kernel that dies of it has lost them.
CRASH = f'{ALWAYS} loglevel=6 lab.stage=3 intel_iommu=on faulty.fragile=1'
LOAD = f'stillboot crash load --kernel /boot/vmlinuz --initrd /boot/initramfs --cmdline "{CRASH}"'
# intel_iommu: drivers/iommu/intel/dmar.c, dmar_fault_do_one()
FAULTS = 'dmesg | grep -c "DMAR: .*Request device"; :'
MARK = 'these are the last words of the first kernel'


@pytest.fixture(scope='module')
def disk(tmp_path_factory, lab):
    """An empty filesystem, for the dump."""
    image = tmp_path_factory.mktemp('crash') / 'dump.img'
    with open(image, 'wb') as file:
        file.truncate(4 << 30)
    subprocess.run(['/sbin/mke2fs', '-q', '-t', 'ext4', image], check=True)
    return image


@pytest.fixture
def crashed(start, disk):
    """crashed(append) is a guest whose crash kernel has a shell, and no driver yet."""
    with Flood() as flood:
        def crash():
            guest = start(machines.crashing(flood.there, flood.here, disk),
                          'crashkernel=256M intel_iommu=on lab.modules=nvme,8139cp,faulty '
                          'faulty.asserted=1', initrd=CRASH_INITRAMFS)
            guest.run('ip link set eth0 up')
            packets = '/sys/class/net/eth0/statistics/rx_packets'
            guest.run(f'until [ $(cat {packets}) -gt 10 ]; do usleep 20000; done')
            status, said = guest.status('stillboot crash status')
            assert status == 1 and '256 MiB' in said and 'nothing' in said
            said = guest.run(LOAD)
            assert 'reset_devices nr_cpus=1 irqpoll' in said
            assert 'loaded:           /boot/vmlinuz' in guest.run('stillboot crash status')
            guest.run(f'echo {MARK} > /dev/kmsg')
            guest.send('echo c > /proc/sysrq-trigger')
            assert guest.next_kernel()[1] is None
            assert guest.stage == 3
            return guest
        yield crash


def load_drivers(guest):
    """The card's, of which the IOMMU has a say, then the disk's and the faulty device's."""
    guest.run('modprobe early && modprobe nvme && modprobe ext4')
    faults = int(guest.run(FAULTS))
    guest.send('modprobe faulty')
    return faults, guest.arrival()[1]


def save_dump(guest):
    """Returns the folder with what was saved, after the disk was put away and taken out again."""
    guest.run('until [ -b /dev/nvme0n1 ]; do usleep 20000; done; mount -t ext4 /dev/nvme0n1 /mnt')
    said = guest.run('stillboot crash save --to /mnt/crash')
    assert 'the dump is saved in /mnt/crash/' in said and 'Copying data' in said
    guest.run('umount /mnt && mount -t ext4 /dev/nvme0n1 /mnt')
    return guest.run('echo /mnt/crash/*')


# What ssh does, without the way to another machine: the last word is for a shell there.
SSH = '#!/bin/sh\nfor word; do script=$word; done\nexec sh -c "$script"\n'


def send_dump(guest):
    """To another machine; returns the messages that are in what arrives there."""
    guest.write_file('/usr/sbin/ssh', SSH)
    guest.run('chmod +x /usr/sbin/ssh; stillboot crash save --to "ssh:me@there:/mnt/it\'s there"')
    guest.run('cat /mnt/it*/*/flat.* | makedumpfile -R /mnt/sent && '
              'makedumpfile --dump-dmesg /mnt/sent /tmp/sent && ls /mnt/it*/*/dmesg.*')
    return guest.run('cat /tmp/sent')


# One that does not know this kernel, when it has begun already.
BROKEN = """#!/bin/sh
for word; do out=$word; done
case "$*" in *--dump-dmesg*|*--dry-run*) ;; *) echo part >"$out" ;; esac
echo 'The kernel version is not supported.'
exit 1
"""


def copy_memory(guest):
    """Without makedumpfile's help; returns the messages that are in what is saved."""
    guest.run('mv /usr/sbin/makedumpfile /usr/bin/')
    guest.write_file('/usr/sbin/makedumpfile', BROKEN)
    said = guest.run('chmod +x /usr/sbin/makedumpfile; stillboot crash save --to /mnt/copied')
    assert 'not supported.: all of the memory is copied' in said and 'Copying all memory' in said
    assert re.fullmatch(r'vmcore\.\d{14}', guest.run('ls /mnt/copied/*').strip())
    guest.run('rm /usr/sbin/makedumpfile; '
              '/usr/bin/makedumpfile --dump-dmesg /mnt/copied/*/vmcore.* /tmp/copied')
    return guest.run('cat /tmp/copied')


def test_crash_with_and_without_preinit(crashed):
    guest = crashed()
    guest.run('stillboot preinit')
    faults, panic = load_drivers(guest)
    assert panic is None and guest.driver(guest.slot(EDU)) == 'faulty'
    # Where it does not fit that is known beforehand, and the messages are there all the same.
    guest.run('mkdir /small && mount -t tmpfs -o size=1m none /small')
    status, said = guest.status('stillboot crash save --to /small')
    assert status == 1 and re.search(r'the dump takes \d+ MiB, and /small/\d+ has 0 MiB for it', said)
    assert MARK in guest.run('cat /small/*/dmesg.*; rm -r /small/*')

    saved = save_dump(guest)
    assert MARK in guest.run(f'cat {saved}/dmesg.*')
    guest.run(f'makedumpfile --dump-dmesg {saved}/dump.* /tmp/dmesg')
    text = guest.run('cat /tmp/dmesg')
    assert 'sysrq: Trigger a crash' in text and MARK in text
    assert MARK in send_dump(guest)
    assert MARK in copy_memory(guest)
    guest.close()

    control = crashed()
    control_faults, panic = load_drivers(control)
    assert panic and 'interrupt from the previous kernel' in panic
    assert faults == 0 < control_faults
