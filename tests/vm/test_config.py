# SPDX-License-Identifier: GPL-2.0-or-later
"""What the firmware left: saved before drivers bind, compared by name, and put back."""

import by_hand
import machines
from lab import BOOT_DISK

SLOT = '0000:01:00.0'
NVME = '0000:02:00.0'
RESTORE = ('device { place = "port", '
           'steps = { "unbind", "bus", "flr", "mask", "restore" } }\n')


def drift(guest):
    """Names of the registers that differ, by slot."""
    devices = guest.json('stillboot devices --drift --json')['devices']
    return {d['slot']: {r['register'] for r in d['registers']} for d in devices}


def test_baseline_drift_and_back(start):
    guest = start(machines.q35(*machines.network('rp1', 1), *machines.root_port('rp2', 2),
                               *machines.nvme(BOOT_DISK, 'rp2')))
    rc, said = guest.status('stillboot devices --drift')
    assert rc == 1 and 'stillboot save' in said
    guest.run('stillboot save')
    assert guest.run('stat -c "%a %u" /run/stillboot/baseline') == '600 0'
    rc, said = guest.status('stillboot save')
    assert rc == 3 and '--force' in said
    assert drift(guest) == {}
    # The baseline is a dump like any other.
    assert guest.run('stillboot devices --pci-dump /run/stillboot/baseline').count(SLOT) == 1

    guest.run('modprobe e1000e; modprobe nvme')
    assert {'Command', 'MSI-X Control'} <= drift(guest)[SLOT]
    assert 'bus master' in guest.run('stillboot devices --drift')
    firmware = by_hand.config(guest, SLOT)

    # A raw reset loses the addresses, and it shows.
    guest.run(by_hand.unbind(SLOT))
    port = by_hand.parent(guest, SLOT)
    guest.run(f'setpci -s {port} BRIDGE_CONTROL=0x40:0x40; usleep 3000; '
              f'setpci -s {port} BRIDGE_CONTROL=0:0x40')
    assert {'BAR 0', 'BAR 1', 'Command', 'Interrupt Line'} <= drift(guest)[SLOT]

    # The step that goes back to the baseline, all but bus mastering.
    guest.write_file('/restore.lua', RESTORE)
    guest.run('stillboot quiesce --policy /restore.lua')
    left = drift(guest)
    assert left.get(SLOT, set()) <= {'Command'} and left.get(NVME, set()) <= {'Command'}
    assert not guest.config(SLOT, 'COMMAND') & 4
    assert by_hand.config(guest, SLOT)[1:] == firmware[1:]
    guest.run(f'stillboot rebind; echo {SLOT} > /sys/bus/pci/drivers/e1000e/bind')
    assert guest.driver(SLOT) == 'e1000e' and guest.driver(NVME) == 'nvme'
    guest.run(f'dd if=/dev/{guest.disk(NVME)} of=/dev/null bs=1M count=1')
