# SPDX-License-Identifier: GPL-2.0-or-later
"""stillboot crash on made-up machines, and what is shipped for it."""

import configparser
import json
import re
import subprocess

import pytest

from test_cli import TOP, Machine, bzimage, stillboot

ADDED = 'reset_devices nr_cpus=1 irqpoll rd.shell=0 rd.emergency=reboot'
MIB = 1 << 20


class Reserving(Machine):
    """One with memory for a crash kernel; it runs the entry "good"."""

    def __init__(self, root):
        super().__init__(root)
        self.function('0000:01:00.0', 0x00ff00, 'faulty', resets='bus')
        self.file('proc/sys/kernel/osrelease', '6.1.0-9-amd64\n')
        self.file('proc/cmdline', 'BOOT_IMAGE=/boot/vmlinuz-6.1.0-9-amd64 root=/dev/sda1 '
                                  'crashkernel=256M quiet\n')
        self.reserve(256)
        for version in ('6.1.0-9-amd64', '6.1.0-7-amd64'):
            self.kernel(f'boot/vmlinuz-{version}')
            self.file(f'boot/initrd.img-{version}', f'the initrd of {version}')
        self.entry('good', 'title Good\nversion 6.1.0-9-amd64\nlinux /boot/vmlinuz-6.1.0-9-amd64\n'
                   'initrd /boot/initrd.img-6.1.0-9-amd64\n'
                   'options root=/dev/sda1 crashkernel=256M quiet\n')
        self.entry('older', 'title Older\nversion 6.1.0-7-amd64\n'
                   'linux /boot/vmlinuz-6.1.0-7-amd64\ninitrd /boot/initrd.img-6.1.0-7-amd64\n'
                   'options root=/dev/sda1 panic=5 hugepages=512\n')

    def reserve(self, mib):
        self.file('sys/kernel/kexec_crash_size', f'{mib * MIB}\n')
        self.file('sys/kernel/kexec_crash_loaded', '0\n')

    def loaded(self, **record):
        self.file('sys/kernel/kexec_crash_loaded', '1\n')
        if record:
            self.file('run/stillboot/crash', json.dumps({
                'time': 1000000000, 'entry': 'Gr\u00fc\u00df \x07dich', 'kernel': '6.1',
                'cmdline': 'root=a', 'saver': 'stillboot', 'files': [], **record}))

    def unit(self, name):
        self.file(f'usr/lib/systemd/system/{name}', '')


@pytest.fixture
def machine(tmp_path):
    return Reserving(tmp_path)


def load_of(out):
    """What kexec_file_load would be given: initrd or not, command line, flags."""
    initrd, line, flags = re.search(
        r'would call kexec_file_load\(kernel, (.*), "(.*)", (0x.*)\)', out).groups()
    untied = re.sub(r'stillboot\.handoff=[0-9a-f]{32} ', '', line)
    assert (untied != line) == (initrd == 'initrd')
    return initrd, untied, flags


def test_load_takes_what_runs(machine):
    rc, out, err = machine('crash', 'load', '-n')
    assert rc == 0
    assert load_of(out) == ('initrd', f'root=/dev/sda1 {ADDED} panic=10', '0x2')
    assert 'would load for a crash: Good' in out and '256 MiB reserved' in out
    assert 'bytes to the file /run/stillboot/crash' in out
    assert 'nothing saves a dump by itself' in err


def test_load_of_an_entry(machine):
    rc, out, _ = machine('crash', 'load', 'older', '-n', '--append', 'nr_cpus=2')
    assert rc == 0 and load_of(out)[1] == f'root=/dev/sda1 panic=5 {ADDED} nr_cpus=2'
    rc, _, err = machine('crash', 'load', 'nowhere', '-n')
    assert rc == 1 and "no entry 'nowhere'" in err


def test_load_of_what_runs_with_other_options(machine):
    """Somebody edited them in the loader: they are known to work, the entry's are not."""
    machine.file('proc/cmdline', 'root=/dev/sdb1 crashkernel=1G nomodeset\n')
    rc, out, _ = machine('crash', 'load', '-n')
    assert rc == 0 and 'Good' in out
    assert load_of(out)[1] == f'root=/dev/sdb1 nomodeset {ADDED} panic=10'
    machine.file('proc/sys/kernel/osrelease', '5.10\n')
    rc, _, err = machine('crash', 'load', '-n')
    assert rc == 1 and err.count('\n') == 1 and 'running kernel 5.10' in err


def test_load_of_files(machine, tmp_path):
    kernel = tmp_path / 'my-kernel'
    kernel.write_bytes(bzimage())
    rc, out, _ = machine('crash', 'load', '-n', '--kernel', kernel)
    assert rc == 0 and load_of(out)[:2] == ('no initrd', f'root=/dev/sda1 {ADDED} panic=10')
    rc, out, _ = machine('crash', 'load', '-n', '--kernel', kernel, '--initrd', kernel,
                         '--cmdline', 'a')
    assert rc == 0 and load_of(out)[:2] == ('initrd', f'a {ADDED} panic=10')


def test_rules_have_their_say(machine, tmp_path):
    policy = tmp_path / 'mine.lua'
    policy.write_text('machine { options_add = { "mine=1" }, options_remove = { "irqpoll" } }')
    _, out, _ = machine('crash', 'load', '-n', '--policy', policy)
    assert load_of(out)[1] == (f'root=/dev/sda1 mine=1 {ADDED} panic=10'
                               .replace(' irqpoll', ''))
    _, out, _ = machine('crash', 'load', '-n', '--policy', policy, '--cmdline', 'a')
    assert load_of(out)[1] == f'a {ADDED} panic=10'
    policy.write_text('machine {')
    rc, out, err = machine('crash', 'load', '-n', '--policy', policy)
    assert rc == 0 and 'none of its rules' in err


@pytest.mark.parametrize('unit, saver', [
    ('kdump-tools-dump.service', 'kdump-tools'),
    ('stillboot-crash-save.service', 'stillboot')])
def test_who_saves_the_dump(machine, unit, saver):
    machine.unit('stillboot-crash-save.service')
    machine.unit(unit)
    rc, out, err = machine('crash', 'load', '-n')
    assert rc == 0 and not err and f'dump: saved by {saver}' in out
    assert load_of(out)[1].endswith(f' systemd.unit={unit}')
    _, out, _ = machine('crash', 'load', '-n', '--cmdline', 'systemd.unit=my.target')
    assert load_of(out)[1] == f'systemd.unit=my.target {ADDED} panic=10'


def test_other_units_of_the_command_line(machine):
    machine.unit('stillboot-crash-save.service')
    ours = 'systemd.unit=stillboot-crash-save.service'
    machine.file('proc/cmdline', 'root=/dev/sdb1 systemd.unit=rescue.target rd.break emergency '
                                 'panic=0\n')
    rc, out, err = machine('crash', 'load', '-n')
    assert (rc, err) == (0, '') and 'dump: saved by stillboot' in out
    assert load_of(out)[1] == f'root=/dev/sdb1 {ADDED} panic=10 {ours}'
    for by_hand in (['--append', 'single'], ['--append', 'systemd.unit=my.target'],
                    ['--cmdline', 'systemd.unit=my.target']):
        rc, out, err = machine('crash', 'load', '-n', *by_hand)
        assert rc == 0 and 'saved by' not in out and err.count('\n') == 1
        assert 'start something else than stillboot-crash-save.service' in err


def test_initrd_that_was_made_for_it(machine, tmp_path):
    machine.unit('kdump-tools-dump.service')
    machine.file('var/lib/kdump/initrd.img-6.1.0-9-amd64', 'small')
    _, out, _ = machine('crash', 'load', '-n')
    assert 'initrd: /var/lib/kdump/initrd.img-6.1.0-9-amd64 (of kdump-tools)' in out
    _, out, _ = machine('crash', 'load', 'older', '-n')
    assert 'initrd: /' not in out
    other = tmp_path / 'other'
    other.write_text('another')
    _, out, _ = machine('crash', 'load', '-n', '--initrd', other)
    assert 'initrd: /' not in out and load_of(out)[0] == 'initrd'


def test_what_does_not_fit(machine):
    machine.file('boot/initrd.img-6.1.0-9-amd64', b'\x1f\x8b' + bytes(30 * MIB))
    machine.reserve(48)
    rc, out, err = machine('crash', 'load', '-n')
    assert rc == 3 and 'kexec_file_load' not in out and err.count('\n') == 1
    assert '48 MiB that are reserved' in err and re.search(r'crashkernel=\d+M', err)
    rc, out, err = machine('crash', 'load', '-n', '--force')
    assert rc == 0 and load_of(out)[2] == '0x2' and 'may be too little' in err
    machine.reserve(128)
    rc, _, err = machine('crash', 'load', '-n')
    assert rc == 0 and '128 MiB' in err and 'may be too little' in err
    machine.reserve(512)
    assert 'too little' not in machine('crash', 'load', '-n')[2]


def test_nothing_reserved(machine):
    machine.reserve(0)
    rc, out, err = machine('crash', 'load', '-n')
    assert (rc, out, err.count('\n')) == (1, '', 1) and "kernel's log" in err
    machine.file('proc/cmdline', 'root=/dev/sda1\n')
    rc, _, err = machine('crash', 'load', '-n')
    assert rc == 1 and 'put crashkernel=' in err and 'restart' in err
    rc, out, err = machine('crash', 'load', '-n', '--if-needed')
    assert (rc, err) == (0, '') and 'nothing to do' in out


def test_load_if_needed(machine):
    assert load_of(machine('crash', 'load', '-n', '--if-needed')[1])
    machine.loaded()
    rc, out, _ = machine('crash', 'load', '-n', '--if-needed')
    assert rc == 0 and 'loaded already: nothing to do' in out and 'kexec_file_load' not in out
    assert load_of(machine('crash', 'load', '-n')[1])


def test_loading_is_disabled(machine):
    machine.file('proc/sys/kernel/kexec_load_disabled', '1\n')
    rc, _, err = machine('crash', 'load', '-n')
    assert rc == 1 and 'kexec_load_disabled' in err


def test_unload(machine):
    machine.loaded(entry='x')
    rc, out, err = machine('crash', 'unload', '-n')
    assert (rc, err) == (0, '') and '0x3)' in out and 'remove the file /run/stillboot/crash' in out


def test_status(machine):
    rc, out, _ = machine('crash', 'status')
    assert rc == 1 and re.search('reserved memory: +256 MiB', out) and 'nothing' in out
    machine.loaded()
    rc, out, _ = machine('crash', 'status')
    assert rc == 0 and 'that stillboot did not load' in out
    size = len(bzimage())
    machine.loaded(files=[{'path': 'boot/vmlinuz-6.1.0-9-amd64', 'size': size + 1, 'mtime': 1},
                          {'path': 'boot/gone', 'size': 1, 'mtime': 1},
                          {'path': None, 'size': 1, 'mtime': 1}])
    rc, out, _ = machine('crash', 'status')
    assert rc == 0 and '\x07' not in out and '/boot/gone gone' in out
    assert '/boot/vmlinuz-6.1.0-9-amd64 changed' in out
    rc, out, _ = machine('crash', 'status', '--json')
    told = json.loads(out)
    assert rc == 0 and told['by'] == 'stillboot' and told['reserved'] == 256 * MIB
    assert [f['state'] for f in told['files']] == ['changed', 'gone', 'unknown']


@pytest.mark.parametrize('text', [
    '', '{', '[]', '{"time":1}', '{"time":"x"}', pytest.param('\0' * 70000, id='large'),
    pytest.param('{"a":' * 5000, id='deep')])
def test_damaged_record(machine, text):
    machine.loaded()
    machine.file('run/stillboot/crash', text)
    rc, _, err = machine('crash', 'status')
    assert rc == 1 and err.count('\n') == 1 and 'run/stillboot/crash' in err


def test_save_is_for_crash_kernels(machine):
    rc, out, err = machine('crash', 'save', '-n')
    assert (rc, out) == (3, '') and 'no crash kernel' in err
    machine.file('proc/vmcore', '')
    rc, out, err = machine('crash', 'save', '-n', '--then', 'poweroff')
    steps = [line.removeprefix('would ') for line in out.splitlines()
             if line.startswith('would ')]
    assert (rc, err) == (0, '')
    vmcore = f'{machine.root}/proc/vmcore'
    folder = re.search('/var/crash/[0-9]{14}', out)[0]
    assert steps == [
        f'make the folder {folder}',
        f'run makedumpfile --dump-dmesg {vmcore} {folder}/dmesg-incomplete',
        'see whether the dump fits',
        f'run makedumpfile -l -d 31 {vmcore} {folder}/dump-incomplete',
        'write all dirty data to the disks', 'remount all disk filesystems read-only',
        'call reboot(POWER_OFF)']
    assert out.count('would be saved') == 2


def test_the_end_comes_after_errors_too(machine):
    machine.file('proc/vmcore', '')
    rc, out, err = machine('crash', 'save', '-n', '--to', 'nowhere', '--then', 'reboot')
    assert (rc, err.count('\n')) == (2, 1) and 'would call reboot(' in out
    (machine.root / 'proc/vmcore').unlink()
    rc, out, _ = machine('crash', 'save', '-n', '--then', 'reboot')
    assert rc == 3 and 'reboot(' not in out


def test_save_by_ssh(machine):
    machine.file('proc/vmcore', '')
    machine.file('proc/sys/kernel/hostname', 'here\n')
    rc, out, err = machine('crash', 'save', '-n', '--to', "ssh:root@dumps:/a'b", '--key-file',
                           '/k', '--makedumpfile', '-c -d 17')
    assert (rc, err) == (0, '')
    assert re.search(r"run makedumpfile -F -c -d 17 \S+ \| ssh -oBatchMode=yes .*-i /k root@dumps "
                     r"umask 077 && cat >'/a'\\''b/here-\d{14}'/dump-incomplete\n", out)
    assert 'sync dump-incomplete && mv dump-incomplete flat.' in out and 'mkdir -p' in out


def test_a_folder_over_there_is_taken_once(machine, tmp_path):
    """What the shell over there is told: it fails where the name is taken, and has said that it came so far."""
    machine.file('proc/vmcore', '')
    machine.file('proc/sys/kernel/hostname', 'here\n')
    there = tmp_path / "it's $there"
    _, out, _ = machine('crash', 'save', '-n', '--to', f'ssh:root@dumps:{there}')
    script = re.search('would run ssh .*? root@dumps (umask 077 && mkdir -p .*)\n', out)[1]
    for rc in (0, 1):
        done = subprocess.run(['sh', '-c', script], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (rc, 'stillboot: the folder above is there\n')
        assert [re.sub(r'\d{14}', 'TIME', p.name) for p in there.iterdir()] == ['here-TIME']
    blocked = script.replace('mkdir -p', 'false')
    done = subprocess.run(['sh', '-c', blocked], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, '')


@pytest.mark.parametrize('args', [
    [], ['frobnicate'], ['load', 'a', 'b'], ['unload', 'a'], ['status', '--to', '/x'],
    ['save', '--json'], ['save', '--to', 'x'], ['save', '--to', 'ssh:-x:/a'],
    ['save', '--then', 'dance'], ['load', 'a', '--kernel', 'b'], ['load', '--key-file', 'x'],
    ['load', '--cmdline', 'a', '--reuse-cmdline']])
def test_usage(machine, args):
    rc, _, err = machine('crash', *args)
    assert rc == 2 and err.count('\n') == 1


def test_needs_a_dry_run_elsewhere(machine):
    for command in ('load', 'unload', 'save'):
        rc, _, err = machine('crash', command)
        assert rc == 2 and '--dry-run' in err


def unit(name):
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(TOP / 'configs/systemd' / name)
    return parser


def test_units():
    """Both call what there is; the one of the crash kernel never ends without a restart."""
    for name in ('stillboot-crash.service', 'stillboot-crash-save.service'):
        words = unit(name)['Service']['ExecStart'].split()
        assert words[0] == '/usr/sbin/stillboot'
        known = stillboot('crash', '--help')[1]
        assert all(word in known for word in words[2:])
    save = unit('stillboot-crash-save.service')['Unit']
    assert save['FailureAction'] == save['SuccessAction'] == save['JobTimeoutAction']
    # Where a condition fails none of them is done.
    assert {key: save[key] for key in save if key.startswith(('Condition', 'Assert'))} == {
        'ConditionKernelCommandLine': 'systemd.unit=stillboot-crash-save.service'}
    assert save['FailureAction'] == 'reboot-force' and save['IgnoreOnIsolate'] == 'yes'
    # Emergency mode stops sysinit.target, and cancels whoever requires it.
    assert save['DefaultDependencies'] == 'no' and save['Wants'] == 'sysinit.target'
    assert {'sysinit.target', 'local-fs.target'} < set(save['After'].split())
    assert not {'Requires', 'Requisite', 'BindsTo', 'PartOf'} & set(save)
    assert save['Conflicts'] == save['Before'] == 'shutdown.target'


def test_units_are_right(tmp_path):
    """As far as systemd says, where it is installed."""
    try:
        done = subprocess.run(
            ['systemd-analyze', 'verify', '--man=no',
             *(TOP / 'configs/systemd').glob('stillboot-crash*.service')],
            capture_output=True, text=True, check=False, cwd=tmp_path)
    except FileNotFoundError:
        pytest.skip('systemd-analyze is not installed')
    said = [line for line in done.stderr.splitlines() if 'stillboot-crash' in line and
            'not executable' not in line]
    assert not said
