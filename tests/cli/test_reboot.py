# SPDX-License-Identifier: GPL-2.0-or-later
"""reboot, enable, disable, status and refresh on made-up machines, and what is shipped for them."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import time
import zlib

import pytest

from test_cli import TOP, Machine, stillboot

MAN = TOP / 'configs/man/stillboot.conf.5'
SERVICE = 'etc/systemd/system/multi-user.target.wants/stillboot.service'
CONF = 'etc/stillboot/stillboot.conf'


class Running(Machine):
    """One with systemd."""

    def directory(self, path):
        (self.root / path).mkdir(parents=True, exist_ok=True)

    def enable(self):
        self.directory('etc/systemd/system/multi-user.target.wants')
        (self.root / SERVICE).symlink_to('/usr/lib/systemd/system/stillboot.service')

    def version(self, version):
        self.file(f'usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-{version}.so', '')

    def preloaded(self, by='service', boot='here', path='run/stillboot/preloaded', handoff=True):
        self.file('proc/sys/kernel/random/boot_id', 'here\n')
        self.file(path, json.dumps({
            'boot_id': boot, 'time': 1000000000, 'entry': 'Gr\u00fc\u00df \x07dich', 'kernel': '6.1',
            'by': by, 'handoff': handoff}))
        self.file('sys/kernel/kexec_loaded', '1\n')

    def attempt(self, boot='before', handoff=True):
        self.preloaded('reboot', boot, 'var/lib/stillboot/attempt', handoff)

    def handoff(self, boot, **more):
        body = json.dumps({'boot_id': boot, 'kernel': '6.1', 'entry': 'e', 'duration_us': 1,
                           'steps': [], 'devices': [], **more})
        record = f'stillboot-handoff 2 {len(body)} {zlib.crc32(body.encode()):08x}\n{body}'
        self.file('stillboot/handoff', record)
        self.file('proc/cmdline', f'stillboot.handoff={hashlib.sha256(record.encode()).hexdigest()[:32]} ro\n')

    def told(self, *args):
        """The effects of a dry run."""
        rc, out, err = self(*args, '-n')
        assert rc == 0 and not err, err
        return [line.removeprefix('would ') for line in out.splitlines()
                if line.startswith('would ')]


@pytest.fixture
def machine(tmp_path):
    m = Running(tmp_path)
    m.directory('run/systemd/system')
    m.function('0000:00:02.0', 0x060400, 'pcieport', port=(1, 1))
    m.function('0000:01:00.0', 0x00ff00, 'faulty', resets='bus')
    m.kernel('vmlinuz')
    m.file('initrd', 'an initrd')
    m.entry('good', 'title Good\nlinux /vmlinuz\ninitrd /initrd\noptions a=1 b\nversion 2\n')
    m.entry('else', 'title Other\nlinux /vmlinuz\noptions c\nversion 1\n')
    return m


def test_a_reboot_tells_all_it_would_do(machine):
    rc, out, err = machine('reboot', '-n')
    told = [line for line in out.splitlines() if line.startswith('would ')]
    assert rc == 0 and not err and 'booting Good' in out and '0000:01:00.0' in out
    assert re.fullmatch(r'would call kexec_file_load\(kernel, initrd, '
                        r'"stillboot.handoff=[0-9a-f]{32} a=1 b", 0x0\)', told[0])
    assert told[1].endswith('bytes to the file /run/stillboot/decision')
    assert 'run/initramfs' in told[2]
    assert told[-4].endswith('bytes to the file /run/stillboot/preloaded')
    assert told[-3].endswith('bytes to the file /var/lib/stillboot/attempt')
    assert told[-2].endswith('bytes to the file /run/stillboot/request')
    assert told[-1] == 'would run systemctl kexec'


@pytest.mark.parametrize('args, cmdline', [
    (['else', '--append', 'quiet x=1'], 'c quiet x=1'),
    (['--cmdline', '', '--append', 'x'], 'x'),
    (['--reuse-cmdline', '--append', 'x'], 'ro x'),
], ids=lambda value: ' '.join(value) if isinstance(value, list) else '')
def test_what_is_appended(machine, args, cmdline):
    machine.file('proc/cmdline', 'BOOT_IMAGE=/vmlinuz ro\n')
    for command in 'load', 'reboot', 'exec':
        told = re.sub('stillboot.handoff=[0-9a-f]{32} ', '', machine.told(command, *args)[0])
        assert f'"{cmdline}", 0x0)' in told


@pytest.mark.parametrize('args, asked', [
    (['--force'], 'systemctl kexec -i'),
    (['--no-wall'], 'systemctl kexec --no-wall'),
    (['--message', 'back soon'], 'systemctl kexec --message=back soon'),
    (['--wait'], 'systemctl kexec'),
])
def test_who_is_asked(machine, args, asked):
    assert machine.told('reboot', *args)[-1] == f'run {asked}'


def test_systemd_is_asked_without_kexec_tools(machine):
    machine.version(257)
    assert not (machine.root / 'usr/sbin/kexec').exists()
    assert machine.told('reboot', '--force', '--no-wall')[-1] == 'run systemctl kexec -i --no-wall'


@pytest.mark.parametrize('args, code, word', [
    (['reboot', '--now', '--wait'], 2, '--wait'),
    (['reboot', '--when', '+5', '--wait'], 2, '--wait'),
    (['reboot', '--message', 'x', '--no-wall'], 2, '--no-wall'),
    (['reboot', '--when', 'soon'], 2, 'HH:MM'),
    (['reboot', '--when', '25:00'], 2, 'HH:MM'),
    (['reboot', '--when', '2020-02-02 02:02'], 2, 'past'),
    (['reboot', '--when', '+99999999'], 2, 'year'),
    (['reboot', '--when', 'cancel', '-n'], 1, 'no restart is planned'),
    (['reboot', 'nobody', '-n'], 1, 'nobody'),
    (['reboot'], 2, '--dry-run'),
    (['reboot', '--initrd', 'x'], 2, '--kernel'),
    (['enable', '--reboot', 'kexecc', '-n'], 2, 'kexecc'),
    (['quiesce', '-n', '--budget', '8x'], 2, 'seconds'),
    (['exec', '-n', '--loaded', '--append', 'x'], 2, '--loaded'),
], ids=lambda value: ' '.join(value) if isinstance(value, list) else '')
def test_wrong_usage_and_refusals(machine, args, code, word):
    rc, out, err = machine(*args)
    assert rc == code and word in err and len(err.splitlines()) == 1 and 'would' not in out


def refused(machine, command, word, code=3):
    rc, out, err = machine(command, '-n')
    assert rc == code and word in err and len(err.splitlines()) == 1, err
    assert 'would' not in out


def test_refusals_before_anything_is_done(machine):
    machine.file('run/systemd/inhibit/7', 'WHAT=sleep:shutdown\nMODE=block\nWHO=dpkg\nWHY=half way\n')
    refused(machine, 'reboot', 'dpkg keeps this machine from shutting down: half way; --force')
    assert machine.told('reboot', '--force')[-1] == 'run systemctl kexec -i'
    machine.file('run/systemd/inhibit/7', 'WHAT=shutdown\nMODE=delay\nWHO=a\nWHY=b\n')
    assert machine.told('reboot')
    (machine.root / 'run/systemd/system').rmdir()
    refused(machine, 'reboot', 'no systemd runs here: --now stops all processes itself')
    refused(machine, 'enable', 'no systemd runs here')
    machine.file('proc/sys/kernel/kexec_load_disabled', '1\n')
    for command in 'reboot', 'enable':
        refused(machine, command, 'kexec_load_disabled', 1)


def test_what_the_firmware_is_asked_for(machine):
    """OsIndications: its setup (UEFI 2.10, 8.5.4)."""
    guid = '8be4df61-93ca-11d2-aa0d-00e098032b8c'
    machine.file(f'sys/firmware/efi/efivars/OsIndications-{guid}', b'\7\0\0\0\1' + bytes(7))
    refused(machine, 'reboot', 'the firmware comes first: its setup was asked for')


def test_a_disk_in_use_is_stilled_at_the_end(machine):
    """The plan is that of the end of the shutdown."""
    machine.file('proc/self/mountinfo', '1 1 8:1 / / rw - ext4 /dev/sda1 rw\n')
    machine.file('sys/class/block/sda1/dev', '8:1\n')
    disk = machine.root / 'sys/bus/pci/devices/0000:01:00.0/sda1'
    (machine.root / 'sys/class/block/sda1').rename(disk)
    (machine.root / 'sys/class/block/sda1').symlink_to('../../bus/pci/devices/0000:01:00.0/sda1')
    assert 'quiesce' not in machine('exec', '-n', '--force', 'good')[1]
    rc, out, err = machine('reboot', '-n', 'good')
    assert rc == 0 and not err and re.search('0000:01:00.0 .*bus', out)


def test_rules_that_forbid_it(machine):
    policy = machine.root / 'etc/stillboot/policy.d/mine.lua'
    policy.parent.mkdir(parents=True)
    policy.write_text('machine { jump = false, why = "no" }')
    for command in 'reboot', 'enable', 'load':
        refused(machine, command, 'no kexec on this machine')
    machine.file('sys/kernel/security/lockdown', 'none [integrity] confidentiality\n')
    policy.write_text('device { driver = "faulty", steps = { "mask" } }\n'
                      'boot { require_still = true }')
    for command in 'reboot', 'load':
        refused(machine, command, 'no step could change that')


def test_another_exitrd(machine):
    """Ours gives way, and the hook does what it can."""
    machine.file('run/initramfs/shutdown', '')
    rc, out, err = machine('reboot', '-n')
    assert rc == 0 and 'no device will be stilled' in err and 'initramfs' not in out
    machine.file('usr/lib/systemd/system-shutdown/stillboot', '')
    (machine.root / 'usr/lib/systemd/system-shutdown/stillboot').chmod(0o755)
    rc, out, err = machine('reboot', '-n')
    assert rc == 0 and 'hook of the shutdown is used instead' in err
    assert len(err.splitlines()) == 1
    refused_now = machine('reboot', '-n', '--now')
    assert refused_now[0] == 3 and 'without it' in refused_now[2]


def test_when(machine):
    told = machine.told('reboot', 'good', '--when', '+5m', '--append', '$x y', '--no-wall')
    assert len(told) == 1 and told[0].startswith(
        'run systemd-run --unit=stillboot-reboot --quiet --collect --timer-property=AccuracySec=1s '
        '--on-active=300s ')
    assert told[0].endswith(' reboot --no-wall --append=$$x y -- good')
    told = machine.told('reboot', '--when', '23:59', '--kernel', os.path.relpath(
        machine.root / 'vmlinuz'))
    assert re.search(r'--on-calendar=\d{4}-\d\d-\d\d 23:59:00 ', told[0])
    assert f'--kernel={machine.root}/vmlinuz --' in told[0]
    assert told[1].startswith('tell everybody who is logged in: this machine restarts at ')
    machine.file('run/systemd/transient/stillboot-reboot.timer', '')
    assert machine.told('reboot', '--when', '+1', '--no-wall')[0] == (
        'run systemctl stop stillboot-reboot.timer')
    assert machine.told('reboot', '--when', 'cancel', '--no-wall') == [
        'run systemctl stop stillboot-reboot.timer']


def test_enable_and_disable(machine):
    machine.version(252)
    rc, out, err = machine('enable', '-n')
    assert rc == 0 and not err and '`systemctl reboot` goes through the firmware' in out
    told = machine.told('enable', '--reboot', 'kexec')
    assert told[0].endswith('bytes to the file /etc/stillboot/stillboot.conf.d/90-enable.conf')
    assert told[1:] == ['run systemctl enable stillboot.service',
                        'run systemctl reload-or-restart stillboot.service']
    machine.version(255)
    (machine.root / 'usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so').unlink()
    assert 'systemd 255 takes a plain `systemctl reboot` for a kexec' in machine('enable', '-n')[1]
    machine.preloaded()
    machine.attempt()
    machine.file('etc/stillboot/stillboot.conf.d/90-enable.conf', 'reboot = kexec\n')
    told = machine.told('disable')
    assert told[:2] == ['run systemctl disable --now stillboot.service',
                        'call kexec_file_load(kernel, no initrd, "", 0x1)'], told
    removed = [line.split()[-1] for line in told if line.startswith('remove the file')]
    assert {'/run/stillboot/preloaded', '/run/stillboot/decision', '/var/lib/stillboot/attempt',
            '/etc/stillboot/stillboot.conf.d/90-enable.conf'} <= set(removed)


def test_status(machine):
    rc, out, err = machine('status', '--json')
    assert rc == 1 and not err and json.loads(out) == {
        'enabled': False, 'ready': False, 'preloaded': None, 'exitrd': 'none', 'systemd': None,
        'reboot': 'firmware', 'systemctl_kexec': 'refuses', 'attempt': None}
    machine.enable()
    machine.version(252)
    machine.preloaded()
    rc, out, err = machine('status', '--json')
    status = json.loads(out)
    assert rc == 0 and not err and status['enabled'] and status['ready']
    assert status['preloaded']['kernel'] == '6.1' and status['preloaded']['by'] == 'service'
    assert status['systemd'] == 252 and status['reboot'] == 'firmware'
    assert status['systemctl_kexec'] == 'jumps'
    rc, out, err = machine('status')
    assert rc == 0 and 'Gr\u00fc\u00df \\x07dich (6.1), since 2001-09-0' in out
    machine.file('sys/kernel/kexec_loaded', '0\n')
    rc, out, err = machine('status')
    assert rc == 1 and 'nothing (Gr\u00fc\u00df \\x07dich was unloaded)\n' in out
    assert json.loads(machine('status', '--json')[1])['preloaded'] is None
    machine.preloaded()
    machine.version(255)
    (machine.root / 'usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so').unlink()
    assert json.loads(machine('status', '--json')[1])['reboot'] == 'kexec'
    machine.file('run/nextroot/etc/os-release', '')
    assert json.loads(machine('status', '--json')[1])['reboot'] == 'kexec'
    machine.file('proc/self/mountinfo', '1 1 0:2 / / rw - rootfs rootfs rw\n'
                 '2 1 8:1 / /run/nextroot rw - ext4 /dev/sda1 rw\n')
    assert json.loads(machine('status', '--json')[1])['reboot'] == 'soft-reboot'
    machine.file(CONF, 'reboot = never\n')
    rc, out, err = machine('status')
    assert rc == 1 and f'/{CONF}:1: ' in err and not out


def test_json_is_what_the_manual_says(machine):
    page = (TOP / 'configs/man/stillboot.8').read_text()
    text = page[page.index('.Ic status Fl -json\nprints'):].split('.Ic report Fl -json')[0]
    fields = re.findall(r'^\.Va (.*)$', text, re.MULTILINE)
    machine.attempt()
    machine.preloaded()
    status = json.loads(machine('status', '--json')[1])
    assert {word for line in fields for word in re.findall(r'\w+', line)} == set(status)
    for name in 'preloaded', 'attempt':
        assert all(re.search(rf'\b{key}\b', text) for key in status[name])


def test_refresh(machine):
    machine.file(CONF, 'entry = else\n')
    told = machine.told('refresh')
    assert told[0] == 'call kexec_file_load(kernel, no initrd, "c", 0x0)'
    assert told[-1].endswith('bytes to the file /run/stillboot/preloaded')
    machine.file(CONF, 'entry = nobody\n')
    refused(machine, 'refresh', 'nobody', 1)
    machine.file(CONF, '')
    machine.preloaded()
    assert machine.told('refresh', '--stopping')[0] == (
        'call kexec_file_load(kernel, no initrd, "", 0x1)')
    machine.preloaded('load')
    assert machine.told('refresh', '--stopping') == []
    rc, out, err = machine('refresh', '-n')
    assert rc == 0 and 'loaded by hand stays' in err and 'would' not in out


def test_a_reboot_that_was_given_up_is_taken_over(machine):
    machine.preloaded('reboot')
    machine.attempt('here')
    told = machine.told('refresh')
    assert told[0] == 'remove the file /var/lib/stillboot/attempt'
    assert told[1].startswith('call kexec_file_load(kernel, initrd, ')
    path = machine.root / 'run/stillboot/preloaded'
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {'time': int(time.time())}))
    rc, out, err = machine('refresh', '-n')
    assert rc == 0 and 'loaded by hand stays' in err and 'would' not in out


def test_a_choice_for_one_boot_is_the_boot_loaders(machine):
    """Where kexec cannot boot it nothing is, and it is not used up."""
    def once(name):
        machine.file('sys/firmware/efi/efivars/LoaderEntryOneShot-'
                     '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f',
                     b'\7\0\0\0' + (name + '\0').encode('utf-16-le'))
    once('auto-windows')
    rc, out, err = machine('refresh', '-n')
    assert rc == 0 and "'auto-windows' is to be booted once" in err and len(err.splitlines()) == 1
    assert 'preloaded' not in out and 'kexec_file_load(kernel, no initrd, "", 0x1)' in out
    assert 'LoaderEntryOneShot' not in out
    assert machine.told('reboot', 'good')[0].startswith('call kexec_file_load(kernel, initrd')
    once('else.conf')
    assert machine.told('refresh')[0] == 'call kexec_file_load(kernel, no initrd, "c", 0x0)'
    machine.file(CONF, 'entry = good\n')
    assert "'else.conf' is to be booted once" in machine('refresh', '-n')[2]


def test_attempts(machine):
    """What did not arrive is told of, with the last that was heard of it."""
    machine.attempt()
    machine.file('sys/fs/pstore/dmesg-ramoops-0',
                 'Panic#1 Part1\n<4>[ 12.3] stillboot: 0000:01:00.0: unbind\n'
                 '<4>[ 12.4] stillboot: a \x07driver hangs\n<0>[ 12.5] other\n')
    rc, out, err = machine('report')
    assert rc == 1 and not err and 'it did not arrive' in out and 'a \\x07driver hangs' in out
    rc, out, err = machine('report', '--json')
    attempt = json.loads(out)['attempt']
    assert rc == 1 and attempt['state'] == 'lost' and attempt['reason'].startswith('a ')
    assert json.loads(machine('status', '--json')[1])['attempt'] == attempt
    machine.handoff('another')
    rc, out, err = machine('report', '--json')
    assert rc == 0 and json.loads(out)['attempt']['state'] == 'lost'
    # A crash kernel was loaded by the same boot, and is not where the jump went.
    machine.handoff('before', crash=True)
    assert json.loads(machine('report', '--json')[1])['attempt']['state'] == 'lost'
    machine.handoff('before')
    assert json.loads(machine('report', '--json')[1])['attempt']['state'] == 'arrived'
    assert 'remove the file /var/lib/stillboot/attempt' in machine.told('refresh')
    machine.attempt('here')
    assert json.loads(machine('status', '--json')[1])['attempt']['state'] == 'under way'
    machine.attempt('before', handoff=False)
    machine.handoff('another')
    assert json.loads(machine('status', '--json')[1])['attempt']['state'] == 'unknown'
    record = json.loads((machine.root / 'var/lib/stillboot/attempt').read_text())
    for told, state in ('here', 'unknown'), ('another', None):
        machine.file('var/lib/stillboot/attempt', json.dumps(record | {'told': told}))
        attempt = json.loads(machine('status', '--json')[1])['attempt']
        assert (attempt and attempt['state']) == state
    for text in 'nonsense', '{}', '{"boot_id": 1}', '[' * 3000:
        machine.file('var/lib/stillboot/attempt', text)
        assert json.loads(machine('status', '--json')[1])['attempt'] is None


@pytest.mark.parametrize('path', ['', '1000000001/', '1000000001/001/'])
def test_what_systemd_moved_out_of_pstore(machine, path):
    def reason():
        return json.loads(machine('report', '--json')[1])['attempt']['reason']
    machine.attempt()
    machine.file(f'var/lib/systemd/pstore/{path}dmesg.txt', '<4>[ 12.4] stillboot: it hangs\n')
    assert reason() == 'it hangs'
    attempt = machine.root / 'var/lib/stillboot/attempt'
    attempt.write_text(json.dumps(json.loads(attempt.read_text()) | {'time': time.time_ns()}))
    assert reason() is None


def test_a_budget(machine):
    """A reset may take 70 s, an unbind 30 s; what was used counts the next time."""
    rc, out, err = machine('quiesce', '-n', '--budget', '60', '--json')
    steps = {row['step']: row for row in json.loads(out)['steps']}
    assert steps['unbind']['result'] == 'ok' and steps['bus']['result'] == 'skipped'
    assert 'no time' in steps['bus']['detail']
    assert machine.told('quiesce', '--budget', '80')[-1].endswith('/run/stillboot/budget')
    machine.file('run/stillboot/budget', '55000')
    rc, out, err = machine('quiesce', '-n', '--budget', '80', '--json')
    assert rc == 1 and json.loads(out)['loud'] == 1
    assert {row['result'] for row in json.loads(out)['steps']} == {'skipped'}
    machine.file('run/stillboot/budget', '80000')
    assert machine('quiesce', '-n', '--budget', '80')[0] == 3


def test_manual_of_the_configuration(machine):
    """Its settings are those of the program, its example is good, and its errors are what is said."""
    page = MAN.read_text()
    names = re.findall(r'^\.It Va (\w+)$', page, re.MULTILINE)
    machine.file(CONF, 'nothing = 1\n')
    _, _, err = machine('status')
    assert err.rstrip().endswith('what can be set is reboot, entry and timeout')
    assert names == ['reboot', 'entry', 'timeout']
    example, diagnostic = re.findall(r'^\.Bd.*?\n(.*?)^\.Ed', page, re.MULTILINE | re.DOTALL)
    machine.file(CONF, example)
    assert not machine('status')[2]
    line, text = re.search(r':(\d+): (\w+ = \w+) makes', diagnostic).groups()
    machine.file(CONF, '\n' * (int(line) - 1) + text)
    assert machine('status')[2] == f'stillboot: {diagnostic}'


@pytest.mark.skipif(not shutil.which('systemd-analyze'), reason='no systemd here')
def test_units(tmp_path):
    """As systemd reads them; the program need not be installed here."""
    program = tmp_path / 'stillboot'
    program.write_text('#!/bin/sh\n')
    program.chmod(0o755)
    units = []
    for path in (TOP / 'configs/systemd').glob('*.service'):
        text = path.read_text().replace('/usr/sbin/stillboot', str(program))
        units.append(tmp_path / path.name)
        units[-1].write_text(re.sub(r'^Documentation=.*\n', '', text, flags=re.MULTILINE))
    done = subprocess.run(['systemd-analyze', 'verify', *units], capture_output=True, text=True,
                          check=False)
    assert len(units) >= 2 and not [line for line in done.stderr.splitlines()
                                    if 'stillboot' in line], done.stderr
    for line in (TOP / 'configs/systemd/90-stillboot.preset').read_text().splitlines():
        assert line.startswith('#') or (TOP / 'configs/systemd' / line.split()[1]).exists()


@pytest.mark.parametrize('script', ['systemd/stillboot.shutdown', 'kernel-hooks/zz-stillboot'])
def test_scripts(script):
    path = TOP / 'configs' / script
    assert os.access(path, os.X_OK)
    subprocess.run(['sh', '-n', path], check=True)


def test_the_hook_minds_its_own_business():
    for verb in 'reboot', 'poweroff', 'halt':
        subprocess.run([TOP / 'configs/systemd/stillboot.shutdown', verb], check=True)


@pytest.mark.parametrize('left, code', [([], 0), (['initramfs/stillboot/target.json'], 1)])
def test_removing_the_package_leaves_nothing_that_jumps(tmp_path, left, code):
    """Where disable fails, what counts is what it left."""
    (tmp_path / 'stillboot').write_text('#!/bin/sh\nexit 1\n')
    (tmp_path / 'stillboot').chmod(0o755)
    for path in left:
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text('')
    script = (TOP / 'configs/debian/stillboot.prerm').read_text().replace('/run/', f'{tmp_path}/')
    done = subprocess.run(['sh', '-c', script, 'prerm', 'remove'], check=False,
                          env={'PATH': f'{tmp_path}:{os.environ["PATH"]}'})
    assert done.returncode == code
