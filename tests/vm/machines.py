# SPDX-License-Identifier: GPL-2.0-or-later
"""The machines of the lab, as QEMU options.

Root ports have x-speed=5: QEMU then reports link-active and the kernel's bus reset works. A port
without it (q35's ACPI hotplug hides link-active) gives a reset that the kernel calls failed."""


def device(kind, **options):
    words = [kind] + [f'{key}={value}' for key, value in options.items()]
    return ['-device', ','.join(words)]


# Without it q35's ports are hotplugged by ACPI, with it by themselves (pciehp).
NATIVE_HOTPLUG = ['-global', 'ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off']


def q35(*devices):
    """A PC with PCI Express and an IOMMU that remaps interrupts."""
    return ['-machine', 'q35,kernel-irqchip=split', *device('intel-iommu', intremap='on'),
            *devices]


def root_port(name, number, working_reset=True):
    # "x-speed" is no Python name.
    speed = {'x-speed': 5} if working_reset else {}
    return device('pcie-root-port', id=name, chassis=number, slot=number, **speed)


def nvme(disk, bus):
    return ['-drive', f'file={disk},if=none,id={disk.stem},format=raw,snapshot=on',
            *device('nvme', serial=disk.stem, drive=disk.stem, bus=bus)]


def scsi(*images):
    """A host adapter with these disks, each called by its file's name; what a guest writes stays.
    CDs are called *.iso."""
    disks = []
    for image in images:
        kind = 'scsi-cd' if image.suffix == '.iso' else 'scsi-hd'
        disks += ['-drive', f'file={image},if=none,id={image.stem},format=raw,cache=unsafe'
                            + (',readonly=on' if kind == 'scsi-cd' else ''),
                  *device(kind, drive=image.stem, serial=image.stem, bus='scsi.0')]
    return [*device('virtio-scsi-pci', id='scsi'), *disks]


def faulty(working_reset=True):
    """Nothing but a root port with the faulty device."""
    return q35(*root_port('rp1', 1, working_reset), *device('edu', bus='rp1'))


def multifunction(kind, other, bus, **options):
    """Two functions in one slot."""
    return [*device(kind, bus=bus, addr='0.0', multifunction='on', **options),
            *device(other, bus=bus, addr='0.1')]


def siblings(disk, native=True):
    """Three ports with two functions each. Without native hotplug the kernel calls every bus reset
    failed (ENOTTY) below which a function has power management: the first two ports."""
    nvme_drive = ['-drive', f'file={disk},if=none,id=d0,format=raw,snapshot=on']
    network = ['-netdev', 'hubport,id=h0,hubid=0']
    return (NATIVE_HOTPLUG if native else []) + q35(
        *nvme_drive, *network,
        *root_port('rp1', 1, False), *multifunction('nvme', 'edu', 'rp1', serial='n', drive='d0'),
        *root_port('rp2', 2, False), *multifunction('e1000e', 'edu', 'rp2', netdev='h0'),
        *root_port('rp3', 3, False), *multifunction('edu', 'edu', 'rp3'))


def network(bus, number):
    """A port and a network card behind it that tells whether it was reset (by_hand.mark)."""
    return [*root_port(bus, number), '-netdev', f'hubport,id=h{number},hubid=0',
            *device('e1000e', bus=bus, netdev=f'h{number}')]


def virtual_functions(disk):
    """An NVMe controller that can have two virtual functions. (Only one with a subsystem can; its
    queues and interrupts have to be split up among them.)"""
    return q35(
        '-drive', f'file={disk},if=none,id=d0,format=raw,snapshot=on',
        *device('nvme-subsys', id='subsystem'), *root_port('rp1', 1),
        *device('nvme', id='pf', serial='n', subsys='subsystem', bus='rp1', sriov_max_vfs=2,
                sriov_vq_flexible=4, sriov_vi_flexible=2, max_ioqpairs=7, msix_qsize=5),
        *device('nvme-ns', drive='d0', bus='pf'))


def vanishing():
    """A faulty device and a network card in one slot, to take the power from."""
    return q35(*root_port('rp1', 1), '-netdev', 'hubport,id=h0,hubid=0',
               *multifunction('e1000e', 'edu', 'rp1', netdev='h0'))


def hyper_v(disk):
    """What calls itself a guest of Hyper-V, generation 2; with a disk to boot from and the faulty
    device."""
    return q35('-smbios', 'type=0,version=Hyper-V UEFI Release v4.1',
               '-smbios', 'type=1,manufacturer=Microsoft Corporation,product=Virtual Machine',
               *root_port('rp1', 1), *nvme(disk, 'rp1'),
               *root_port('rp2', 2), *device('edu', bus='rp2'))


def two_faulty():
    """Two faulty devices, with an interrupt line each, and a name each, to pull them out at the
    monitor. ACPI hotplug: the guest lets go at once, where a native slot waits five seconds for a
    second press of its button."""
    return q35(*root_port('rp1', 1), *device('edu', bus='rp1', id='first'),
               *root_port('rp2', 2), *device('edu', bus='rp2', id='second'))


def powered():
    """A slot that can be switched off and on. It has no power controller: QEMU would take its
    device away for good when that is switched off."""
    return NATIVE_HOTPLUG + q35(
        *device('pcie-root-port', id='rp1', chassis=1, slot=1, power_controller_present='off'),
        '-netdev', 'hubport,id=h1,hubid=0', *device('e1000e', bus='rp1', netdev='h1'))


def slow(count):
    """That many faulty devices, each alone behind its port."""
    devices = [[*root_port(f'rp{i}', i), *device('edu', bus=f'rp{i}')] for i in range(1, count + 1)]
    return q35(*sum(devices, []))


def flooded(receives, sends):
    """An rtl8139 whose cable is UDP: what comes in at one local port is a frame."""
    return q35(*root_port('rp1', 1),
               '-netdev', f'socket,id=net,udp=127.0.0.1:{sends},localaddr=127.0.0.1:{receives}',
               *device('rtl8139', netdev='net', bus='rp1'))


def crashing(receives, sends, disk):
    """The same, a disk, and the faulty device."""
    return [*flooded(receives, sends), *root_port('rp2', 2), *nvme(disk, 'rp2'),
            *root_port('rp3', 3), *device('edu', bus='rp3')]


def chain(disk):
    """A disk to boot from, a network card, and behind a switch another one and a USB controller."""
    return q35(*root_port('rp1', 1), *nvme(disk, 'rp1'), *network('rp2', 2),
               '-netdev', 'hubport,id=h0,hubid=0',
               *root_port('rp3', 3), *device('x3130-upstream', id='up', bus='rp3'),
               *device('xio3130-downstream', id='dn0', bus='up', chassis=10, slot=10),
               *device('xio3130-downstream', id='dn1', bus='up', chassis=11, slot=11),
               *device('qemu-xhci', bus='dn0'), *device('rtl8139', bus='dn1', netdev='h0'))


def sound():
    """A sound card that plays to nobody."""
    return q35('-audiodev', 'none,id=nobody', *device('intel-hda'),
               *device('hda-duplex', audiodev='nobody'))


def tree(boot_disk, grub_disk, working_reset=True):
    """Everything that a plan has to tell apart: root ports, a switch, disks, network, USB, a
    display, legacy PCI, a watchdog and the faulty device. working_reset is that of the faulty
    device's and the network card's ports."""
    return q35(
        '-netdev', 'hubport,id=h0,hubid=0', '-netdev', 'hubport,id=h1,hubid=0',
        *root_port('rp1', 1), *nvme(boot_disk, 'rp1'),
        *root_port('rp2', 2), *device('x3130-upstream', id='up', bus='rp2'),
        *device('xio3130-downstream', id='dn0', bus='up', chassis=10, slot=10),
        *device('xio3130-downstream', id='dn1', bus='up', chassis=11, slot=11),
        *nvme(grub_disk, 'dn0'), *device('qemu-xhci', bus='dn1'),
        *root_port('rp3', 3, working_reset), *device('edu', bus='rp3'),
        *root_port('rp4', 4, working_reset), *device('e1000e', bus='rp4', netdev='h0'),
        *root_port('rp5', 5), *device('VGA', bus='rp5'),
        *root_port('rp6', 6), *device('pcie-pci-bridge', id='pci', bus='rp6'),
        *device('e1000', bus='pci', addr=1, netdev='h1'),
        *device('i6300esb'))


# Enough for both kernels and for one in reserve (crashkernel=256M).
MEMORY_MIB = 1024


def command(accel, machine, kernel, initrd, append, memory=MEMORY_MIB):
    return ['qemu-system-x86_64', *machine, *accel, '-m', str(memory), '-nodefaults',
            '-display', 'none', '-serial', 'stdio', '-no-reboot', '-kernel', str(kernel),
            '-initrd', str(initrd), '-append', append]
