# SPDX-License-Identifier: GPL-2.0-or-later
"""The end of a system whose root is a disk: everything is unmounted and taken apart, the disk's own
controller is stilled too, and the next kernel finds a clean filesystem. By the exitrd as PID 1, as
systemd-shutdown would have it, and without anybody's help."""

import machines
import pytest
from guest import STRAY
from lab import LOAD, NEXT, ROOT_DISK

DISK, FAULTY = '0000:01:00.0', '0000:02:00.0'
PINNED = f'/boot/vmlinuz /boot/initramfs "{NEXT}"'


def machine():
    """The root disk and the faulty device, each alone behind its port."""
    return machines.q35(*machines.root_port('rp1', 1), *machines.nvme(ROOT_DISK, 'rp1'),
                        *machines.root_port('rp2', 2), *machines.device('edu', bus='rp2'))


@pytest.fixture
def guest(start):
    """A system on a disk, with busybox' init, something written that is not on the disk yet, and another
    filesystem in a file; the faulty device asserts its interrupt."""
    guest = start(machine(), 'lab.modules=nvme,loop,faulty faulty.remove=clean '
                  'faulty.asserted=1 lab.root=/dev/nvme0n1')
    assert guest.run('readlink /proc/1/exe') == '/usr/bin/busybox'
    assert ' / ext4 rw' in guest.run('cat /proc/mounts')
    guest.run('mkdir /inner && mount -t ext4 -o loop /image /inner')
    guest.run('echo written > /inner/file; echo written > /file')
    return guest


def boot_id(guest):
    return guest.run('cat /proc/sys/kernel/random/boot_id')


def arrive(guest, before):
    """In the next kernel: it came the right way, and the disk is clean."""
    _, panic = guest.next_kernel()
    assert panic is None
    assert guest.stage == 2
    report = guest.json('stillboot report --json')
    assert report['boot_id'] == before != boot_id(guest)
    steps = {(step['slot'], step['step']): step['result'] for step in report['steps']}
    devices = {device['slot']: device['verdict'] for device in report['devices']}
    for slot in (DISK, FAULTY):
        assert devices[slot] == 'still'
        assert steps[slot, 'unbind'] == 'ok'
    assert any(slot == DISK and step not in ('unbind', 'prove') and result == 'ok'
               for (slot, step), result in steps.items())
    guest.run('modprobe nvme; modprobe loop; until [ -b /dev/nvme0n1 ]; do usleep 100000; done')
    guest.run('modprobe ext4; mount -t ext4 /dev/nvme0n1 /mnt')
    assert guest.run('cat /mnt/file') == 'written'
    guest.run('mkdir -p /inner; mount -o loop -t ext4 /mnt/image /inner')
    assert guest.run('cat /inner/file') == 'written'
    log = guest.run('dmesg')
    assert 'EXT4-fs (nvme0n1): mounted' in log
    assert 'recover' not in log.lower()


def test_control_the_faulty_device_kills_the_next_kernel(guest):
    guest.run(LOAD)
    guest.send('kexec -e')
    _, panic = guest.next_kernel()
    assert panic and STRAY in panic


def test_without_a_service_manager(guest):
    """PID 1 is the disk's busybox: it must neither start the shell again nor keep the disk."""
    before = boot_id(guest)
    guest.run('(trap "" TERM HUP; sleep 1000) < /dev/null > /dev/null 2>&1 &')
    guest.send(f'leave now {PINNED}')
    arrive(guest, before)


def end(guest, verb, environment=''):
    guest.run(f'echo "{verb}" > /run/verb; echo "{environment}" > /run/environment')
    guest.send('kill -QUIT 1; sleep 1000')


def test_as_pid_1(guest):
    guest.run(f'leave build {PINNED}')
    assert 'stillboot/target.json' in guest.run('cd /run/initramfs; find . -type f')
    before = boot_id(guest)
    end(guest, 'kexec --timeout=5s --log-level=6', 'SYSTEMD_LUO_SERIALIZE_FD=3')
    arrive(guest, before)
    said = guest.log_path.read_text()
    assert 'file descriptors that services keep for the next kernel are lost' in said


@pytest.mark.parametrize('verb, how, said', [
    ('poweroff', 'build-all', 'Power down'),
    ('reboot', 'build', 'Restarting system'),
])
def test_as_pid_1_other_verbs_are_as_ever(guest, verb, how, said):
    guest.run(f'leave {how} {PINNED}')
    end(guest, verb)
    output = guest.end()
    assert said in output
    assert 'Linux version' not in output
