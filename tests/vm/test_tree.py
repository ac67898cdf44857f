# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole tree: what the plan says, what bad input gets, and what really happened."""

import json

import machines
from guest import between
from lab import BOOT_DISK, GRUB_DISK

MODULES = 'lab.modules=nvme,ext4,e1000,e1000e,xhci-pci,ahci,bochs,i6300esb,faulty'
# Its interrupt is asserted, and it panics if it is reset before its driver let go of it.
FAULTS = 'faulty.asserted=1 faulty.delicate=1'

# vendor:device of the functions that have a driver here, by what has to become of them.
QUIESCED_AND_RESET = {
    '1b36:0010': 'nvme',  # twice
    '1b36:000d': 'xhci_hcd',
    '1234:11e8': 'faulty',
    '8086:10d3': 'e1000e',
}
LEGACY = '8086:100e'    # e1000, below a PCIe-to-PCI bridge
ON_BUS_0 = '8086:2922'  # ahci
DISPLAY = '1234:1111'
WATCHDOG = '8086:25ab'
RESETS = {'flr', 'pm', 'bus'}


class Tree:
    """What lspci and sysfs say about the functions: the tests' own view of the machine."""

    def __init__(self, guest):
        self.identity, self.base_class, self.parent = {}, {}, {}
        for line in guest.run('lspci -Dn').splitlines():
            slot, class_code, identity = line.split()[:3]
            self.identity[slot] = identity
            self.base_class[slot] = int(class_code.rstrip(':')[:2], 16)
        for line in guest.run('realpath /sys/bus/pci/devices/*').splitlines():
            *_, parent, slot = line.split('/')
            self.parent[slot] = parent if parent in self.identity else None

    def having(self, identity):
        return [slot for slot, found in self.identity.items() if found == identity]

    def bridges(self):
        return [slot for slot, base in self.base_class.items() if base == 6]

    def below(self, port):
        direct = [slot for slot, parent in self.parent.items() if parent == port]
        return direct + [slot for child in direct for slot in self.below(child)]


def boot_tree(start, **options):
    guest = start(machines.tree(BOOT_DISK, GRUB_DISK, **options), f'{MODULES} {FAULTS}')
    return guest, Tree(guest)


def check_plan(plan, tree):
    devices = {device['slot']: device for device in plan['devices']}
    assert devices.keys() == tree.identity.keys()

    def steps(slot):
        return [step['step'] for step in devices[slot]['steps']]

    for slot in tree.bridges() + tree.having(DISPLAY) + tree.having(WATCHDOG):
        assert devices[slot]['action'] == 'left', slot
        assert devices[slot]['reason'] and not devices[slot]['steps'], slot
    for identity, driver in QUIESCED_AND_RESET.items():
        for slot in tree.having(identity):
            assert devices[slot]['action'] == 'quiesce', slot
            assert devices[slot]['driver'] == driver
            assert steps(slot).index('unbind') < steps(slot).index('bus'), slot
    for identity in (LEGACY, ON_BUS_0):
        slot, = tree.having(identity)
        assert devices[slot]['action'] == 'quiesce', slot
        assert 'unbind' in steps(slot), slot
    assert not RESETS & set(steps(tree.having(LEGACY)[0]))
    assert 'bus' not in steps(tree.having(ON_BUS_0)[0])


def check_order(report, tree):
    """No function below a port is still bound when a bus reset at that port begins."""
    unbound = {step['slot']: step['start_us'] + step['duration_us']
               for step in report['steps'] if step['step'] == 'unbind'}
    resets = [step for step in report['steps'] if step['step'] == 'bus']
    assert len(resets) >= 5
    for reset in resets:
        # Recorded for the function; the port is the bridge above it.
        port = reset['slot'] if reset['slot'] in tree.bridges() else tree.parent[reset['slot']]
        below = tree.below(port)
        assert below and not set(below) & set(tree.bridges())
        for slot in below:
            assert slot in unbound, f'{port} was reset, {slot} never unbound'
            assert unbound[slot] <= reset['start_us'], f'{port} was reset before {slot} was unbound'


def test_whole_tree(start):
    guest, tree = boot_tree(start)
    bound = guest.drivers()

    # Looking touches nothing: no driver lost, no byte written to a disk, nothing mounted.
    disks = [guest.disk(slot) for slot in tree.having('1b36:0010')]
    mounts = guest.run('cat /proc/mounts')
    entries = {entry['id']: entry for entry in guest.json('stillboot list --json')['entries']}
    assert entries['lab']['bootable'] and entries['lab']['default']
    assert entries['lab']['linux'].endswith('/linux')
    assert entries['lab']['source']['file'].endswith('loader/entries/lab.conf')
    debian, = [e for e in entries.values() if e['title'] == 'Debian GNU/Linux']
    assert debian['bootable'] and debian['linux'].startswith('/boot/vmlinuz-')
    check_plan(guest.json('stillboot plan --json'), tree)
    for command in ('list', 'devices', 'plan'):
        assert guest.run(f'stillboot {command}')
    assert guest.drivers() == bound
    assert guest.run('cat /proc/mounts') == mounts
    for disk in disks:
        writes = guest.run(f'cat /sys/block/{disk}/stat').split()[4]
        assert writes == '0'

    guest.send('stillboot exec lab')
    said, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    assert between(said, 'lab: report begins', 'lab: report ends, rc 0').strip()
    report = json.loads(between(said, 'lab: json begins', 'lab: json ends, rc 0'))
    check_order(report, tree)
    done = {(step['slot'], step['step']) for step in report['steps'] if step['result'] == 'ok'}
    for identity in [*QUIESCED_AND_RESET, LEGACY, ON_BUS_0]:
        for slot in tree.having(identity):
            assert (slot, 'unbind') in done
            assert ((slot, 'bus') in done) == (identity in QUIESCED_AND_RESET)
    touched = {slot for slot, _ in done}
    assert not touched & set(tree.having(DISPLAY) + tree.having(WATCHDOG))
    assert report['loud'] == 0
    assert report['still'] + report['left'] == len(tree.identity)

    # The machine is a whole one afterwards: disks read, the network card gets its driver.
    guest.run('modprobe nvme; modprobe ext4; modprobe e1000e')
    boot_disk, = tree.having('1b36:0010')[:1]
    disk = guest.disk(boot_disk)
    guest.run(f'until [ -e /dev/{disk}p1 ]; do usleep 20000; done')
    guest.run(f'mount -o ro /dev/{disk}p1 /mnt && cat /mnt/debian/*/linux > /dev/null')


def test_force_leaves_disk_in_use_and_failed_resets_go_on(start):
    """A root port whose reset the kernel calls failed (ENOTTY), and a mounted disk."""
    guest, tree = boot_tree(start, working_reset=False)
    _, disk_slot = tree.having('1b36:0010')
    disk = guest.disk(disk_slot)
    bound = guest.drivers()
    guest.run(f'mount /dev/{disk} /mnt')

    rc, said = guest.status('stillboot exec lab')
    assert rc == 3
    assert 'stillboot reboot' in said and disk in said
    assert guest.drivers() == bound

    guest.run('echo precious > /mnt/precious')
    guest.send('stillboot exec --force lab')
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    steps = guest.json('stillboot report --json')['steps']
    # Its controller was never touched, and what was written is there.
    assert disk_slot not in [step['slot'] for step in steps]
    guest.run('modprobe nvme; modprobe ext4')
    disk = guest.disk(disk_slot)
    guest.run(f'until [ -e /dev/{disk} ]; do usleep 20000; done; mount -o ro /dev/{disk} /mnt')
    assert guest.run('cat /mnt/precious') == 'precious'
    # One reset failed, and all the others took place. (The kernel waits for a link only where a
    # function has power management: the faulty device's port never fails.)
    results = {step['slot']: step['result'] for step in steps if step['step'] == 'bus'}
    network, = tree.having('8086:10d3')
    assert results.pop(network) == 'failed'
    assert len(results) == 3 and set(results.values()) == {'ok'}


def test_entry_of_grub_by_title(start):
    guest, _ = boot_tree(start)
    guest.send("stillboot exec 'Debian GNU/Linux'")
    said, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    assert 'root=UUID=' in said
