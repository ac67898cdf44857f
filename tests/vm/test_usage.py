# SPDX-License-Identifier: GPL-2.0-or-later
"""Who needs a function, as a real kernel tells it: a disk over the network and through a bond,
netconsole, and a process that holds a vfio group."""

import machines
from lab import BOOT_DISK, GRUB_DISK

MODULES = 'lab.modules=nvme,e1000,e1000e,bonding,netconsole,nvme-tcp,nvmet-tcp,vfio-pci'
NETWORK, LEGACY_NETWORK, USB = '8086:10d3', '8086:100e', '1b36:000d'

NVMET = '/sys/kernel/config/nvmet'


def interface(guest, slot):
    return guest.run(f'ls /sys/bus/pci/devices/{slot}/net')


def bond(guest, slot):
    guest.run('ip link set lo up; ip link set bond0 up && ip addr add 192.0.2.1/24 dev bond0')
    guest.run(f'echo +{interface(guest, slot)} > /sys/class/net/bond0/bonding/slaves')


def connect_nvme_tcp(guest, disk):
    """The machine is its own server; what is asked for is the route to its address."""
    subsystem = f'{NVMET}/subsystems/lab'
    guest.run(f'mkdir -p {subsystem}/namespaces/1 {NVMET}/ports/1')
    guest.run(f'echo 1 > {subsystem}/attr_allow_any_host')
    guest.run(f'echo -n /dev/{disk} > {subsystem}/namespaces/1/device_path')
    guest.run(f'echo 1 > {subsystem}/namespaces/1/enable')
    for name, value in (('adrfam', 'ipv4'), ('trtype', 'tcp'), ('traddr', '192.0.2.1'),
                        ('trsvcid', '4420')):
        guest.run(f'echo {value} > {NVMET}/ports/1/addr_{name}')
    guest.run(f'ln -s {subsystem} {NVMET}/ports/1/subsystems/lab')
    guest.run('echo transport=tcp,traddr=192.0.2.1,trsvcid=4420,nqn=lab > /dev/nvme-fabrics')


def log_to(guest, slot):
    name, target = interface(guest, slot), '/sys/kernel/config/netconsole/lab'
    guest.run(f'ip link set {name} up && ip addr add 198.51.100.1/24 dev {name}')
    guest.run(f'mkdir {target} && echo {name} > {target}/dev_name')
    guest.run(f'echo 198.51.100.1 > {target}/local_ip; echo 198.51.100.2 > {target}/remote_ip')
    guest.run(f'echo 1 > {target}/enabled')
    return name


def hold_group(guest, slot):
    device = f'/sys/bus/pci/devices/{slot}'
    guest.run(f'echo vfio-pci > {device}/driver_override; echo {slot} > /sys/bus/pci/drivers_probe')
    group = guest.run(f'basename $(readlink {device}/iommu_group)')
    guest.run(f'sleep 10000 <> /dev/vfio/{group} & :')


def test_network_and_vfio_in_use(start):
    guest = start(machines.tree(BOOT_DISK, GRUB_DISK), f'{MODULES} intel_iommu=on')
    network, legacy, usb = (guest.slot(i) for i in (NETWORK, LEGACY_NETWORK, USB))
    boot_disk, = guest.run('lspci -Dn -d 1b36:0010').splitlines()[:1]
    guest.run('mount -t configfs none /sys/kernel/config')
    bond(guest, network)
    connect_nvme_tcp(guest, guest.disk(boot_disk.split()[0]))
    legacy_name = log_to(guest, legacy)
    hold_group(guest, usb)

    devices = {d['slot']: d for d in guest.json('stillboot devices --json')['devices']}
    assert devices[network]['uses'] == ['network']
    assert devices[network]['use'].endswith(' over tcp')
    assert devices[legacy]['uses'] == ['network']
    assert devices[legacy]['use'] == f'{legacy_name} carries netconsole'
    assert devices[usb]['uses'] == ['vfio']
    assert devices[usb]['use'].endswith(' sleep)')

    # A rule about a driver is not meant for what is in use.
    guest.write_file('/tmp/all.lua', 'device { driver = "*", steps = { "unbind" } }')
    plan = guest.json('stillboot plan --json --policy /tmp/all.lua')
    actions = {d['slot']: d['action'] for d in plan['devices']}
    assert [actions[slot] for slot in (network, legacy, usb)] == ['left'] * 3
