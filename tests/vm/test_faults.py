# SPDX-License-Identifier: GPL-2.0-or-later
"""One faulty device, each of its faults, and the ways to jump: what kills the next kernel without
stillboot (the controls: they prove that the fault is real) must not kill it after stillboot."""

import base64
import re
import time
import zlib

import machines
import pytest
from guest import STRAY
from lab import CRASH_LOAD, EXEC, LOAD

SLOT = '0000:01:00.0'
FUNCTION = f'/sys/bus/pci/devices/{SLOT}'
UNBIND = f'echo {SLOT} > {FUNCTION}/driver/unbind'
RESET = f'echo bus > {FUNCTION}/reset_method && echo 1 > {FUNCTION}/reset'
MASK = f'setpci -s {SLOT} COMMAND=0x400:0x400'


def faulty_guest(start, parameters):
    words = ' '.join(f'faulty.{p}' for p in parameters.split())
    guest = start(machines.faulty(), f'lab.modules=faulty {words}')
    assert guest.driver(SLOT) == 'faulty'
    return guest


@pytest.mark.parametrize('parameters, before', [
    ('remove=clean asserted=1', []),
    ('remove=nothing asserted=1', [UNBIND]),
    ('remove=nothing asserted=1', [UNBIND, RESET]),
], ids=['plain', 'unbind', 'unbind-reset'])
def test_control_next_kernel_panics(start, parameters, before):
    guest = faulty_guest(start, parameters)
    guest.run(LOAD)
    for command in before:
        guest.run(command)
    guest.send('kexec -e')
    _, panic = guest.next_kernel()
    assert panic and STRAY in panic


@pytest.mark.parametrize('parameters, before, death', [
    ('delicate=1', RESET, 'the device was reset under its driver'),
    ('remove=waits', MASK, 'the interrupt that remove() waits for never came'),
], ids=['reset-while-bound', 'masked-while-bound'])
def test_control_first_kernel_panics(start, parameters, before, death):
    guest = faulty_guest(start, parameters)
    guest.run(before)
    guest.send(UNBIND)
    assert death in guest.panic()


def unpacked(text):
    return zlib.decompress(base64.b64decode(text)).decode()


def check_handoff(guest, baseline):
    """It is the one that the command line names, for root alone, and has what the first kernel knew."""
    handoff = guest.handoff()
    times = handoff['times']
    guest.cmdline()
    assert guest.run('stat -c %a /stillboot /stillboot/handoff').split() == ['700', '600']
    assert handoff['hops'] == 1 and 'crash' not in handoff
    assert unpacked(handoff['baseline']).rstrip() == baseline.replace('\r', '').rstrip()
    assert unpacked(handoff['saved']).startswith(f'{SLOT} ')
    assert 0 < times['request_us'] < times['quiesce_begin_us'] < times['quiesce_end_us']
    assert times['quiesce_end_us'] <= times['jump_us'] < time.time() * 1e6 + 86400e6
    assert times['services_down_us'] == 0


@pytest.mark.parametrize('parameters', [
    'remove=clean asserted=1',
    'remove=nothing asserted=1',
    'remove=waits',
    'remove=clean delicate=1 asserted=1',
], ids=['no-shutdown', 'remove-nothing', 'remove-waits', 'delicate'])
def test_stillboot_survives(start, parameters):
    guest = faulty_guest(start, parameters)
    guest.run('stillboot save')
    baseline = guest.run('cat /run/stillboot/baseline')
    guest.send(EXEC)
    said, panic = guest.next_kernel()
    assert panic is None
    assert guest.stage == 2
    assert 'faulty: no stray interrupt' in said
    check_handoff(guest, baseline)
    # The driver of the next kernel has the device, and the handoff tells what was done to it.
    assert guest.driver(SLOT) == 'faulty'
    steps = guest.json('stillboot report --json')['steps']
    assert {'slot': SLOT, 'step': 'unbind', 'result': 'ok'}.items() <= next(
        step for step in steps if step['slot'] == SLOT and step['step'] == 'unbind').items()


@pytest.mark.parametrize('on_hang, crash_kernel', [
    ('emergency-restart', False),
    ('emergency-restart', True),
    ('crash-kernel', False),
    ('crash-kernel', True),
])
def test_hung_remove_takes_the_way_out(start, on_hang, crash_kernel):
    """reboot(KEXEC) would wait for the device lock for ever; so the machine restarts instead, or
    starts its crash kernel: two seconds after the driver's deadline it is on its way."""
    deadline = 2
    guest = start(machines.faulty(), 'lab.modules=faulty faulty.remove=hangs'
                  + (' crashkernel=256M' if crash_kernel else ''))
    if crash_kernel:
        guest.run(CRASH_LOAD)
    guest.write_file('/hang.lua', f'device {{ driver = "faulty", deadline = {deadline} }}\n'
                     f'boot {{ on_hang = "{on_hang}" }}\n')
    guest.send(f'{EXEC} --policy /hang.lua')
    guest.expect(f'{SLOT}  unbind +[.]{{3}}')
    begun = time.monotonic()
    _, said = guest.expect('a driver does not let go')
    assert re.search(rf'{SLOT}  unbind +hung', said)
    assert time.monotonic() - begun < deadline + 2
    if on_hang == 'crash-kernel' and crash_kernel:
        _, panic = guest.next_kernel()
        assert panic is None and guest.stage == 3
        assert guest.run('ls /proc/vmcore')
        return
    said = guest.end()
    assert 'emergency restart' in said
    assert 'jumping into' not in said
    assert 'Linux version' not in said


def test_a_quiesce_with_a_budget_does_not_come_back_from_a_hung_remove(start):
    """Whoever gave the time would call reboot(KEXEC) then."""
    guest = start(machines.faulty(), 'lab.modules=faulty faulty.remove=hangs')
    guest.write_file('/hang.lua', 'device { driver = "faulty", deadline = 2 }\n')
    guest.send('stillboot quiesce --policy /hang.lua --budget 100')
    said = guest.end()
    assert re.search(rf'{SLOT}  unbind +hung', said) and '1 hung' in said
    assert 'Linux version' not in said
