# SPDX-License-Identifier: GPL-2.0-or-later
"""`stillboot reboot` on a system on a disk: interrupted at many points it leaves the machine as it was,
and where it is not, the machine comes back by kexec. Instead of systemd a script does what it is asked
for: tests/vm/end is the end of its shutdown."""

import re

import machines
import pytest
from lab import NEXT, ROOT_DISK

REBOOT = f'stillboot reboot --kernel /boot/vmlinuz --initrd /boot/initramfs --cmdline "{NEXT}"'
POINTS = 20
# What is there: a loaded kernel, our tree, what is on record.
STATE = ('echo $(cat /sys/kernel/kexec_loaded) $(test -e /run/initramfs/stillboot/target.json; '
         'echo $?) $(test -e /run/stillboot/preloaded; echo $?) '
         '$(grep -c initramfs /proc/mounts)')
NOTHING, ALL = '0 1 1 0', '1 0 0 1'
# Signals are sent when so much of it has gone by; the keeper has the lock until all is undone.
INTERRUPT = (f'({REBOOT}) > /tmp/said 2>&1 & usleep %d; kill -%s $! 2>/dev/null; wait $!; '
             'flock -w 30 /run/stillboot/lock true')


@pytest.fixture
def guest(start):
    """A system on a disk, with busybox' init; the faulty device asserts its interrupt."""
    machine = machines.q35(*machines.root_port('rp1', 1), *machines.nvme(ROOT_DISK, 'rp1'),
                           *machines.root_port('rp2', 2), *machines.device('edu', bus='rp2'))
    return start(machine, 'lab.modules=nvme,loop,faulty faulty.remove=clean '
                 'faulty.asserted=1 lab.root=/dev/nvme0n1', seconds=600)


def boot_id(guest):
    return guest.run('cat /proc/sys/kernel/random/boot_id')


def arrive(guest, before):
    """In the next kernel, with the root disk's controller stilled and its filesystem clean."""
    said, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    report = guest.json('stillboot report --json')
    assert report['boot_id'] == before != boot_id(guest) and report['loud'] == 0
    devices = {device['slot']: device['verdict'] for device in report['devices']}
    assert devices['0000:01:00.0'] == devices['0000:02:00.0'] == 'still'
    guest.run('modprobe nvme; until [ -b /dev/nvme0n1 ]; do usleep 100000; done; modprobe ext4')
    guest.run('mount -t ext4 /dev/nvme0n1 /mnt')
    assert 'recover' not in guest.run('dmesg').lower()
    return said


def systemd(guest, script):
    """Instead of it."""
    guest.run('mkdir -p /run/systemd/system')
    guest.write_file('/usr/bin/systemctl', f'#!/bin/sh\n{script}\n')
    guest.run('chmod 755 /usr/bin/systemctl')


@pytest.mark.parametrize('signals', [['KILL'], ['TERM', 'INT', 'HUP']], ids=['killed', 'asked'])
def test_interrupted(guest, signals):
    """At so many points, each by the next of these signals (tests/unit/test_preload.c has all at all)."""
    systemd(guest, 'usleep 100000; exit 1')
    timed = guest.run(f'time -f %e -o /tmp/time {REBOOT} > /dev/null 2>&1; cat /tmp/time')
    whole = float(timed.split()[-1]) * 1e6
    assert guest.run(STATE) == NOTHING
    systemd(guest, 'usleep 100000')
    outcomes = []
    for point in range(POINTS):
        guest.status(INTERRUPT.replace(f'({REBOOT})', f'exec {REBOOT}')
                     % (whole * (point + 1) / POINTS, signals[point % len(signals)]))
        outcomes.append(guest.run(STATE))
        if outcomes[-1] == ALL:
            assert 'booting' in guest.run('cat /tmp/said')
            guest.run('stillboot unload')
        assert outcomes[-1] in (NOTHING, ALL), outcomes
        assert guest.run(STATE) == NOTHING
    assert NOTHING in outcomes
    assert boot_id(guest)


def test_who_says_no_has_it_undone(guest):
    systemd(guest, 'echo it is not allowed; exit 1')
    rc, said = guest.status(REBOOT)
    assert rc == 1 and re.search('systemctl says: it is not allowed$', said)
    assert guest.run(STATE) == NOTHING
    assert guest.status('test -e /var/lib/stillboot/attempt')[0] == 1
    guest.run('mount -t tmpfs -o size=64k tmpfs /run/stillboot')
    guest.run('dd if=/dev/zero of=/run/stillboot/full bs=1k count=64 2>/dev/null; :')
    assert guest.status(REBOOT)[0] == 1
    guest.run('umount -l /run/stillboot')
    assert guest.run(STATE) == NOTHING


def test_by_the_service_manager(guest):
    systemd(guest, 'echo "$@" > /run/verb; : > /run/environment\n'
            'setsid sh -c "sleep 1; kill -QUIT 1" > /dev/null 2>&1 < /dev/null &')
    before = boot_id(guest)
    assert 'booting /boot/vmlinuz' in guest.run(REBOOT)
    arrive(guest, before)
    attempt = guest.json('cat /mnt/var/lib/stillboot/attempt')
    assert attempt['boot_id'] == before and attempt['handoff']


def test_without_one(guest):
    before = boot_id(guest)
    rc, said = guest.status(REBOOT)
    assert rc == 3 and '--now' in said
    guest.send(f'{REBOOT} --now')
    arrive(guest, before)


def attempt(guest):
    """The title of the entry that is on record, or ''."""
    return guest.run("sed -n 's/.*\"entry\":\"\\([^\"]*\\)\".*/\\1/p' /var/lib/stillboot/attempt "
                     '2>/dev/null; rm -f /var/lib/stillboot/attempt')


# Jobs of systemd, configuration; what is there when the service has ended, what is on record.
ENDS = [
    ('', '', NOTHING, ''),
    ('7 poweroff.target start waiting', 'reboot = kexec', ALL, ''),
    ('7 reboot.target start waiting', '', ALL, ''),
    ('7 reboot.target start waiting', 'reboot = kexec', ALL, 'New'),
    ('6 stillboot.service stop running\\n7 kexec.target start waiting', '', ALL, 'New'),
]


def test_the_end_of_the_service(guest):
    """What it has loaded goes with it, or is chosen anew where the machine leaves for it."""
    entry = f'linux /vmlinuz\ninitrd /initramfs\noptions {NEXT}\n'
    for jobs, configuration, there, tried in ENDS:
        guest.write_file('/boot/loader/entries/lab.conf', f'title Old\n{entry}')
        guest.write_file('/etc/stillboot/stillboot.conf', f'{configuration}\n')
        systemd(guest, f"printf '{jobs}\\\\n'")
        assert 'preloaded: Old' in guest.run('stillboot refresh')
        assert guest.run(STATE) == ALL and attempt(guest) == ''
        guest.write_file('/boot/loader/entries/lab.conf', f'title New\n{entry}')
        guest.run('stillboot refresh --stopping')
        assert guest.run(STATE) == there and attempt(guest) == tried, jobs
        guest.run('stillboot unload')


def test_what_was_loaded_by_hand_outlives_the_service(guest):
    systemd(guest, "printf '7 kexec.target start waiting\\\\n'")
    guest.run(REBOOT.replace('stillboot reboot', 'stillboot load'))
    assert 'stays' in guest.run('stillboot refresh 2>&1')
    guest.run('stillboot refresh --stopping')
    assert attempt(guest) == '/boot/vmlinuz'
    assert guest.run('cat /sys/kernel/kexec_loaded') == '1'
    systemd(guest, ':')
    guest.run('stillboot refresh --stopping')
    assert guest.run('cat /sys/kernel/kexec_loaded') == '1'
