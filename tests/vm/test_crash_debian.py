# SPDX-License-Identifier: GPL-2.0-or-later
"""A crash of an installed Debian with systemd, from `stillboot crash load` to the restart: its own
initramfs runs preinit, and stillboot-crash-save.service saves the dump on the root disk, although a
filesystem of fstab is not there and systemd goes into emergency mode."""

import re
import shutil
import subprocess

import debian
import machines
import pytest


# Without nofail: local-fs.target fails in the crash kernel.
ABSENT = 'UUID=00000000-0000-4000-8000-000000000000 /absent ext4 x-systemd.device-timeout=5s 0 0'


@pytest.fixture
def disk(lab, tmp_path):
    """A copy of the root disk: what the crash kernel writes is looked at afterwards."""
    with lab.lock():
        debian.make()
    copy = tmp_path / 'root.img'
    subprocess.run(['cp', '--sparse=always', debian.DISK, copy], check=True)
    yield copy
    copy.unlink()


@pytest.fixture
def guest(lab, disk):
    machine = machines.NATIVE_HOTPLUG + machines.q35(
        '-drive', f'file={disk},if=none,id=root,format=raw,cache=unsafe',
        *machines.root_port('rp1', 1), *machines.device('nvme', serial='n', drive='root', bus='rp1'),
        *machines.root_port('rp2', 2), *machines.device('edu', bus='rp2'))
    guest = debian.start(machine, lab.LOGS / 'test_crash_debian.log', 900,
                         'crashkernel=256M faulty.asserted=1')
    guest.prompt()
    yield guest
    guest.close()


def test_crash_is_saved_and_the_machine_restarts(guest, disk, lab, tmp_path):
    assert guest.status('stillboot crash status')[0] == 1
    guest.run('systemctl start stillboot-crash')
    status = guest.json('stillboot crash status --json')
    assert status['by'] == 'stillboot' and status['saver'] == 'stillboot'
    assert [f['state'] for f in status['files']] == ['same', 'same']
    assert 'systemd.unit=stillboot-crash-save.service' in status['cmdline']
    guest.run(f'echo "{ABSENT}" >>/etc/fstab && sync')
    # Once more, now with a driver that panics on what it did not ask for.
    guest.run('stillboot crash load --append faulty.fragile=1')
    guest.monitor.command('query-status')  # events are told from the first command on
    guest.send('echo c > /proc/sysrq-trigger')
    said = guest.end()
    assert 'faulty: no stray interrupt' in said and 'Copying data: 100 %' in said
    assert guest.monitor.wait_event('SHUTDOWN')['reason'] == 'guest-reset'

    folder = tmp_path / 'saved'
    folder.mkdir()
    lab.run('/sbin/debugfs', '-R', f'rdump /var/crash {folder}', disk)
    saved = {re.sub(r'\d{14}', 'TIME', p.name): p for p in folder.glob('crash/*/*')}
    assert set(saved) == {'dmesg.TIME', 'dump.TIME'}
    lab.run(lab.STORAGE_TREE / 'usr/bin/makedumpfile', '--dump-dmesg', saved['dump.TIME'],
            tmp_path / 'dmesg')
    for text in (saved['dmesg.TIME'].read_text(errors='replace'),
                 (tmp_path / 'dmesg').read_text(errors='replace')):
        assert 'sysrq: Trigger a crash' in text and 'Command line: root=' in text
    shutil.rmtree(folder)
