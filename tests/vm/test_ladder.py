# SPDX-License-Identifier: GPL-2.0-or-later
"""The ladder on real kernels: siblings, virtual functions, lying and failing resets, devices that
vanish, lockdown, drivers without remove(). Each guest proves several things; most never jump,
because `stillboot quiesce` and `stillboot rebind` show what was done and give it back."""

import json

import by_hand
import machines
import pytest
from lab import BOOT_DISK, EXEC, GRUB_DISK, LOAD

SLOT = '0000:01:00.0'
SIBLING = '0000:01:00.1'
OTHER = '0000:02:00.0'
RESETS = {'flr', 'pm', 'bus', 'subordinate', 'sbr', 'power'}
LONG_US = 10_000_000


class Result:
    """What `stillboot quiesce --json` printed, and its exit status."""

    def __init__(self, rc, text):
        self.rc = rc
        self.json = json.loads(text)
        self.verdicts = {f['slot']: f['verdict'] for f in self.json['devices']}
        self.why = {f['slot']: f['why'] for f in self.json['devices']}
        self.steps = self.json['steps']
        counted = list(self.verdicts.values())
        assert [self.json[v] for v in ('still', 'loud', 'left')] == [
            counted.count(v) for v in ('still', 'loud', 'left')]
        assert (rc == 0) == (self.json['loud'] == 0)

    def of(self, slot):
        """Step and result of each step on this function, in the order in which they began."""
        steps = sorted(self.steps, key=lambda step: step['start_us'])
        return [(step['step'], step['result']) for step in steps if step['slot'] == slot]


BACKGROUND = '(stillboot quiesce --json > /tmp/quiesce 2> /tmp/stderr; echo $? > /tmp/rc) &'
SLOW_BEGAN = 'until dmesg | grep -q "remove() takes its time"; do usleep 20000; done'


def quiesce(guest, options=''):
    rc, _ = guest.status(f'stillboot quiesce --json {options} > /tmp/quiesce 2> /tmp/stderr')
    return Result(rc, guest.run('cat /tmp/quiesce'))


def background_result(guest):
    guest.run('until [ -s /tmp/rc ]; do usleep 50000; done')
    return Result(int(guest.run('cat /tmp/rc')), guest.run('cat /tmp/quiesce'))


class Before:
    """A machine as it was: rebind has to make it so again."""

    def __init__(self, guest):
        self.drivers, self.attributes = guest.drivers(), by_hand.attributes(guest)

    def is_back(self, guest):
        guest.run('stillboot rebind')
        assert guest.drivers() == self.drivers
        assert by_hand.attributes(guest) == self.attributes


def port_resets(result, ports):
    """Result of the resets through the port, by port. Recorded for the port or for a function."""
    found = {}
    for step in result.steps:
        if step['step'] in ('subordinate', 'sbr', 'bus'):
            found.setdefault(ports.get(step['slot'], step['slot']), []).append(step)
    return found


def check_after_unbind(result, ports, port, reset):
    for step in result.steps:
        if step['step'] == 'unbind' and ports[step['slot']] == port:
            assert step['start_us'] + step['duration_us'] <= reset['start_us']


@pytest.mark.parametrize('native', [True, False], ids=['native', 'acpi'])
def test_siblings(start, native):
    """All of a slot's functions let go, then their port resets them, and no register is lost."""
    guest = start(machines.siblings(BOOT_DISK, native), 'lab.modules=nvme,e1000e,faulty '
                  'faulty.asserted=1 faulty.delicate=1 faulty.only=0000:02:00.1')
    bars = [f'0000:0{bus}:00.{n}' for bus in (1, 2, 3) for n in (0, 1)]
    ports = {slot: by_hand.parent(guest, slot) for slot in bars}
    assert set(bars) <= guest.drivers().keys()
    network = '0000:02:00.0'
    guest.run(by_hand.unbind(network))
    by_hand.mark(guest, network)
    before = Before(guest)
    registers = {slot: by_hand.config(guest, slot)[1:] for slot in bars}

    planned = {d['slot']: [step['step'] for step in d['steps']]
               for d in guest.json('stillboot plan --json')['devices']}
    assert any('subordinate' in planned[slot] for slot in bars)
    assert not any('bus' in planned[slot] for slot in bars), 'the kernel would refuse it'
    result = quiesce(guest)
    assert result.rc == 0, result.why
    assert all(result.verdicts[slot] == 'still' for slot in bars)
    resets = port_resets(result, ports)
    for port in set(ports.values()):
        # One for all, whatever the others wanted.
        subordinate, = [step for step in resets[port]
                        if step['step'] == 'subordinate' and step['result'] != 'skipped']
        check_after_unbind(result, ports, port, subordinate)
        # Only two functions of faulty devices have no power management, which the kernel waits for.
        works = native or port == ports['0000:03:00.0']
        assert subordinate['result'] == ('ok' if works else 'failed')
    assert not by_hand.marked(guest, network)
    assert {slot: by_hand.config(guest, slot)[1:] for slot in bars} == registers

    # By hand nobody gives the registers back: run-step and the engine have to.
    by_hand.mark(guest, network)
    guest.run(f'run-step {network} sbr prove')
    assert not by_hand.marked(guest, network)
    assert {slot: by_hand.config(guest, slot)[1:] for slot in bars} == registers
    before.is_back(guest)
    if native:
        guest.send(EXEC)
        said, panic = guest.next_kernel()
        assert panic is None and guest.stage == 2
        assert 'faulty: no stray interrupt' in said


def test_whole_tree_and_back(start):
    """Switch, legacy PCI, root bus; ports whose reset the kernel calls failed; all of it twice."""
    guest = start(machines.tree(BOOT_DISK, GRUB_DISK, working_reset=False),
                  'lab.modules=nvme,ext4,e1000,e1000e,xhci-pci,ahci,bochs,i6300esb,faulty '
                  'faulty.asserted=1 faulty.delicate=1')
    network = guest.slot('8086:10d3')
    guest.run(by_hand.unbind(network))
    by_hand.mark(guest, network)
    before = Before(guest)
    result = quiesce(guest)
    assert result.rc == 0, result.why
    # A return code is no proof: the reset failed, the ladder went on, the card forgot its mark.
    assert ('bus', 'failed') in result.of(network)
    assert not by_hand.marked(guest, network)
    assert result.verdicts[network] == 'still'
    for slot, driver in before.drivers.items():
        if result.verdicts[slot] == 'left':
            assert result.why[slot] and guest.driver(slot) == driver
        else:
            assert guest.driver(slot) == ''
    again = quiesce(guest)
    assert again.rc == 0 and again.verdicts == result.verdicts
    assert not [step for step in again.steps if step['step'] == 'unbind']
    before.is_back(guest)
    # The disks can be read.
    for disk in guest.run('ls -d /sys/block/nvme*').split():
        name = disk.split('/')[-1]
        guest.run(f'until [ -b /dev/{name} ]; do usleep 20000; done; '
                  f'dd if=/dev/{name} of=/dev/null bs=1M count=1')


def test_single_steps(start):
    """Steps that no default policy takes here, one by one, on a card that tells."""
    guest = start(machines.powered(), 'lab.modules=e1000e')
    guest.run(f'run-step {SLOT} unbind')
    registers = by_hand.config(guest, SLOT)
    for step in ('bus', 'subordinate', 'sbr'):
        by_hand.mark(guest, SLOT)
        guest.run(f'run-step {SLOT} {step} prove')
        assert not by_hand.marked(guest, SLOT), step
        assert by_hand.config(guest, SLOT) == registers, step
    guest.run(f'setpci -s {SLOT} COMMAND=4:4')
    assert guest.status(f'run-step {SLOT} prove')[0] == 1
    guest.run(f'run-step {SLOT} mask prove')
    # Off and on: the kernel enumerates the slot anew, and binds a driver although nothing is to be
    # probed. It has to let go again.
    guest.run('echo 0 > /sys/bus/pci/drivers_autoprobe; dmesg -c > /dev/null')
    guest.run(f'run-step {SLOT} power')
    assert 'pciehp: Slot(1): Card present' in guest.run('dmesg')
    assert guest.driver(SLOT) == ''
    guest.run(f'run-step {SLOT} prove')


def test_slot_that_stays_empty(start):
    """QEMU takes a device away when its slot's power goes off: what does not come back is gone,
    and no reason to wait or to call anything loud."""
    guest = start(machines.NATIVE_HOTPLUG + machines.q35(*machines.network('rp1', 1)),
                  'lab.modules=e1000e')
    guest.write_file('/power.lua', 'device { driver = "e1000e", steps = { "unbind", "power" } }\n')
    result = quiesce(guest, '--policy /power.lua')
    assert ('power', 'failed') in result.of(SLOT)
    assert result.rc == 0 and result.verdicts[SLOT] == 'left', result.why
    assert max(step['duration_us'] for step in result.steps) < LONG_US
    assert guest.status(f'ls {by_hand.DEVICES}/{SLOT}')[0] != 0
    # There is nothing to bind, which is no failure either.
    guest.run('stillboot rebind')


def test_virtual_functions_go_first(start):
    guest = start(machines.virtual_functions(BOOT_DISK), 'lab.modules=nvme')
    virtual = ['0000:01:00.1', '0000:01:00.2']
    numvfs = f'{by_hand.DEVICES}/{SLOT}/sriov_numvfs'
    guest.run(f'echo 2 > {numvfs}')
    result = quiesce(guest)
    # They read all ones where others have a vendor; that is no reason to call them loud.
    assert result.rc == 0, result.why
    steps = result.of(SLOT)
    assert steps.index(('vfs', 'ok')) < steps.index(('unbind', 'ok'))
    assert guest.run(f'cat {numvfs}') == '0'
    assert not [slot for slot in virtual if slot in guest.run(f'ls {by_hand.DEVICES}')]
    assert result.verdicts[SLOT] == 'still'
    assert 'driver left SR-IOV enabled' not in guest.run('dmesg')
    # Alone again, it could be reset through its port.
    assert {name for name, how in steps if how == 'ok'} & RESETS
    guest.run('stillboot rebind')
    assert guest.driver(SLOT) == 'nvme'


def test_vanished_meanwhile(start):
    """The power goes while one of two functions is still being unbound: nothing waits a minute for
    an answer that cannot come."""
    guest = start(machines.vanishing(), 'lab.modules=e1000e,faulty faulty.slow_ms=3000')
    vanish = by_hand.vanish(by_hand.parent(guest, SLOT))
    guest.run(f'{BACKGROUND} {SLOW_BEGAN}; {vanish}')
    result = background_result(guest)
    assert guest.config(SLOT, 'VENDOR_ID') == 0xffff
    assert max(step['duration_us'] for step in result.steps) < LONG_US
    for slot in (SLOT, SIBLING):
        assert result.verdicts[slot] != 'still' and result.why[slot]
        assert ('unbind', 'ok') in result.of(slot)
    assert 'not ready' not in guest.run('dmesg')


def test_unplugged_meanwhile(start):
    """One device is pulled out when its turn is over, the other one while its remove() runs."""
    guest = start(machines.two_faulty(),
                  f'lab.modules=faulty faulty.slow_ms=3000 faulty.only={SLOT}')
    guest.run(f'{BACKGROUND} {SLOW_BEGAN}')
    for name in ('second', 'first'):
        guest.monitor.command('device_del', id=name)
        guest.monitor.wait_event('DEVICE_DELETED')
    result = background_result(guest)
    assert result.rc == 0, result.why
    assert guest.run(f'ls {by_hand.DEVICES}').find(SLOT) < 0
    assert result.verdicts[SLOT] == 'left' and 'unplugged' in result.why[SLOT], result.why
    assert result.verdicts[OTHER] in ('left', 'still')
    # What is gone is no obstacle.
    guest.send(EXEC)
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2


@pytest.mark.parametrize('locked_down', [False, True], ids=['open', 'locked-down'])
def test_line_latched_by_somebody_elses_unbind(start, locked_down):
    """Two lines are up; one device's driver is gone already when stillboot begins."""
    guest = start(machines.two_faulty(), 'lab.modules=faulty,uio_pci_generic '
                  'faulty.remove=nothing faulty.asserted=1')
    assert guest.driver(OTHER) == 'faulty'
    if locked_down:
        guest.run(LOAD)
        by_hand.lock_down(guest)
    guest.run(by_hand.unbind(SLOT))
    # Locked down nothing more can be loaded, hence no handoff and no report either.
    guest.send('stillboot exec --loaded' if locked_down else EXEC)
    said, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    assert said.count('faulty: no stray interrupt') == 2
    if not locked_down:
        steps = guest.json('stillboot report --json')['steps']
        assert [s['result'] for s in steps if (s['slot'], s['step']) == (SLOT, 'uio')] == ['ok']


def test_lockdown_in_the_middle(start):
    """The image for the jump was loaded while that was allowed; loading it again with the handoff is
    refused, and it carries the jump all the same."""
    guest = start(machines.faulty(), 'lab.modules=faulty faulty.slow_ms=3000 faulty.asserted=1')
    guest.run('mount -t securityfs securityfs /sys/kernel/security')
    guest.send(f'({EXEC} &); {SLOW_BEGAN}; echo integrity > /sys/kernel/security/lockdown')
    guest.expect('the image loaded before is used, without a report: .*Operation not permitted')
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    # What it was loaded with says where it comes from.
    handoff = guest.handoff()
    assert handoff['hops'] == 1 and 'the kernel refused it' in handoff['incomplete']
    assert 'The image has no journal' in guest.run('stillboot report')


def test_locked_down_siblings(start):
    """No raw write is even tried, and what has a remove() is still without one."""
    guest = start(machines.siblings(BOOT_DISK), 'lab.modules=nvme,e1000e,faulty')
    before = Before(guest)
    by_hand.lock_down(guest)
    guest.run('dmesg -c > /dev/null')
    result = quiesce(guest)
    assert result.rc == 0, result.why
    assert 'direct PCI access is restricted' not in guest.run('dmesg')
    before.is_back(guest)


@pytest.mark.parametrize('locked_down', [False, True], ids=['open', 'locked-down'])
def test_driver_without_remove(start, locked_down):
    """To the kernel such a device is enabled still; `enable` in sysfs is where it can be told."""
    guest = start(machines.faulty(), 'lab.modules=faulty,uio_pci_generic faulty.no_remove=1 '
                  'faulty.asserted=1')
    guest.run(LOAD)
    if locked_down:
        by_hand.lock_down(guest)
    result = quiesce(guest)
    assert result.rc == 0 and result.verdicts[SLOT] == 'still', result.why
    assert not guest.config(SLOT, 'COMMAND') & 4
    # It needs its interrupt to start: INTx may be disabled no more.
    guest.run('stillboot rebind')
    assert guest.driver(SLOT) == 'faulty'
    guest.send('stillboot exec --loaded')
    said, panic = guest.next_kernel()
    assert panic is None and 'faulty: no stray interrupt' in said


def test_in_use_and_not_any_more(start):
    guest = start(machines.q35(*machines.root_port('rp1', 1), *machines.nvme(BOOT_DISK, 'rp1'),
                               *machines.network('rp2', 2)), 'lab.modules=nvme,ext4,e1000e')
    before = Before(guest)
    partition = f'/dev/{guest.disk(SLOT)}p1'
    guest.run(f'until [ -b {partition} ]; do usleep 20000; done; mount {partition} /mnt')
    rc, said = guest.status('stillboot quiesce')
    assert rc == 3 and f'{partition.split("/")[-1]} is mounted on /mnt' in said
    assert guest.drivers() == before.drivers

    guest.run('echo precious > /mnt/precious')
    result = quiesce(guest, '--force')
    assert result.verdicts == {**result.verdicts, SLOT: 'left', OTHER: 'still'}
    assert 'nvme0n1' in result.why[SLOT] and not result.of(SLOT)
    guest.run('umount /mnt')
    result = quiesce(guest)
    assert result.rc == 0 and result.verdicts[SLOT] == 'still', result.why
    before.is_back(guest)
    guest.run(f'until [ -b {partition} ]; do usleep 20000; done; mount {partition} /mnt')
    assert guest.run('cat /mnt/precious') == 'precious'


def test_one_at_a_time(start):
    """A rebind in the middle of a quiesce would undo under its hands."""
    guest = start(machines.two_faulty(), 'lab.modules=faulty faulty.slow_ms=6000')
    drivers = guest.drivers()
    guest.run(f'{BACKGROUND} {SLOW_BEGAN}')
    for command in ('rebind', 'save'):
        rc, said = guest.status(f'stillboot {command}')
        assert rc == 3 and 'another stillboot' in said
    assert background_result(guest).rc == 0
    guest.run('stillboot rebind')
    assert guest.drivers() == drivers


def test_hung_remove_is_loud_and_the_others_are_still(start):
    guest = start(machines.two_faulty(),
                  f'lab.modules=faulty faulty.remove=hangs faulty.only={SLOT}')
    guest.write_file('/hang.lua', 'device { driver = "faulty", deadline = 2 }\n')
    result = quiesce(guest, '--policy /hang.lua')
    assert result.rc == 1
    assert result.verdicts[SLOT] == 'loud' and ('unbind', 'hung') in result.of(SLOT)
    assert result.verdicts[OTHER] == 'still'
