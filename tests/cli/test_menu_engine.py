# SPDX-License-Identifier: GPL-2.0-or-later
"""The menu's engine on made-up machines, where it only prints what it would do."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from engine import PLAYER, Engine
from images import bzimage
from test_cli import Machine
from test_list import Tree

GRUB = """
set timeout=7
menuentry "First" --id first { linux /k root=x quiet
 initrd /i }
menuentry "Gone" --id gone { linux /none }
"""


@pytest.fixture(name='machine')
def fixture_machine(tmp_path):
    """A port with a disk behind it, a network card, and a menu of two entries."""
    machine = Tree(tmp_path)
    machine.function('0000:00:01.0', 0x060400, 'pcieport', port=(1, 1))
    machine.function('0000:00:02.0', 0x020000, 'e1000e', resets='flr')
    machine.function('0000:01:00.0', 0x010802, 'nvme', resets='flr bus')
    machine.file('proc/sys/kernel/random/boot_id', 'b00t\n')
    machine.file('grub/grub.cfg', GRUB)
    machine.file('k', bzimage())
    machine.file('i', 'x' * 1000)
    return machine


@pytest.fixture(name='log')
def fixture_log(tmp_path_factory):
    with open(tmp_path_factory.mktemp('log') / 'log', 'w+', encoding='utf-8') as log:
        yield log


def text_of(log):
    return Path(log.name).read_text(encoding='utf-8')


def test_entries_come_one_by_one(machine):
    with Engine('--root', machine.root) as engine:
        entries, listed = engine.look()
        assert [m['say'] for m in engine.heard] == ['volumes', 'entries', 'entry', 'entry']
        assert engine.volumes[entries['first']['volume']]['mounted'] == '/'
        assert [(f['what'], f['bytes']) for f in entries['first']['files']] == \
            [('linux', len(bzimage())), ('initrd', 1000)]
        assert entries['first']['default'] and entries['first']['bootable']
        assert entries['gone']['files'][0]['bytes'] is None
        assert 'missing' in entries['gone']['reason']
        assert listed['timeout'] == 7 and listed['busy'] == [] and listed['locked'] == []
        assert listed['choices'][0]['entry'] == 'first'


def test_the_policy_has_its_say(machine, tmp_path_factory):
    policy = tmp_path_factory.mktemp('policy') / 'x.lua'
    policy.write_text('boot { timeout = 2.5 } entry { id = "first", options_add = "more" }')
    with Engine('--root', machine.root, '--policy', policy) as engine:
        entries, listed = engine.look()
        assert listed['timeout'] == 2.5
        assert entries['first']['options'] == 'root=x quiet more'
        assert 'x.lua:1' in entries['first']['changed_by']
    policy.write_text('boot {')
    with Engine('--root', machine.root, '--policy', policy) as engine:
        assert 'x.lua:1' in engine.look()[1]['policy_error']
        done, _, said = engine.ask('plan', leave=[])
        assert done and 'x.lua:1' in said[0]['error']


def test_trees_are_looked_at_once(machine):
    with Engine('--dir', machine.root) as engine:
        assert list(engine.look()[0]) == ['first', 'gone']
        done, text, _ = engine.ask('default', id='first', once=False)
        assert not done and "not this machine's" in text


def test_the_plan_is_a_tree(machine):
    with Engine('--root', machine.root) as engine:
        rows = {r['slot']: r for r in engine.rows('plan')}
        assert [(r['slot'], r['depth'], r['kind']) for r in rows.values()] == \
            [('0000:00:01.0', 0, 'bridge'), ('0000:01:00.0', 1, 'device'),
             ('0000:00:02.0', 0, 'device')]
        assert rows['0000:01:00.0']['action'] == 'quiesce'
        assert rows['0000:01:00.0']['what'].startswith('unbind nvme')
        assert 'default.lua' in rows['0000:01:00.0']['rule']
        rows = {r['slot']: r for r in engine.rows('plan', leave=['0000:01:00.0'])}
        assert rows['0000:01:00.0']['by_hand'] and rows['0000:01:00.0']['action'] == 'left'
        assert (rows['0000:01:00.0']['reason'], rows['0000:01:00.0']['rule']) == \
            ('left by hand', 'by hand')
        assert not rows['0000:00:02.0']['by_hand']


def test_errands_stand_around_the_tree(machine, tmp_path_factory):
    policy = tmp_path_factory.mktemp('policy') / 'x.lua'
    policy.write_text(
        'machine { options_add = "pci=x" }\n'
        'arrange(function(m, s) table.insert(s, 1, { step = "settle", seconds = 1 })\n'
        'table.insert(s, { step = "unload", module = "foo" }) return s end)')
    with Engine('--root', machine.root, '--policy', policy) as engine:
        rows = engine.rows('plan')
    assert [r['kind'] for r in rows] == \
        ['errand', 'bridge', 'device', 'device', 'errand', 'option']
    assert rows[0]['what'].startswith('settle') and rows[-1]['what'] == '+pci=x'


def test_devices_are_told_in_full(machine):
    with Engine('--root', machine.root) as engine:
        rows = {r['slot']: r for r in engine.rows('devices')}
    nvme = rows['0000:01:00.0']
    assert nvme['depth'] == 1 and nvme['driver'] == 'nvme' and not nvme['drift']
    assert any('resets: flr bus' in line for line in nvme['lines'])
    assert any('1234:11e8' in line for line in nvme['lines'])


def test_facts_of_the_machine(machine):
    machine.file('proc/meminfo', 'MemTotal: 2097152 kB\nMemFree: 1 kB\nMemAvailable: 1048576 kB\n')
    machine.file('sys/class/tpm/tpm0/tpm_version_major', '2\n')
    machine.file('sys/class/net/eth7/operstate', 'up\n')
    machine.file('sys/class/net/eth7/address', '02:00:00:00:00:01\n')
    machine.file('sys/kernel/security/lockdown', 'none [integrity] confidentiality\n')
    machine.file('sys/class/dmi/id/product_name', 'Box\x1b 7\n')
    machine.file('sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c',
                 b'\6\0\0\0\1')
    with Engine('--root', machine.root) as engine:
        facts = {r['label']: (r['value'], r['state']) for r in engine.rows('facts')}
    assert facts['Memory'] == ('2048 MiB, 1024 MiB of it free', None)
    assert facts['TPM'] == ('2.0', None)
    assert facts['Network eth7'] == ('up, 02:00:00:00:00:01', 'good')
    assert facts['Lockdown'][0] == 'integrity'
    assert facts['Secure Boot'] == ('on', 'good')
    assert facts['Started by'][0] == 'EFI'
    assert 'Box' in facts['Machine'][0] and '\x1b' not in facts['Machine'][0]


def test_there_is_no_report_without_a_jump(machine):
    with Engine('--root', machine.root) as engine:
        done, text, _ = engine.ask('report')
        assert not done and 'no handoff' in text


def steps_of(said):
    return [(m['slot'], m['step'], m['state']) for m in said if m['say'] == 'step']


def test_a_boot_tells_every_step(machine, log):
    with Engine('--root', machine.root, '--dry-run', log=log) as engine:
        engine.look()
        done, text, said = engine.ask('boot', id='first', edit=None, leave=['0000:00:02.0'])
        assert done, text
        assert [m['phase'] for m in said if m['say'] == 'phase'] == \
            ['pin', 'load', 'check', 'hold', 'quiesce', 'reload', 'jump']
        steps = steps_of(said)
        assert steps.index(('0000:01:00.0', 'unbind', 'begun')) < \
            steps.index(('0000:01:00.0', 'unbind', 'ok'))
        begun = next(m for m in said if m['say'] == 'step')
        assert begun['deadline_ms'] == 120000 and begun['duration_us'] == 0
        verdicts = {m['slot']: (m['verdict'], m['why']) for m in said if m['say'] == 'verdict'}
        assert verdicts['0000:00:02.0'][0] == 'left' and not any(
            slot == '0000:00:02.0' for slot, _, _ in steps)
        assert '0000:01:00.0' in verdicts
        # It goes on, with entries anew.
        assert 'first' in engine.entries()[0]
        assert engine.ask('plan')[0]
    told = text_of(log)
    assert "root=x quiet" in told and 'jumping into First' in told
    assert told.index('would write "0000:01:00.0"') < told.index('would call reboot(KEXEC)')


def test_an_edited_entry_is_booted_as_it_is(machine, log):
    machine.file('proc/self/mountinfo', '1 1 8:1 / / ro - ext4 /dev/sda1 ro\n')
    machine.file('other/k2', bzimage())
    machine.file('j', 'y' * 100)
    with Engine('--root', machine.root, '-n', log=log) as engine:
        entry = engine.look()[0]['first']
        assert engine.volumes[entry['volume']]['device'] == '/dev/sda1'
        edit = {'device': '/dev/sda1', 'linux': '/other/k2', 'initrd': ['/i', '/j'],
                'devicetree': None, 'options': 'only this'}
        assert engine.ask('boot', id='first', edit=edit, leave=[])[0]
        engine.entries()
        # Made from nothing, of the running system's files.
        edit |= {'device': '', 'linux': '/k', 'initrd': [], 'options': 'from nothing'}
        assert engine.ask('boot', id=None, edit=edit, leave=[])[0]
        engine.entries()
        for change, why in (({'linux': '/none'}, '/none'), ({'linux': ''}, 'name a kernel'),
                            ({'device': '/dev/sdz'}, 'no filesystem on /dev/sdz'),
                            ({'initrd': ['/gone']}, '/gone')):
            done, text, _ = engine.ask('boot', id=None, edit=edit | change, leave=[])
            assert not done and why in text
        assert engine.ask('plan')[0]
    told = text_of(log)
    assert ' only this"' in told and '"from nothing"' in told and '"root=x' not in told


@pytest.mark.parametrize('request_, why', [
    ({'id': 'gone'}, 'missing'), ({'id': 'never'}, 'not there any more'), ({}, 'name an entry')])
def test_what_cannot_be_booted_says_why(machine, request_, why):
    with Engine('--root', machine.root, '-n') as engine:
        assert 'nothing was found yet' in engine.ask('boot', id='first')[1]
        engine.look()
        done, text, said = engine.ask('boot', **request_)
        assert not done and why in text and not steps_of(said)
        done, _, said = engine.ask('facts')
        assert done and len(said) == 1  # the disks were not let go of


def test_another_machine_is_only_looked_at(machine):
    with Engine('--root', machine.root) as engine:
        engine.look()
        for what, request in (('boot', {'id': 'first'}), ('default', {'id': 'first'}),
                              ('power', {'what': 'reboot'}),
                              ('unlock', {'device': '/dev/sda', 'passphrase': 'x'})):
            done, text, _ = engine.ask(what, **request)
            assert not done, what
            assert 'dry-run' in text or "not this machine's" in text


def test_nobody_answers_a_step(machine):
    """The first is waited for, the others not."""
    for number in range(3, 18):
        machine.function(f'0000:00:{number:02x}.0', 0x020000, 'e1000e', resets='flr')
    with Engine('--root', machine.root, '-n', deaf=True) as engine:
        engine.look()
        begin = time.monotonic()
        done, _, said = engine.ask('boot', id='first')
        assert done and time.monotonic() - begin < 5
        assert sum(state == 'begun' for _, _, state in steps_of(said)) > 15


def test_a_front_that_dies_ends_a_boot_before_it_begins(machine, log):
    with Engine('--root', machine.root, '-n', log=log) as engine:
        engine.look()
        pid = engine.pid
        os.kill(engine.process.pid, signal.SIGKILL)
        for _ in range(600):
            if not os.path.exists(f'/proc/{pid}'):
                break
            time.sleep(0.1)
        assert not os.path.exists(f'/proc/{pid}')


def test_a_front_that_dies_does_not_stop_a_jump(machine, log):
    with Engine('--root', machine.root, '-n', deaf=True, log=log) as engine:
        engine.look()
        pid = engine.pid
        engine.send(ask='boot', id='first')
        engine.until('step')
        os.kill(engine.process.pid, signal.SIGKILL)
        for _ in range(600):
            if not os.path.exists(f'/proc/{pid}'):
                break
            time.sleep(0.1)
    assert 'would call reboot(KEXEC)' in text_of(log)


def test_power(machine, log):
    with Engine('--root', machine.root, '-n', log=log) as engine:
        assert engine.ask('power', what='reboot')[0]
        assert engine.ask('power', what='poweroff')[0]
        done, text, _ = engine.ask('power', what='firmware')
        assert not done and 'setup' in text
        machine.file('sys/firmware/efi/efivars/OsIndicationsSupported-'
                     '8be4df61-93ca-11d2-aa0d-00e098032b8c', b'\6\0\0\0\1\0\0\0\0\0\0\0')
        assert engine.ask('power', what='firmware')[0]
        assert not engine.ask('power', what='sleep')[0]
        (machine.root / 'run/systemd/system').mkdir(parents=True)
        assert engine.ask('power', what='poweroff')[0]
        assert engine.ask('power', what='reboot')[0]
    told = text_of(log)
    assert told.index('reboot(RESTART)') < told.index('reboot(POWER_OFF)') < \
        told.index('OsIndications-') < told.rindex('reboot(RESTART)') < \
        told.index('run systemctl poweroff') < told.index(
            'run env SYSTEMCTL_SKIP_AUTO_KEXEC=1 SYSTEMCTL_SKIP_AUTO_SOFT_REBOOT=1 systemctl reboot')


def test_a_choice_is_kept(machine, log):
    machine.file('proc/self/mountinfo', '1 1 8:1 / / rw - ext4 /dev/sda1 rw\n')
    machine.file('grub/grub.cfg', 'load_env\n' + GRUB)
    machine.block('grub/grubenv', 'saved_entry=x')
    with Engine('--root', machine.root, '-n', log=log) as engine:
        engine.look()
        done, text, _ = engine.ask('default', id='first', once=False)
        assert done, text
        assert 'first' in engine.entries()[0]
        assert not engine.ask('default', id='none', once=True)[0]
    assert 'grubenv' in text_of(log)


def test_requests_that_make_no_sense(machine):
    with Engine('--root', machine.root) as engine:
        assert engine.ask('dance') == (False, "nobody knows what 'dance' asks for", [])
        assert not engine.ask('settings')[0] and not engine.ask('unlock')[0]
        engine.send(something='else')
        engine.send(ask='heard')
        assert engine.ask('plan', leave=[1, None, '0000:00:02.0'])[0]
        done, _, _ = engine.ask('bye')
        assert done and engine.hear() is None
    assert engine.process.returncode == 0


def test_bytes_that_are_no_message_end_it(machine):
    done = subprocess.run([PLAYER, '--root', machine.root], input=b'{"ask": "facts"\n',
                          capture_output=True, check=False)
    assert done.returncode == 1 and b'no JSON' in done.stderr


def peak_kib(pid):
    status = Path(f'/proc/{pid}/status').read_text(encoding='utf-8')
    return int(status.split('VmRSS:')[1].split()[0])


@pytest.mark.skipif(PLAYER.parents[2].name != 'release', reason='instrumented programs need more')
def test_a_thousand_entries_need_little(tmp_path):
    sizes = []
    for count in (1, 1000):
        machine = Machine(tmp_path / str(count))
        machine.kernel('vmlinuz-6.1.0')
        for number in range(count):
            machine.file(f'loader/entries/linux-{number:04}.conf',
                         f'title Linux number {number}\nlinux /vmlinuz-6.1.0\nversion {number}\n'
                         f'options root=UUID=0123-4567 ro quiet number={number}\n')
        with Engine('--root', machine.root) as engine:
            assert len(engine.look()[0]) == count
            assert engine.ask('plan')[0]
            sizes.append(peak_kib(engine.pid))
    assert sizes[1] - sizes[0] < 2500, sizes
