# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine captured as files, or as lspci prints it, says what the machine itself said."""

import base64
import io
import json
import subprocess
import tarfile

import machines
from lab import BOOT_DISK, GRUB_DISK, LAB, STILLBOOT

MODULES = 'lab.modules=nvme,ext4,e1000,e1000e,xhci-pci,ahci,bochs,i6300esb'
# What drivers have stands in the kernel's memory or its module files, not in a tree.
ASKED_OF_THE_KERNEL = ('has_remove', 'has_shutdown')
# What only sysfs tells: who uses it, and what the kernel has for it. Resets are compared below.
NOT_IN_A_DUMP = (*ASKED_OF_THE_KERNEL, 'uses', 'use', 'reset_subordinate', 'numa_node',
                 'consumers', 'power_state', 'resets', 'reset_method')


def here(*args):
    done = subprocess.run([STILLBOOT, *args], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def without(said, names):
    return [{name: value for name, value in device.items() if name not in names}
            for device in said['devices']]


def check_resets(derived, listed):
    """The kernel lists "bus" for more than it can do it to: it looks before the others on the bus,
    and what is below a bridge, are there."""
    for ours, kernels in zip(derived['devices'], listed['devices']):
        assert set(ours['resets']) <= set(kernels['resets']), ours['slot']
        assert set(kernels['resets']) - set(ours['resets']) <= {'bus'}, ours['slot']


# The model of the machine is told; serial numbers and the like tell which one it is.
DMI = {'sys_vendor', 'product_name', 'product_version', 'board_vendor', 'board_name',
       'bios_vendor', 'bios_version'}


def bound(lines):
    """(bus, name, driver) of what has a driver on the buses beside PCI."""
    found = set()
    for line in lines:
        device, driver = line.split(maxsplit=1)
        _, _, bus, _, name, _ = device.split('/')[1:]
        if bus != 'pci':
            found.add((bus, name, driver.split('/')[-1]))
    return found


def check_host(guest, root):
    ours, theirs = root / 'sys/class/dmi/id', '/sys/class/dmi/id'
    told = {file.name for file in ours.iterdir()}
    assert told <= DMI and told >= DMI - {'board_vendor', 'board_name'}  # QEMU has no board
    assert (ours / 'sys_vendor').read_text() == 'QEMU\n'
    for file in ours.iterdir():
        assert file.read_text().strip() == guest.run(f'cat {theirs}/{file.name}').strip()
    release = (root / 'proc/sys/kernel/osrelease').read_text().strip()
    assert release == guest.run('uname -r').strip()
    theirs = bound(guest.run('for l in /sys/bus/*/devices/*/driver; do '
                             'echo $l $(readlink $l); done').splitlines())
    assert {bus for bus, _, _ in theirs} >= {'pnp', 'platform', 'serio'}
    links = [device / 'driver' for device in root.glob('sys/bus/*/devices/*')]
    assert bound(f'/{link.relative_to(root)} {link.readlink()}'
                 for link in links if link.is_symlink()) == theirs
    assert (root / 'sys/bus/pnp/drivers/serial/unbind').exists()


def test_capture(start, tmp_path):
    guest = start(machines.tree(BOOT_DISK, GRUB_DISK), MODULES)
    guest.run('mkdir -p /etc/stillboot/policy.d && echo \'device { driver = "ahci", leave = true, '
              'why = "ticket 4711" }\' > /etc/stillboot/policy.d/mine.lua')
    # Its filesystem is on the whole disk. Of one with partitions the machine would say that it is
    # held open, which files cannot know.
    disk = guest.disk(guest.run('lspci -Dn -d 1b36:0010').splitlines()[-1].split()[0])
    guest.run(f'mount -o ro /dev/{disk} /mnt')
    devices, plan = guest.json('stillboot devices --json'), guest.json('stillboot plan --json')
    assert f'{disk} is mounted on /mnt' in [d['use'] for d in devices['devices']]

    assert '22 PCI functions' in guest.run('capture-machine /run/m.tar')
    packed = base64.b64decode(guest.run('gzip -c /run/m.tar | base64'))
    (LAB / 'capture.tar.gz').write_bytes(packed)  # as in tests/machines/q35-tree.tar.gz
    root = tmp_path / 'machine'
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        names = tar.getnames()
        tar.extractall(root)
    assert not [n for n in names if n.split('/')[-1] in ('rom', 'vpd', 'resource', 'resource0')]
    check_host(guest, root)
    from_tree = here('devices', '--json', '--root', root)
    assert without(from_tree, ASKED_OF_THE_KERNEL) == without(devices, ASKED_OF_THE_KERNEL)
    assert from_tree['lockdown'] == devices['lockdown']
    assert here('plan', '--json', '--root', root) == plan

    dump = tmp_path / 'dump'
    dump.write_text(guest.run('lspci -D -xxxx -vvv'), encoding='utf-8')
    from_dump = here('devices', '--json', '--pci-dump', dump)
    assert without(from_dump, NOT_IN_A_DUMP) == without(devices, NOT_IN_A_DUMP)
    check_resets(from_dump, devices)
