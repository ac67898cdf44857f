# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel does by itself, without stillboot: the facts that the ladder is built on. If one
of them changes with a new kernel, the ladder has to be looked at again."""

import by_hand
import machines
import pytest
from guest import STRAY
from lab import BOOT_DISK, CRASH_LOAD, LOAD

SLOT = '0000:01:00.0'


def functions(guest):
    return guest.run('lspci -Dn').splitlines()


@pytest.mark.parametrize('native', [True, False], ids=['native', 'acpi'])
def test_siblings_are_reset_only_through_their_port(start, native):
    guest = start(machines.siblings(BOOT_DISK, native), 'lab.modules=nvme,e1000e,faulty')
    slots = [line.split()[0] for line in functions(guest) if not line.startswith('0000:00')]
    assert len(slots) == 6
    for slot in guest.drivers():
        if slot in slots:
            guest.run(by_hand.unbind(slot))
    before = functions(guest), {slot: by_hand.config(guest, slot) for slot in slots}
    guest.run('dmesg -c > /dev/null')

    # The first function's list was made before the second one was there, and is not true.
    for bus in ('01', '02', '03'):
        first, second = f'0000:{bus}:00.0', f'0000:{bus}:00.1'
        assert 'bus' in guest.run(f'cat {by_hand.DEVICES}/{first}/reset_method').split()
        assert guest.status(by_hand.reset(first, 'bus'))[0] != 0
        assert guest.status(f'cat {by_hand.DEVICES}/{second}/reset_method')[0] != 0
    assert "Unsupported reset method 'bus'" in guest.run('dmesg -c')

    # The port resets both, and the kernel gives them back their registers, even where it calls the
    # reset failed.
    network = '0000:02:00.0'
    by_hand.mark(guest, network)
    before[1][network] = by_hand.config(guest, network)
    codes = [guest.status(by_hand.reset_below(by_hand.parent(guest, f'0000:{bus}:00.0')))[0] == 0
             for bus in ('01', '02', '03')]
    assert codes == [native, native, True]
    assert not by_hand.marked(guest, network)
    assert (functions(guest), {slot: by_hand.config(guest, slot) for slot in slots}) == before
    # No hotplug controller took it for a removal.
    assert 'pciehp' not in guest.run('dmesg')


def test_what_returns_zero_and_changes_nothing(start):
    """Return codes prove nothing. And a raw secondary bus reset loses the registers."""
    guest = start(machines.q35(*machines.network('rp1', 1)), 'lab.modules=e1000e')
    guest.run(by_hand.unbind(SLOT))
    by_hand.mark(guest, SLOT)
    guest.run(by_hand.reset(SLOT, 'pm'))
    assert by_hand.marked(guest, SLOT)
    guest.run(by_hand.reset(SLOT, 'bus'))
    assert not by_hand.marked(guest, SLOT)

    port = by_hand.parent(guest, SLOT)
    guest.run(f'setpci -s {port} BRIDGE_CONTROL=0x40:0x40; usleep 3000; '
              f'setpci -s {port} BRIDGE_CONTROL=0:0x40')
    assert guest.config(SLOT, 'COMMAND') == 0 and guest.config(SLOT, 'BASE_ADDRESS_0') == 0


def test_resetting_what_vanished_takes_minutes(start):
    """Over a minute below a port, twice that for a function's own attribute, all the while with its
    lock held: so nothing is reset that does not answer."""
    guest = start(machines.q35(*machines.network('rp1', 1)), 'lab.modules=e1000e')
    guest.run(by_hand.vanish(by_hand.parent(guest, SLOT)))
    assert guest.config(SLOT, 'VENDOR_ID') == 0xffff
    guest.run(by_hand.unbind(SLOT))  # does not fail, and does not take long
    guest.run(f'(echo 1 > {by_hand.DEVICES}/{SLOT}/reset &)')
    guest.run('until dmesg | grep -q "not ready 4095ms after bus reset; waiting"; do '
              'usleep 100000; done')


def test_physical_function_let_go_of_too_early(start):
    guest = start(machines.virtual_functions(BOOT_DISK), 'lab.modules=nvme')
    function = f'{by_hand.DEVICES}/{SLOT}'
    guest.run(f'echo 2 > {function}/sriov_numvfs')
    virtual = ['0000:01:00.1', '0000:01:00.2']
    for slot in virtual:
        # Virtual functions have no identity of their own, but they are there.
        assert guest.config(slot, 'VENDOR_ID') == 0xffff
        assert guest.run(f'cat {by_hand.DEVICES}/{slot}/vendor') == '0x1b36'
    guest.run(by_hand.unbind(SLOT))
    rc, _ = guest.status(f'echo 0 > {function}/sriov_numvfs')
    assert rc != 0
    said = guest.run('dmesg')
    assert 'driver left SR-IOV enabled after remove' in said
    assert 'no driver bound to device; cannot configure SR-IOV' in said
    assert all(slot in guest.run(f'ls {by_hand.DEVICES}') for slot in virtual)


def test_driver_without_remove_leaves_its_device_on(start):
    """Nor does a bus reset help: the kernel thinks that it is in use and turns it on again."""
    guest = start(machines.faulty(), 'lab.modules=faulty faulty.no_remove=1 faulty.asserted=1')
    guest.run(LOAD)
    guest.run(by_hand.unbind(SLOT))
    assert guest.config(SLOT, 'COMMAND') & 4
    guest.run(by_hand.reset(SLOT, 'bus'))
    assert guest.config(SLOT, 'COMMAND') & 4
    # This is how the kernel can be told, locked down or not.
    guest.run(f'echo 0 > {by_hand.DEVICES}/{SLOT}/enable')
    assert not guest.config(SLOT, 'COMMAND') & 4
    guest.send('kexec -e')
    _, panic = guest.next_kernel()
    assert panic and STRAY in panic


@pytest.mark.parametrize('cure', [None, by_hand.mask_inside_the_kernel(SLOT)],
                         ids=['nothing', 'uio'])
def test_locked_down_and_let_go_of(start, cure):
    """A line that stays latched after somebody's unbind, and no raw write to lower it."""
    guest = start(machines.faulty(),
                  'lab.modules=faulty,uio_pci_generic faulty.remove=nothing faulty.asserted=1')
    guest.run(LOAD)
    by_hand.lock_down(guest)
    rc, said = guest.status(LOAD)
    assert rc != 0 and 'Operation not permitted' in said
    before = guest.config(SLOT, 'COMMAND')
    _, said = guest.status(f'setpci -s {SLOT} COMMAND=0x400:0x400')  # returns 0 all the same
    assert 'Operation not permitted' in said and guest.config(SLOT, 'COMMAND') == before
    # Bus mastering that the firmware left on without a driver: the kernel ends it when the last
    # user of the device goes (pci_disable_device()), so it is given one.
    disk = guest.slot('8086:2922')
    assert guest.driver(disk) == '' and guest.config(disk, 'COMMAND') & 4
    enable = f'{by_hand.DEVICES}/{disk}/enable'
    guest.run(f'echo 1 > {enable} && echo 0 > {enable}')
    assert not guest.config(disk, 'COMMAND') & 4
    guest.run(by_hand.unbind(SLOT))
    if cure:
        guest.run(cure)
    # Resets are no raw writes; what was loaded beforehand is jumped into.
    guest.run(by_hand.reset(SLOT, 'bus'))
    guest.send('kexec -e')
    _, panic = guest.next_kernel()
    assert (panic is None) if cure else (panic and STRAY in panic)


def hang(start, append=''):
    guest = start(machines.faulty(), f'lab.modules=faulty faulty.remove=hangs {append}')
    guest.run(f'({by_hand.unbind(SLOT)} &); '
              'until dmesg | grep -q "remove() never returns"; do usleep 20000; done')
    return guest


def test_hung_remove_and_the_emergency_restart(start):
    guest = hang(start)
    guest.send('echo b > /proc/sysrq-trigger')
    assert 'Linux version' not in guest.end()


def test_hung_remove_and_the_crash_kernel(start):
    guest = hang(start, 'crashkernel=256M')
    guest.run(CRASH_LOAD)
    guest.send('echo c > /proc/sysrq-trigger')
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 3
    assert guest.run('ls /proc/vmcore')


def test_hung_remove_and_a_jump_that_hangs(start):
    """kexec -e waits for the device for ever, and while it does no crash kernel starts."""
    guest = hang(start, 'crashkernel=256M')
    guest.run(CRASH_LOAD)
    guest.run(LOAD)
    # Asleep in the kernel: it waits for the device's lock.
    guest.run('(kexec -e &); until grep -q "(kexec) D" /proc/[0-9]*/stat; do usleep 50000; done')
    guest.send('echo c > /proc/sysrq-trigger')
    assert 'Linux version' not in guest.end()


def test_slot_power_enumerates_anew(start):
    """Off, and the device is gone from sysfs; on, and it is found again and bound, although nothing
    is to be probed (pci_bus_add_device() attaches a driver without asking)."""
    guest = start(machines.powered(), 'lab.modules=e1000e')
    before = by_hand.config(guest, SLOT)
    power = '/sys/bus/pci/slots/1/power'
    guest.run('echo 0 > /sys/bus/pci/drivers_autoprobe')
    guest.run(f'echo 0 > {power}')
    assert guest.status(f'ls {by_hand.DEVICES}/{SLOT}')[0] != 0
    guest.run(f'echo 1 > {power}')
    assert guest.driver(SLOT) == 'e1000e'
    assert by_hand.config(guest, SLOT)[1:] == before[1:]
