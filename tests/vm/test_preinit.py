# SPDX-License-Identifier: GPL-2.0-or-later
"""The next kernel's own look, before its drivers are loaded: what the first kernel left loud is stopped there."""

import json
import re

import by_hand
import machines
from guest import STRAY
from lab import ALWAYS, BOOT_DISK, NEXT

SLOT = '0000:01:00.0'
LEAVE = 'device { driver = "faulty", leave = true, why = "left loud on purpose" }\n'


def jump(guest, more=''):
    guest.write_file('/leave.lua', LEAVE)
    guest.send('stillboot exec --policy /leave.lua --kernel /boot/vmlinuz --initrd /boot/initramfs '
               f'--cmdline "{NEXT} {more}"')
    return guest.next_kernel()


def test_control_left_loud_kills_the_next_kernel(start):
    guest = start(machines.faulty(), 'lab.modules=faulty faulty.asserted=1')
    _, panic = jump(guest)
    assert panic and STRAY in panic


def test_left_loud_is_stopped_before_its_driver_loads(start):
    guest = start(machines.faulty(), 'lab.preinit=1 lab.modules=faulty faulty.asserted=1')
    line = guest.config(SLOT, 'INTERRUPT_LINE')
    said, panic = jump(guest, 'lab.preinit=1')
    assert panic is None and guest.stage == 2
    assert 'lab: preinit ends, rc 0' in said and 'faulty: no stray interrupt' in said
    assert guest.driver(SLOT) == 'faulty'

    # What it did is kept, for root alone, and stands in the kernel's log.
    assert guest.run('stat -c "%a %u" /run/stillboot /run/stillboot/preinit /run/stillboot/handoff'
                     ).split() == ['700', '0', '600', '0', '600', '0']
    record = guest.json('cat /run/stillboot/preinit')
    assert record['boot'] == 'kexec' and record['hung'] == 0 and 'handoff' not in record
    assert {'slot': SLOT, 'verdict': 'still', 'why': ''} in record['devices']
    assert [step['step'] for step in record['steps'] if step['slot'] == SLOT] == ['uio', 'bus']
    assert f'stillboot: {SLOT}: its interrupt is asserted; bus reset, still' in guest.run('dmesg')
    assert guest.run('cat /sys/bus/pci/drivers_autoprobe') == '1'
    # Twice would be once too often: drivers have come since.
    rc, said = guest.status('stillboot preinit')
    assert rc == 3 and 'has run in this boot already' in said
    assert 'kexec: 6 functions, 0 reset, 2 still, 0 loud, 4 left' in guest.run('stillboot preinit --force')

    # What a reset has cleared is put back as the firmware had it, two kernels ago.
    guest.run(f'{by_hand.unbind(SLOT)}; setpci -s {SLOT} COMMAND=4:4 INTERRUPT_LINE=0')
    said = guest.run('stillboot preinit --force')
    assert f'{SLOT}: bus master is on; bus reset, 1 setting put back, still' in said
    assert line and guest.config(SLOT, 'INTERRUPT_LINE') == line


HOPS = 10
CHAIN_MODULES = 'lab.preinit=1 lab.modules=nvme,e1000e,xhci-pci,8139cp'
CHAIN_NEXT = f'{ALWAYS} loglevel=6 lab.stage=2 {CHAIN_MODULES}'
DRIVEN = {'nvme', 'e1000e', 'xhci_hcd', '8139cp'}
# The disk that has the next kernel and its initramfs is in use for a moment only.
FETCH = ('modprobe ext4; mount -o ro /dev/$(basename -a /sys/block/nvme0n1/nvme*p1) /mnt && '
         'mkdir -p /boot && cp /mnt/debian/*/linux /boot/vmlinuz && '
         'cp /mnt/debian/*/initrd /boot/initramfs && umount /mnt')
HOP = ('stillboot exec --kernel /boot/vmlinuz --initrd /boot/initramfs '
       f'--cmdline "{CHAIN_NEXT}"')
# As the manual page has it, stillboot(8), PREINIT: what each kernel and driver makes anew.
MAY_DIFFER = {'Command', 'Power Management Control', 'MSI Address', 'MSI Address Upper', 'MSI Data',
              'MSI Control', 'MSI-X Control'}


def resources(guest):
    """What the kernel has given to bridges and devices."""
    lines = (guest.run('cat /proc/iomem') + '\n' + guest.run('cat /proc/ioports')).splitlines()
    return [line for line in lines
            if re.search(r'PCI|[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]', line)]


def registers(guest):
    """Each setting that differs from what the firmware left, by slot and name."""
    return {(device['slot'], r['register']): r['is']
            for device in guest.json('stillboot devices --drift --json')['devices']
            for r in device['registers'] if r['register'] not in MAY_DIFFER}


def look(guest):
    """What must be the same in each kernel of the chain."""
    return {
        'baseline': guest.run('sha256sum /run/stillboot/baseline'),
        'resources': resources(guest),
        'registers': registers(guest),
        'drivers': guest.drivers(),
        'slots': guest.run('lspci -Dn'),
    }


def check_reports(guest, hop, slots):
    """The previous kernel's, and that of preinit: complete, each function in both."""
    handoff = json.loads(guest.run('tail -n +2 /run/stillboot/handoff'))
    assert handoff['hops'] == hop and 'incomplete' not in handoff
    preinit = guest.json('cat /run/stillboot/preinit')
    assert preinit['boot'] == 'kexec' and preinit['hung'] == 0
    assert 'handoff' not in preinit and 'off' not in preinit
    for record in (handoff, preinit):
        assert {device['slot'] for device in record['devices']} == slots
        assert 'loud' not in {device['verdict'] for device in record['devices']}
    steps = [step for step in handoff['steps'] if step['result'] == 'ok']
    assert len([step for step in steps if step['step'] == 'unbind']) == len(DRIVEN)
    assert len([step for step in steps if step['step'] == 'bus']) == len(DRIVEN)
    assert preinit['steps'] == preinit['restored'] == []


def test_ten_hops(start):
    guest = start(machines.chain(BOOT_DISK), CHAIN_MODULES, seconds=1500)
    assert guest.json('cat /run/stillboot/preinit')['boot'] == 'firmware'
    first = look(guest)
    slots = {line.split()[0] for line in first['slots'].splitlines()}
    assert DRIVEN <= set(first['drivers'].values()) and len(first['resources']) > 30
    for hop in range(1, HOPS + 1):
        guest.run(FETCH)
        guest.send(HOP)
        said, panic = guest.next_kernel()
        assert panic is None and 'lab: preinit ends, rc 0' in said
        assert look(guest) == first, hop
        check_reports(guest, hop, slots)
