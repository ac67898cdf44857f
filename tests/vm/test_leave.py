# SPDX-License-Identifier: GPL-2.0-or-later
"""The end of a system whose root is a disk: everything is unmounted and taken apart, the disk's own
controller is stilled too, and the next kernel finds a clean filesystem. By the exitrd as PID 1, as
systemd-shutdown would have it, and without anybody's help."""

import machines
import pytest
from guest import NEXT_KERNEL, STRAY
from lab import BOOT_DISK, LOAD, NEXT, ROOT_DISK

DISK, FAULTY = '0000:01:00.0', '0000:02:00.0'
PINNED = f'/boot/vmlinuz /boot/initramfs "{NEXT}"'
MODULES = 'lab.modules=nvme,loop,dm-mod,md-mod,raid1,i6300esb,faulty faulty.asserted=1'
CLEAN = 'faulty.remove=clean'

# A filesystem on a mapping on a mirror of two files of the root filesystem. One of them alone can be
# mounted too: the mirror's own data is at the end.
STACK = [
    'losetup /dev/loop0 /image && losetup /dev/loop1 /other',
    'mdadm --create /dev/md0 --run -l1 -n2 --metadata=1.0 --assume-clean /dev/loop0 /dev/loop1 2>&1',
    'echo 0 $(blockdev --getsz /dev/md0) linear /dev/md0 0 > /tmp/table',
    'DM_DISABLE_UDEV=1 dmsetup create top /tmp/table',
    '/usr/sbin/mke2fs -q -t ext4 /dev/mapper/top && mkdir /inner && mount -t ext4 /dev/mapper/top /inner',
]


def machine(disk, *others):
    """A disk and the faulty device, each alone behind its port."""
    return machines.q35(*machines.root_port('rp1', 1), *machines.nvme(disk, 'rp1'),
                        *machines.root_port('rp2', 2), *machines.device('edu', bus='rp2'), *others)


def system(start, faulty=CLEAN, *others):
    """A system on a disk, with busybox' init."""
    return start(machine(ROOT_DISK, *others), f'{MODULES} {faulty} lab.root=/dev/nvme0n1')


@pytest.fixture
def guest(start):
    """Such a system with a stack of block devices on its disk, and something written that is not on the
    disk yet; the faulty device asserts its interrupt."""
    guest = system(start)
    assert guest.run('readlink /proc/1/exe') == '/usr/bin/busybox'
    assert ' / ext4 rw' in guest.run('cat /proc/mounts')
    for command in STACK:
        guest.run(command)
    guest.run('echo written > /inner/file; echo written > /file')
    return guest


def boot_id(guest):
    return guest.run('cat /proc/sys/kernel/random/boot_id')


def check_disk(guest, disk):
    """What was written is there, and no journal had to be replayed."""
    guest.run('modprobe nvme; modprobe loop; modprobe ext4; '
              f'until [ -b /dev/{disk} ]; do usleep 100000; done')
    guest.run(f'mount -t ext4 /dev/{disk} /mnt')
    assert guest.run('cat /mnt/file') == 'written'
    if guest.status('[ -e /mnt/image ]')[0] == 0:
        guest.run('mkdir /inner; mount -o loop -t ext4 /mnt/image /inner')
        assert guest.run('cat /inner/file') == 'written'
    log = guest.run('dmesg')
    assert f'EXT4-fs ({disk}): mounted' in log
    assert 'recover' not in log.lower()


def arrive(guest, before, disk='nvme0n1'):
    """In the next kernel: it came the right way, and the disk is clean."""
    _, panic = guest.next_kernel()
    assert panic is None
    assert guest.stage == 2
    report = guest.json('stillboot report --json')
    assert report['boot_id'] == before != boot_id(guest)
    times = guest.handoff()['times']
    assert 0 < times['services_down_us'] < times['quiesce_begin_us'] < times['jump_us']
    steps = {(step['slot'], step['step']): step['result'] for step in report['steps']}
    devices = {device['slot']: device['verdict'] for device in report['devices']}
    for slot in (DISK, FAULTY):
        assert devices[slot] == 'still'
        assert steps[slot, 'unbind'] == steps[slot, 'bus'] == 'ok'
    check_disk(guest, disk)


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
    said = guest.log_path.read_text()
    assert 'not taken apart' not in said
    assert 'stays mounted' not in said


def test_init_that_cannot_be_stopped(guest):
    """It starts the shell again, which has the disk in use: the disk is made read-only and left to its
    driver's shutdown()."""
    guest.run('echo 3 > /proc/sys/kernel/yama/ptrace_scope')
    guest.send(f'leave now {PINNED}')
    guest.expect(NEXT_KERNEL)
    assert guest.prompt()[0] == 0 and guest.stage == 2
    said = guest.log_path.read_text()
    assert 'stop PID 1: Operation not permitted: the disk of the root filesystem is left' in said
    devices = guest.json('stillboot report --json')['devices']
    assert {'slot': DISK, 'verdict': 'left'}.items() <= next(
        device for device in devices if device['slot'] == DISK).items()
    check_disk(guest, 'nvme0n1')


def test_from_the_first_initramfs(start):
    """A root that cannot be moved away, with a disk mounted in it."""
    guest = start(machine(BOOT_DISK), f'{MODULES} {CLEAN}')
    guest.run('modprobe ext4; mount -t ext4 /dev/nvme0n1p1 /mnt; echo written > /mnt/file')
    before = boot_id(guest)
    guest.send(f'leave now {PINNED}')
    arrive(guest, before, 'nvme0n1p1')


def end(guest, verb, environment=''):
    """busybox' init becomes the exitrd, by tests/vm/end."""
    guest.run(f'echo "{verb}" > /run/verb; echo "{environment}" > /run/environment')
    guest.send('kill -QUIT 1; sleep 1000')


@pytest.mark.parametrize('verb, how, before_that', [
    ('kexec', 'build', ':'),
    ('kexec', 'build', 'kexec -u'),
    ('kexec', 'build', 'echo "trap : TERM; while :; do sleep 1; done" > /run/trouble'),
    ('reboot', 'build-all', ':'),
], ids=['loaded', 'not-loaded', 'overlooked-process', 'reboot'])
def test_as_pid_1(guest, verb, how, before_that):
    guest.run(f'leave {how} {PINNED}')
    guest.run(before_that)
    before = boot_id(guest)
    guest.run('touch /dev/liveupdate')
    end(guest, f'{verb} --timeout=5s --log-level=6', 'SYSTEMD_LUO_SERIALIZE_FD=3')
    arrive(guest, before)
    said = guest.log_path.read_text()
    assert 'file descriptors that services keep for the next kernel are lost' in said
    assert 'not taken apart' not in said
    assert 'stays mounted' not in said


@pytest.mark.parametrize('verb, how, before_that, said', [
    ('poweroff', 'build-all', ':', 'Power down'),
    ('reboot', 'build', ':', 'Restarting system'),
    ('kexec', 'build', 'rm /run/initramfs/stillboot/kernel', 'Restarting system'),
], ids=['poweroff', 'reboot', 'damaged'])
def test_as_pid_1_without_a_jump(guest, verb, how, before_that, said):
    guest.run(f'leave {how} {PINNED}')
    guest.run(before_that)
    end(guest, verb)
    output = guest.end()
    assert said in output
    assert 'Linux version' not in output
    if verb == 'kexec':
        assert 'open /stillboot/kernel: No such file or directory' in output


# Nothing but the shell's own words: its root directory is the exitrd's.
KILL_THE_WORKER = '''while :; do
    for p in /proc/[0-9]*; do
        read -r stat < $p/stat
        case $stat in
        *"(shutdown) "?" 1 "*) kill -9 ${p#/proc/} && exit ;;
        esac
    done
done
'''


def test_as_pid_1_the_worker_dies(start):
    guest = system(start)
    guest.run(f'leave build {PINNED}')
    guest.write_file('/run/trouble', KILL_THE_WORKER)
    end(guest, 'kexec')
    output = guest.end()
    assert 'restarting through the firmware' in output
    assert 'Restarting system' in output
    assert 'jumping into' not in output


def test_as_pid_1_a_driver_hangs(start):
    """reboot(KEXEC), and any other, would wait for it for ever."""
    guest = system(start, 'faulty.remove=hangs')
    guest.run(f'leave build {PINNED}')
    end(guest, 'kexec')
    output = guest.end()
    assert f'{FAULTY}  unbind        hung' in output
    assert 'emergency restart' in output
    assert 'Linux version' not in output


@pytest.mark.parametrize('environment, arrives', [
    ('WATCHDOG_USEC=2000000', True),
    ('WATCHDOG_USEC=18446744073709551615', True),
    ('', False),
], ids=['told', 'what-the-device-has', 'not-told'])
def test_as_pid_1_with_a_watchdog(start, environment, arrives):
    """It bites after eight seconds, and the system is to be up for longer."""
    guest = system(start, CLEAN, *machines.device('i6300esb'))
    guest.run(f'leave build {PINNED}')
    guest.run('modprobe -r i6300esb; modprobe i6300esb heartbeat=8')
    guest.run('echo ": > /dev/watchdog0" > /run/trouble')
    uptime = float(guest.run('cut -d " " -f 1 /proc/uptime'))
    end(guest, 'kexec', f'MINIMUM_UPTIME_USEC={int((uptime + 30) * 1000000)}; {environment}')
    guest.expect('waiting [0-9]+ s, until the system has been up')
    if arrives:
        guest.expect('jumping into')
    else:
        assert 'jumping into' not in guest.end()
