# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line as a user types it, on made-up machines below --root."""

import json
import os
import re
import signal
import subprocess
import zlib
from pathlib import Path

import pytest

from images import bzimage

TOP = Path(__file__).resolve().parents[2]
STILLBOOT = Path(os.environ.get('STILLBOOT', TOP / 'build/stillboot')).resolve()
COMMANDS = ['list', 'devices', 'plan', 'policy', 'load', 'unload', 'exec', 'report']


def stillboot(*args):
    done = subprocess.run([STILLBOOT, *args], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class Machine:
    """A directory that is a machine."""

    def __init__(self, root):
        self.root = root
        self.file('proc/sysrq-trigger', '')
        self.file('proc/self/mountinfo', '1 1 0:2 / / rw - rootfs rootfs rw\n')

    def file(self, path, content):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def function(self, slot, class_code, driver=None, port=None, resets='', master=True):
        """port: bus numbers below it, which makes it a root port."""
        config = bytearray(256)
        config[0:4] = b'\x34\x12\xe8\x11'
        config[4] = 0x06 if master else 0x02
        config[9:12] = class_code.to_bytes(3, 'little')
        if port:
            config[6] = 0x10
            config[0x0e] = 1
            config[0x19], config[0x1a] = port
            config[0x34] = 0x40
            config[0x40], config[0x42] = 0x10, 0x42
        home = f'sys/bus/pci/devices/{slot}'
        self.file(f'{home}/config', bytes(config))
        for name, value in (('vendor', '0x1234'), ('device', '0x11e8'),
                            ('class', f'0x{class_code:06x}'), ('irq', '0'), ('resource', '')):
            self.file(f'{home}/{name}', f'{value}\n')
        if resets:
            self.file(f'{home}/reset_method', f'{resets}\n')
        if driver:
            (self.root / home / 'driver').symlink_to(f'../../drivers/{driver}')
            self.file(f'sys/bus/pci/drivers/{driver}/unbind', '')

    def kernel(self, path):
        self.file(path, bzimage())

    def entry(self, name, text):
        self.file(f'boot/loader/entries/{name}.conf', text)

    def __call__(self, *args):
        return stillboot('--root', self.root, *args)


@pytest.fixture
def machine(tmp_path):
    m = Machine(tmp_path)
    m.function('0000:00:01.0', 0x030000, 'bochs-drm')
    m.function('0000:00:02.0', 0x060400, 'pcieport', port=(1, 1))
    m.function('0000:01:00.0', 0x00ff00, 'faulty', resets='bus')
    m.kernel('vmlinuz')
    m.file('initrd', 'an initrd')
    m.entry('good', 'title Gr\u00fc\u00df dich\nlinux /vmlinuz\ninitrd /initrd\noptions a=1 b\n')
    m.entry('lost', 'title \x1b[31mLost\nlinux /gone\n')
    return m


def test_help_and_version():
    rc, out, _ = stillboot('--help')
    assert rc == 0 and all(command in out for command in COMMANDS)
    for command in COMMANDS:
        rc, out, err = stillboot(command, '--help')
        assert rc == 0 and out.startswith(f'Usage: stillboot {command}') and not err
    rc, out, _ = stillboot('--version')
    assert rc == 0 and out.startswith('stillboot ')


@pytest.mark.parametrize('args', [
    [], ['frobnicate'], ['--frobnicate'], ['list', 'x'], ['list', '--force'], ['load', 'a', 'b'],
    ['load', 'a', '--kernel', 'b'], ['load', '--initrd', 'b'], ['exec', '--loaded', 'a'],
    ['exec', '--cmdline', 'x', '--reuse-cmdline', 'a'], ['report', '--policy'],
    ['plan', '--explain', '1:0.0', '--diff', 'x'], ['plan', 'x'], ['plan', '--explain'],
    ['policy'], ['policy', 'frobnicate'], ['policy', 'test'], ['policy', 'test', 'a', 'b'],
    ['policy', 'list', 'x'], ['policy', 'check', '--update'],
    ['policy', 'check', 'x', '--policy', 'y'], ['list', '--update'],
    ['exec', '--pci-dump', 'x'], ['load', '--pci-dump', 'x'], ['list', '--pci-dump', 'x'],
], ids=' '.join)
def test_wrong_usage(args):
    rc, out, err = stillboot(*args)
    assert rc == 2 and err and not out


def test_errors_begin_with_the_name_of_the_program():
    for args in (['--frobnicate'], ['list', '--policy'], ['frobnicate'], ['unload', 'x', 'y']):
        _, _, err = stillboot(*args)
        assert err.startswith('stillboot: ') and len(err.splitlines()) == 1


def test_who_asks_for_json_gets_errors_as_json(machine):
    for args, code, word in ((['frobnicate'], 2, 'frobnicate'), (['report'], 1, 'no handoff'),
                             (['list', 'x'], 2, 'no argument'), (['quiesce'], 2, '--dry-run'),
                             (['policy', 'test', machine.root / 'none'], 1, 'none')):
        rc, out, err = machine('--json', *args)
        answer = json.loads(out)
        assert rc == code and list(answer) == ['error'] and word in answer['error']
        assert answer['error'] in err


def test_dry_runs_say_would(machine):
    rc, out, _ = machine('save', '-n')
    assert rc == 0 and 'would save 3 functions' in out and '\nsaved' not in out
    machine.file('run/stillboot/undo', 'autoprobe 1\n')
    rc, out, _ = machine('rebind', '-n')
    assert rc == 0 and '0 drivers would be bound again' in out


def test_list(machine):
    rc, out, err = machine('list', '--json')
    entries = {e['id']: e for e in json.loads(out)['entries']}
    good, lost = entries['good'], entries['lost']
    assert rc == 0 and not err
    assert good['linux'] == '/vmlinuz' and good['initrd'] == ['/initrd']
    assert good['title'] == 'Gr\u00fc\u00df dich' and good['options'] == 'a=1 b'
    assert good['default'] and good['bootable'] and good['reason'] is None
    assert good['source'] == {'device': None, 'file': 'boot/loader/entries/good.conf', 'line': 1}
    assert not lost['bootable'] and '/gone' in lost['reason'] and not lost['default']
    rc, out, _ = machine('list')
    assert rc == 0 and '\x1b' not in out and '\\x1b[31mLost' in out


def test_plan_and_devices(machine):
    rc, out, _ = machine('plan', '--json')
    devices = {d['slot']: d for d in json.loads(out)['devices']}
    assert rc == 0
    assert devices['0000:00:01.0']['action'] == devices['0000:00:02.0']['action'] == 'left'
    faulty = devices['0000:01:00.0']
    assert faulty['action'] == 'quiesce' and faulty['driver'] == 'faulty'
    assert [s['step'] for s in faulty['steps']] == ['unbind', 'bus', 'disable', 'mask']
    assert all(d['reason'] and d['rule'].startswith('default.lua:') for d in devices.values())
    rc, out, _ = machine('devices', '--json')
    devices = {d['slot']: d for d in json.loads(out)['devices']}
    assert devices['0000:01:00.0']['parent'] == '0000:00:02.0'
    assert devices['0000:00:02.0']['port_type'] == 'root port'
    assert devices['0000:00:02.0']['buses'] == [1, 1]
    assert devices['0000:01:00.0']['reset_method'] == 'bus'
    assert devices['0000:01:00.0']['iommu_group'] is None
    assert devices['0000:01:00.0']['config_bytes'] == 256
    rc, out, _ = machine('devices')
    assert rc == 0 and '`- 0000:01:00.0' in out and '\x1b' not in out


def test_devices_in_full(machine):
    home = 'sys/bus/pci/devices/0000:01:00.0'
    machine.file(f'{home}/power_state', 'D3hot\n')
    machine.file(f'{home}/numa_node', '1\n')
    config = bytearray((machine.root / home / 'config').read_bytes())
    config[0x2c:0x30] = bytes.fromhex('f41a0011')
    (machine.root / home / 'config').write_bytes(config)
    machine.file('sys/bus/pci/slots/7/address', '0000:01:00\n')
    machine.file('sys/bus/pci/drivers/faulty/unbind', '')
    machine.file('sys/kernel/security/lockdown', 'none [integrity] confidentiality\n')
    (machine.root / home / 'iommu_group').symlink_to('../../../kernel/iommu_groups/5')
    (machine.root / home / 'consumer:pci:0000:00:01.0').symlink_to('x')
    rc, out, _ = machine('devices', '--json')
    everything = json.loads(out)
    device = everything['devices'][2]
    assert rc == 0 and everything['lockdown'] == 'integrity'
    assert {name: device[name] for name in (
        'power_state', 'numa_node', 'hotplug_slot', 'can_unbind', 'iommu_group', 'consumers',
        'resets', 'physical', 'vf_count', 'sriov', 'capabilities', 'place',
        'subsystem_vendor', 'subsystem_device')} == {
            'subsystem_vendor': '0x1af4', 'subsystem_device': '0x1100',
            'power_state': 'D3hot', 'numa_node': 1, 'hotplug_slot': '7', 'can_unbind': True,
            'iommu_group': 5, 'consumers': ['0000:00:01.0'], 'resets': ['bus'],
            'physical': None, 'vf_count': 0, 'sriov': None, 'capabilities': [], 'place': 'port'}
    rc, out, _ = machine('devices')
    line = next(line for line in out.splitlines() if 'faulty' in line)
    assert line.strip() == ('faulty, resets: bus, D3hot, slot 7, IOMMU group 5, '
                            'needed by 0000:00:01.0')
    assert 'locked down (integrity)' in out and max(map(len, out.splitlines())) <= 100
    rc, out, _ = machine('devices', '-v')
    assert rc == 0 and '1234:11e8, subsystem 1af4:1100' in out
    assert 'NUMA node 1' in out and '256 bytes' in out


def dumped(slot, config):
    """One function as lspci -D -xxx prints it."""
    lines = [f'{slot} Class 0000: Device 0000']
    lines += [f'{at:02x}: ' + config[at:at + 16].hex(' ') for at in range(0, len(config), 16)]
    return '\n'.join(lines) + '\n\n'


def test_drift(machine):
    def config(slot):
        return bytearray((machine.root / f'sys/bus/pci/devices/{slot}/config').read_bytes())

    rc, out, err = machine('devices', '--drift')
    assert rc == 1 and not out and 'stillboot save' in err
    display, port, faulty = config('0000:00:01.0'), config('0000:00:02.0'), config('0000:01:00.0')
    display[2:4] = b'\xff\x11'
    faulty[4:6], faulty[0x10:0x14] = b'\x02\x04', b'\x00\x00\x10\xfe'
    machine.file('run/stillboot/baseline', '# stillboot baseline, boot 1234\n' +
                 dumped('0000:00:01.0', display) + dumped('0000:00:02.0', port) +
                 dumped('0000:01:00.0', faulty) + dumped('0000:02:00.0', faulty))
    machine.function('0000:00:03.0', 0x020000)
    rc, out, err = machine('devices', '--drift')
    assert rc == 0 and not err
    assert out.splitlines() == [
        '0000:00:01.0  another device than in the baseline',
        '0000:00:03.0  not in the baseline',
        '0000:01:00.0  differs',
        '  0x010  BAR 0                             was 0xfe100000, is 0x00000000',
        '  0x004  Command                           was 0x0402, is 0x0006'
        '  (+bus master, -INTx off)',
        '0000:02:00.0  gone',
        '4 functions are unlike the baseline']
    machine.file('sys/bus/pci/devices/0000:01:00.0/config', b'\xff' * 256)
    rc, out, _ = machine('devices', '--drift', '--json')
    devices = {d['slot']: d for d in json.loads(out)['devices']}
    assert rc == 0 and len(devices) == 4
    assert devices['0000:01:00.0'] == {
        'slot': '0000:01:00.0', 'what': 'does not answer', 'registers': []}


def test_a_dry_run_tells_every_effect_in_order(machine):
    rc, out, err = machine('exec', '-n')
    told = [line for line in out.splitlines() if line.startswith('would ')]
    home = '/sys/bus/pci/devices/0000:01:00.0'
    named = [re.search(r'"stillboot.handoff=[0-9a-f]{32} a=1 b"', line) for line in told]
    assert rc == 0 and not err
    # Each load names its own handoff.
    first, again = [match[0] for match in named if match]
    assert first != again
    assert told == [
        f'would call kexec_file_load(kernel, initrd, {first}, 0x0)',
        'would write all dirty data to the disks',
        'would write "0" to /sys/bus/pci/drivers_autoprobe',
        'would write "0000:01:00.0" to /sys/bus/pci/drivers/faulty/unbind',
        f'would write "bus" to {home}/reset_method',
        f'would write "1" to {home}/reset',
        f'would write "bus" to {home}/reset_method',
        f'would call kexec_file_load(kernel, initrd, {again}, 0x0)',
        'would call reboot(KEXEC)',
    ]


def test_quiesce_and_rebind(machine):
    rc, out, err = machine('quiesce', '-n')
    told = [line for line in out.splitlines() if line.startswith('would ')]
    home = '/sys/bus/pci/devices/0000:01:00.0'
    assert rc == 0 and not err
    assert 'still 0000:01:00.0' in ' '.join(out.split())
    assert told[0] == 'would write all dirty data to the disks'
    assert told[1].endswith('bytes to the file /run/stillboot/undo')
    assert told[2:] == [
        'would write "0" to /sys/bus/pci/drivers_autoprobe',
        'would write "0000:01:00.0" to /sys/bus/pci/drivers/faulty/unbind',
        f'would write "bus" to {home}/reset_method',
        f'would write "1" to {home}/reset',
        f'would write "bus" to {home}/reset_method',
    ]
    rc, out, err = machine('quiesce', '-n', '--json')
    report = json.loads(out)
    assert (rc, report['still'], report['loud'], report['hung']) == (0, 1, 0, 0)
    rc, out, err = machine('rebind', '-n')
    assert rc == 1 and 'nothing to undo' in err
    machine.file('run/stillboot/undo', 'autoprobe 1\nbind 0000:01:00.0 faulty\ncontrol lies\n')
    rc, out, err = machine('rebind', '-n')
    assert rc == 1 and 'undo, line 3' in err
    machine.file('run/stillboot/undo',
                 'autoprobe 1\nbind 0000:01:00.0 other\ncontrol 0000:01:00.0 auto\n')
    machine.file('sys/bus/pci/drivers_autoprobe', '0')
    machine.file('sys/bus/pci/devices/0000:01:00.0/power/control', 'on')
    (machine.root / 'sys/bus/pci/devices/0000:01:00.0/driver').unlink()
    rc, out, err = machine('rebind', '-n')
    assert rc == 0 and not err
    assert [line for line in out.splitlines() if line.startswith('would ')] == [
        'would write "1" to /sys/bus/pci/drivers_autoprobe',
        'would write "0000:01:00.0" to /sys/bus/pci/drivers/other/bind',
        f'would write "auto" to {home}/power/control',
        'would remove the file /run/stillboot/undo',
    ]


def interrupted():
    """In the child: as if somebody had pressed Ctrl-C before the first step."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupted_quiesce_leaves_the_one_before_alone(machine):
    """What the first one unbound stays so, and rebind still knows of it."""
    undo = 'autoprobe 1\nbind 0000:01:00.0 faulty\n'
    machine.file('sys/bus/pci/drivers_autoprobe', '0')
    (machine.root / 'sys/bus/pci/devices/0000:01:00.0/driver').unlink()
    for earlier in (undo, None):
        (machine.root / 'run/stillboot/undo').unlink(missing_ok=True)
        if earlier:
            machine.file('run/stillboot/undo', earlier)
        done = subprocess.run([STILLBOOT, '--root', machine.root, 'quiesce', '-n'],
                              capture_output=True, text=True, preexec_fn=interrupted, check=False)
        told = [line for line in done.stdout.splitlines() if line.startswith('would ')]
        assert done.returncode == 1 and 'interrupted' in done.stderr
        assert not any('bind' in line or '"1"' in line for line in told)
        size = len(undo) if earlier else 0
        assert told[-1] == (f'would write {size} bytes to the file /run/stillboot/undo' if earlier
                            else 'would remove the file /run/stillboot/undo')


def test_a_disk_in_use_is_not_quiesced(machine):
    machine.file('proc/self/mountinfo', '1 1 8:1 / / rw - ext4 /dev/sda1 rw\n')
    machine.file('sys/class/block/sda1/dev', '8:1\n')
    (machine.root / 'sys/class/block/sda1').rename(
        machine.root / 'sys/bus/pci/devices/0000:01:00.0/sda1')
    (machine.root / 'sys/class/block/sda1').symlink_to('../../bus/pci/devices/0000:01:00.0/sda1')
    rc, out, err = machine('quiesce', '-n')
    assert rc == 3 and 'sda1 is mounted on /' in err and '--force' in err and not out
    rc, out, err = machine('quiesce', '-n', '--force')
    assert rc == 0 and 'unbind' not in out


def test_refusals_touch_nothing(machine):
    machine.file('etc/stillboot/policy.d/mine.lua', '\ndevice { drivr = "nvme" }\n')
    for command in ('load', 'exec'):
        rc, out, err = machine(command, '-n', 'good')
        assert rc == 3 and 'mine.lua:2' in err and 'driver' in err and 'would' not in out
        assert len(err.splitlines()) == 1
    for command in ('list', 'devices', 'plan'):
        rc, out, err = machine(command, '--json')
        assert rc == 0 and 'mine.lua:2' in err
        assert 'mine.lua:2' in json.loads(out)['policy_error']


@pytest.mark.parametrize('args, code, word', [
    (['load', '-n', 'lost'], 1, '/gone'),
    (['load', '-n', 'nobody'], 1, 'nobody'),
    (['load', '-n', '--kernel', '/nowhere'], 1, '/nowhere'),
    (['load', '-n', '--kernel', '/'], 1, 'regular file'),
    (['load', '-n', '--policy', '/nowhere.lua'], 3, '/nowhere.lua'),
    (['load', 'good'], 2, '--dry-run'),
    (['exec', '-n', '--loaded'], 1, 'no kernel is loaded'),
    (['load', '-n', 'good', '--cmdline', 'x' * 2017], 1, '2016'),
    (['report'], 1, 'no handoff'),
], ids=lambda value: ' '.join(value)[:40] if isinstance(value, list) else '')
def test_bad_input_is_one_line(machine, args, code, word):
    rc, out, err = machine(*args)
    assert rc == code and word in err and len(err.splitlines()) == 1
    assert 'would' not in out


def test_disks_in_use_refuse(machine):
    machine.file('proc/self/mountinfo', '1 1 8:1 / /srv rw - ext4 /dev/sda1 rw\n')
    rc, out, err = machine('exec', '-n')
    assert rc == 3 and '/dev/sda1' in err and 'stillboot reboot' in err
    (machine.root / 'srv').mkdir()
    rc, out, err = machine('exec', '-n', '--force', '--kernel', machine.root / 'vmlinuz')
    assert rc == 0 and 'would remount all disk filesystems read-only' in out


def test_report(machine):
    body = json.dumps({
        'boot_id': 'b', 'kernel': '6.1', 'entry': 'Gr\u00fc\u00df \x1b[31m', 'duration_us': 1234567,
        'steps': [
            {'slot': '0000:01:00.0', 'step': 'unbind', 'rule': 'default.lua:22', 'start_us': 5,
             'duration_us': 7, 'result': 'ok', 'detail': ''},
            {'slot': '0000:01:00.0', 'step': 'bus', 'rule': 'default.lua:22', 'start_us': 15,
             'duration_us': 70000, 'result': 'failed', 'detail': 'the kernel said no'},
            {'slot': '0000:01:00.0', 'step': 'a later step', 'result': 'ok'},
        ],
        'devices': [{'slot': '0000:01:00.0', 'verdict': 'loud', 'why': 'bus master is on'},
                    {'slot': '0000:00:01.0', 'verdict': 'left', 'why': 'a display'}],
    })
    head = f'stillboot-handoff 1 {len(body)} {zlib.crc32(body.encode()):08x}'
    machine.file('stillboot/handoff', f'{head}\n{body}')
    rc, out, err = machine('report', '--json')
    report = json.loads(out)
    assert rc == 0 and not err
    assert (report['still'], report['loud'], report['left']) == (0, 1, 1)
    assert [s['result'] for s in report['steps']] == ['ok', 'failed']
    assert report['boot_id'] == 'b' and report['steps'][1]['start_us'] == 15
    rc, out, _ = machine('report')
    assert rc == 0 and '0 still, 1 loud, 1 left, in 1.23 s' in out and '\x1b' not in out
    assert 'the kernel said no' in out and 'bus master is on' in out
    assert report['incomplete'] is None
    machine.file('stillboot/handoff', f'{head}\n{body[:-1]}x')
    rc, out, err = machine('report')
    assert rc == 1 and 'checksum' in err and not out


def test_report_without_a_journal(machine):
    body = json.dumps({'boot_id': 'b', 'kernel': '6.1', 'entry': 'e', 'incomplete': 'memory \x1bwas short',
                       'duration_us': 0, 'steps': [], 'devices': []})
    machine.file('stillboot/handoff',
                 f'stillboot-handoff 1 {len(body)} {zlib.crc32(body.encode()):08x}\n{body}')
    rc, out, _ = machine('report')
    assert rc == 0 and 'has no journal: memory \\x1bwas short.' in out and 'still,' not in out
    assert json.loads(machine('report', '--json')[1])['incomplete'] == 'memory \x1bwas short'



def test_full_disk():
    with open('/dev/full', 'w', encoding='utf-8') as full:
        for args in (['--root', '/', 'plan'], ['devices', '--json']):
            done = subprocess.run([STILLBOOT, *args], stdout=full, stderr=subprocess.PIPE,
                                  text=True, check=False)
            assert done.returncode == 1 and 'could not be written' in done.stderr


def test_no_pci(tmp_path):
    machine = Machine(tmp_path)
    assert json.loads(machine('plan', '--json')[1]) == {
        'devices': [], 'errands': [], 'dropped': [], 'options': [], 'off': None, 'boot': {},
        'load_retries': 0}
    assert json.loads(machine('devices', '--json')[1]) == {'devices': [], 'lockdown': 'none'}
    rc, out, _ = machine('devices')
    assert rc == 0 and 'no PCI' in out
