# SPDX-License-Identifier: GPL-2.0-or-later
"""Other people's machines, as lspci printed them: tests/machines/*.lspci."""

import json
import random
import re
import subprocess
from pathlib import Path

import pytest

from test_cli import STILLBOOT, TOP, stillboot

DUMPS = sorted((TOP / 'tests/machines').glob('*.lspci'))
SLOT = re.compile(r'^(?:[0-9a-f]{4,}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7](?= |\r?$)', re.M)
STEPS = {'disable', 'restore', 'vfs', 'unbind', 'flr', 'pm', 'bus', 'subordinate', 'sbr', 'power', 'mask', 'intx', 'uio'}


@pytest.fixture
def show(tmp_path):
    """show(command, dump): what stillboot says of it, on a machine that has nothing else."""
    def run(command, dump):
        rc, out, err = stillboot('--root', tmp_path, command, '--json', '--pci-dump', dump)
        return (rc, json.loads(out) if rc == 0 else out, err)
    return run


def devices_of(show, name, command='devices'):
    rc, said, _ = show(command, TOP / f'tests/machines/{name}.lspci')
    assert rc == 0
    return {d['slot']: d for d in said['devices']}


def slots_in(text):
    return {slot if slot.count(':') == 2 else f'0000:{slot}' for slot in SLOT.findall(text)}


def check_plan(plan, slots):
    """Every function has an action and a reason, and nothing is done that has no name."""
    devices = plan['devices']
    assert [d['slot'] for d in devices] == sorted(
        slots, key=lambda s: [int(part, 16) for part in re.split('[:.]', s)])
    for device in devices:
        assert device['action'] in ('left', 'quiesce') and device['reason'] and device['rule']
        assert {s['step'] for s in device['steps']} <= STEPS
        assert not (device['action'] == 'left' and device['steps'])


@pytest.mark.parametrize('dump', DUMPS, ids=lambda path: path.stem)
def test_every_function_has_an_action_and_a_reason(show, dump):
    slots = slots_in(dump.read_text(encoding='utf-8'))
    assert slots
    rc, plan, err = show('plan', dump)
    assert rc == 0 and (not err or 'names no drivers' in err)
    check_plan(plan, slots)
    rc, said, _ = show('devices', dump)
    assert rc == 0 and {d['slot'] for d in said['devices']} == slots


def mutate(text, chance):
    """A few things go wrong with it, as they do in a mail, and as somebody might want them to."""
    lines = text.splitlines(keepends=True)
    for _ in range(chance.randint(1, 12)):
        i = chance.randrange(len(lines))
        kind = chance.randrange(6)
        if kind == 0:
            del lines[i]
        elif kind == 1:
            lines.insert(i, chance.choice(lines))
        elif kind == 2:
            lines[i] = lines[i][:chance.randrange(len(lines[i]) + 1)]
        elif kind == 3:
            lines[i] = '\t' + 'x' * chance.choice((300, 5000)) + '\n'
        else:
            digits = [m.start() for m in re.finditer('(?<= )[0-9a-f]', lines[i])]
            if digits:
                at = chance.choice(digits)
                lines[i] = lines[i][:at] + chance.choice('0123456789abcdef') + lines[i][at + 1:]
        lines = lines or ['\n']
    return ''.join(lines)


@pytest.mark.parametrize('dump', DUMPS, ids=lambda path: path.stem)
def test_mutated(show, tmp_path, dump):
    text = dump.read_text(encoding='utf-8')
    chance = random.Random(dump.stem)
    for n in range(10):
        path = tmp_path / f'{n}.lspci'
        path.write_text(mutate(text, chance), encoding='utf-8')
        rc, plan, err = show('plan', path)
        if rc == 0:
            check_plan(plan, {d['slot'] for d in plan['devices']})
        else:
            assert rc == 1 and len(err.splitlines()) == 1 and str(path) in err


def test_vmd(show):
    devices = devices_of(show, 'server-vmd')
    assert devices['10000:00:02.0']['parent'] == '0000:64:00.5'
    assert devices['10001:00:05.0']['parent'] == '0000:e2:00.5'
    assert devices['10000:01:00.0']['parent'] == '10000:00:02.0'
    # Reads all ones: the numbers of -nn are all there is.
    dead = devices['10001:01:00.0']
    assert (dead['vendor'], dead['device'], dead['class']) == ('0x8086', '0x0a54', '0x010802')
    assert dead['numa_node'] == 1 and dead['hotplug_slot'] == '99' and not dead['capabilities']


@pytest.mark.parametrize('name', ['sriov-nic', 'sriov-nic-plain'])
def test_virtual_functions(show, name):
    devices = devices_of(show, name)
    for slot, physical in (('0000:3b:02.2', '0000:3b:00.0'), ('0000:3c:00.1', '0000:3b:00.1')):
        assert devices[slot]['physical'] == physical
        assert (devices[slot]['vendor'], devices[slot]['device']) == ('0x8086', '0x154c')
    assert devices['0000:3b:00.0']['vf_count'] == 3
    assert devices['0000:3b:00.0']['sriov'] == {
        'total': 64, 'enabled': 3, 'offset': 16, 'stride': 1, 'device': 0x154c}


def test_resets_are_those_of_the_kernel(show):
    """What the guest's own kernel listed, where it listed anything."""
    devices = devices_of(show, 'q35-tree')
    listed = {'0000:01:00.0': 'flr bus', '0000:07:00.0': 'pm bus', '0000:05:00.0': 'bus'}
    assert {slot: devices[slot]['reset_method'] for slot in listed} == listed
    devices = devices_of(show, 'q35-sriov-nvme')
    assert devices['0000:01:00.0']['reset_method'] == 'flr bus'
    assert devices['0000:01:00.1']['reset_method'] == 'flr'
    assert devices_of(show, 'arm-domains')['0001:02:01.0']['reset_method'] == 'af_flr'


def test_odd_places(show):
    devices = devices_of(show, 'laptop-cardbus')
    subsystems = {slot: (d['subsystem_vendor'], d['subsystem_device'])
                  for slot, d in devices.items()}
    assert subsystems['0000:02:00.0'] == ('0x1028', '0x0a6b')
    assert subsystems['0000:05:01.0'] == ('0x0001', '0xc803')  # CardBus, as lspci reads it
    assert subsystems['0000:00:1c.0'] == (None, None)
    assert devices['0000:06:00.0']['parent'] == '0000:05:01.0'
    assert devices['0000:05:01.0']['buses'] == [6, 9]
    devices = devices_of(show, 'gpu-switch')
    assert devices['0000:1a:00.0']['parent'] == '0000:19:08.0'
    assert devices['0000:19:08.0']['place'] == 'switch'
    assert 'cxl' in devices['0000:af:00.0']['capabilities']
    assert devices_of(show, 'workstation-gpu')['0000:0b:00.2']['power_state'] == 'D3hot'


@pytest.mark.parametrize('text, word', [
    ('', 'not what lspci -xxx prints'), ('-[0000:00]-+-00.0\n', 'lspci -t'),
    ('00:00.0 0600: 8086:1237\n', 'no bytes'), ('00:00.0 x\n00: 00 0\n', ':2:')])
def test_what_is_no_dump(show, tmp_path, text, word):
    path = Path(tmp_path / 'odd\x1b.lspci')
    path.write_text(text, encoding='utf-8')
    rc, out, err = show('devices', path)
    assert rc == 1 and word in json.loads(out)['error'] and word in err
    assert len(err.splitlines()) == 1 and '\x1b' not in err
    rc, _, err = show('plan', tmp_path / 'nowhere')
    assert rc == 1 and 'nowhere' in err


def test_dump_from_a_pipe(tmp_path):
    """A pipe has no size, and what is behind a zero byte is not silently dropped."""
    command = [STILLBOOT, '--root', tmp_path, 'plan', '--pci-dump']
    text = DUMPS[0].read_bytes()
    named = subprocess.run([*command, DUMPS[0]], capture_output=True, check=True)
    piped = subprocess.run([*command, '-'], input=text, capture_output=True, check=True)
    assert piped.stdout == named.stdout
    cut = subprocess.run([*command, '-'], input=text + b'\0', capture_output=True, check=False)
    assert cut.returncode == 1 and cut.stderr.startswith(b'stillboot: standard input')
