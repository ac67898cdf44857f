# SPDX-License-Identifier: GPL-2.0-or-later
"""preinit on made-up machines: what it would do after each kind of boot, in a dry run."""

import base64
import hashlib
import json
import re
import subprocess
import zlib

import pytest

from test_cli import TOP, Machine

LOUD, BUSY, PORT = '0000:01:00.0', '0000:02:00.0', '0000:00:02.0'


@pytest.fixture
def machine(tmp_path):
    m = Machine(tmp_path)
    m.function('0000:00:01.0', 0x030000)
    m.function(PORT, 0x060400, 'pcieport', port=(1, 1))
    m.function('0000:00:03.0', 0x060400, 'pcieport', port=(2, 2))
    m.function(LOUD, 0x00ff00, resets='bus')
    m.function(BUSY, 0x00ff00, 'faulty', resets='bus')
    m.file('proc/cmdline', 'quiet')
    return m


def kexec(machine):
    machine.file('proc/sys/kernel/bootloader_type', '208\n')


def preinit(machine, *args):
    rc, out, err = machine('preinit', '--dry-run', *args)
    assert rc == 0, err
    return out


def test_needs_a_dry_run_elsewhere(machine):
    rc, out, err = machine('preinit')
    assert rc == 2 and '--dry-run' in err and not out


def test_the_firmware_s_settings_are_kept(machine):
    said = preinit(machine)
    assert 'would save 5 functions as the baseline' in said and 'reset' not in said
    machine.file('run/stillboot/baseline', '# stillboot baseline\n')
    assert 'this boot has a baseline already' in preinit(machine)
    record = json.loads(machine('preinit', '-n', '--json')[1])
    assert record['boot'] == 'firmware' and record['steps'] == record['devices'] == []


@pytest.mark.parametrize('tree', ['no sys', 'nothing found'])
def test_no_baseline_of_nothing(tmp_path, tree):
    m = Machine(tmp_path)
    m.file('proc/cmdline', 'quiet')
    if tree != 'no sys':
        (tmp_path / 'sys/bus/pci/devices').mkdir(parents=True)
    said = preinit(m)
    assert 'no baseline is kept: no PCI function is seen' in said and 'would save' not in said


def test_what_is_loud_is_reset_after_a_kexec(machine):
    kexec(machine)
    said = preinit(machine)
    assert f'{LOUD}: bus master is on; bus reset, still' in said
    assert 'kexec: 5 functions, 1 reset, 1 still, 0 loud, 4 left, 0 hung' in said
    record = json.loads(machine('preinit', '-n', '--json')[1])
    assert record['boot'] == 'kexec' and record['hung'] == 0
    assert {step['slot'] for step in record['steps']} == {LOUD}
    why = {d['slot']: d['why'] for d in record['devices'] if d['verdict'] == 'left'}
    assert why[BUSY] == 'its driver faulty holds it' and 'driver' in why[PORT]
    assert 'monitor' in why['0000:00:01.0']


def test_a_crash_resets_what_is_still(machine):
    machine.function('0000:00:1d.0', 0x020000, master=False, resets='flr')
    kexec(machine)
    assert '0000:00:1d.0' not in preinit(machine)
    machine.file('proc/vmcore', '')
    said = preinit(machine)
    assert '0000:00:1d.0: nobody has shut it down; flr reset, still' in said
    assert 'crash: 6 functions, 2 reset' in said


@pytest.mark.parametrize('words, says', [
    ('stillboot.preinit=off', 'nothing is touched: the kernel\'s command line says stillboot.preinit=off'),
    ('stillboot.quiesce=off', 'nothing is touched: the kernel\'s command line says stillboot.quiesce=off'),
    ('stillboot.preinit=of', 'write off or on'),
    (f'stillboot.leave={LOUD}', 'kexec: 5 functions, 0 reset, 0 still, 0 loud, 5 left'),
])
def test_the_command_line_opts_out(machine, words, says):
    kexec(machine)
    machine.file('proc/cmdline', words)
    said = preinit(machine)
    assert says in said
    if says != 'write off or on':
        assert 'bus reset' not in said


def handoff(version=2, **members):
    """A record, and its digest, which ties it to a jump."""
    body = json.dumps({'boot_id': 'x', 'kernel': '6.1', 'entry': 'y', 'steps': [], 'devices': [],
                       **members}).encode()
    record = b'stillboot-handoff %d %d %08x\n' % (version, len(body), zlib.crc32(body)) + body
    return record, hashlib.sha256(record).hexdigest()[:32]


@pytest.mark.parametrize('version', [2, 7])
def test_what_the_previous_kernel_knew_counts(machine, version):
    """Also of a later version, and where nothing else says that it was a jump."""
    if version == 2:
        kexec(machine)
    machine.function('0000:00:1d.0', 0x020000, master=False, resets='flr')
    baseline = ('# stillboot baseline, boot x\n0000:00:1d.0 0200: 1234:11e8\n'
                '00: 34 12 e8 11 02 00 00 00 00 00 00 02 00 00 00 00\n'
                '10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n'
                '20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n'
                '30: 00 00 00 00 00 00 00 00 00 00 00 00 0b 01 00 00\n\n')
    packed = base64.b64encode(zlib.compress(baseline.encode())).decode()
    record, digest = handoff(version, hops=3, baseline=packed, novelty=[1], devices=[
        {'slot': '0000:00:1d.0', 'verdict': 'loud', 'why': 'bus master is on'}])
    machine.file('stillboot/handoff', record)
    machine.file('proc/cmdline', f'stillboot.handoff={digest} quiet')
    said = preinit(machine)
    assert 'run/stillboot/handoff' in said and 'run/stillboot/baseline' in said
    assert ('0000:00:1d.0: the previous kernel left it loud: bus master is on; flr reset, '
            '1 setting put back, still') in said
    answer = json.loads(machine('preinit', '-n', '--json')[1])
    assert 'handoff' not in answer
    assert answer['restored'] == [{'slot': '0000:00:1d.0', 'register': 'Interrupt Line', 'offset': 60,
                                   'from': 'baseline', 'was': 0, 'is': 11}]


@pytest.mark.parametrize('version, word', [
    (2, 'stillboot.handoff=' + 32 * '0'), (2, 'quiet'), (1, 'quiet'),
], ids=['replayed', 'unnamed', 'old'])
def test_a_handoff_of_another_jump_is_not_believed(machine, version, word):
    kexec(machine)
    machine.file('proc/cmdline', word)
    machine.function('0000:00:1d.0', 0x020000, master=False, resets='flr')
    machine.file('stillboot/handoff', handoff(version, devices=[
        {'slot': '0000:00:1d.0', 'verdict': 'loud', 'why': 'bus master is on'}])[0])
    said = preinit(machine)
    assert said.count('the handoff is not used: ') == 1
    assert '0000:00:1d.0' not in said and 'run/stillboot/handoff' not in said


@pytest.mark.parametrize('record', [
    b'', b'nonsense', b'stillboot-handoff 2 5 00000000\n{}', b'\xff' * 4096,
    b'stillboot-handoff 99 999999999 00000000\n{}', b'x' * (5 << 20),
], ids=['empty', 'nonsense', 'truncated', 'binary', 'longer', 'oversized'])
def test_a_bad_handoff_is_named_and_ignored(machine, record):
    kexec(machine)
    machine.file('stillboot/handoff', record)
    said = preinit(machine)
    assert len(re.findall(r'the handoff is not used: the handoff in /stillboot/handoff', said)) == 1
    assert f'{LOUD}: bus master is on; bus reset, still' in said
    answer = json.loads(machine('preinit', '-n', '--json')[1])
    assert answer['handoff'].startswith('the handoff in /stillboot/handoff')


@pytest.mark.parametrize('script', ['configs/initramfs-tools/init-top',
                                    'configs/dracut/95stillboot/stillboot-preinit.sh'])
@pytest.mark.parametrize('code', [0, 1, 139])
def test_hooks_let_drivers_bind_again(tmp_path, script, code):
    """Whatever becomes of it."""
    text = (TOP / script).read_text()
    (tmp_path / 'stillboot').write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\nexit {code}\n')
    (tmp_path / 'stillboot').chmod(0o755)
    (tmp_path / 'drivers_autoprobe').write_text('0')
    for path, name in (('/usr/sbin/stillboot', 'stillboot'), ('/dev/kmsg', 'kmsg'),
                       ('/sys/bus/pci/drivers_autoprobe', 'drivers_autoprobe')):
        assert path in text
        text = text.replace(path, str(tmp_path / name))
    subprocess.run(['sh', '-c', text], check=True)
    assert (tmp_path / 'called').read_text() == 'preinit\n'
    assert (tmp_path / 'drivers_autoprobe').read_text().strip() == ('1' if code else '0')
