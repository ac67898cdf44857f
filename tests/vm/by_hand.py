# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody without stillboot does in a guest's shell, and how to see what became of it."""

import re

DEVICES = '/sys/bus/pci/devices'
DRIVERS = '/sys/bus/pci/drivers'

# 82574L data sheet, 10.2.5: receive address register 1, which no driver of the lab uses. QEMU's
# card forgets it in every reset but one: its "reset" through D3hot changes nothing at all.
MARK_REGISTER = 0x5408
MARK = 0x12345678

# PCI Express slot control, 7.5.3.10: power controller control. Off, QEMU's device answers with all
# ones, while the kernel still believes that it is there: it vanished. In a port without ACPI's or
# the kernel's consent this is as close to being torn out as QEMU comes.
SLOT_CONTROL = 'CAP_EXP+0x18.w'
POWER_OFF = 0x400


def unbind(slot):
    return f'echo {slot} > {DEVICES}/{slot}/driver/unbind'


def reset(slot, method):
    return f'echo {method} > {DEVICES}/{slot}/reset_method && echo 1 > {DEVICES}/{slot}/reset'


def reset_below(port):
    return f'echo 1 > {DEVICES}/{port}/reset_subordinate'


def mask_inside_the_kernel(slot):
    """Have uio_pci_generic own the function's interrupt line for a moment."""
    driver = f'{DRIVERS}/uio_pci_generic'
    override = f'{DEVICES}/{slot}/driver_override'
    return (f'modprobe uio_pci_generic && echo uio_pci_generic > {override} && '
            f'echo {slot} > {driver}/bind && echo {slot} > {driver}/unbind; echo > {override}')


def vanish(port):
    return f'setpci -s {port} {SLOT_CONTROL}={POWER_OFF:x}:{POWER_OFF:x}'


def lock_down(guest):
    guest.run('mount -t securityfs securityfs /sys/kernel/security && '
              'echo integrity > /sys/kernel/security/lockdown')


def parent(guest, slot):
    return guest.run(f'basename $(realpath {DEVICES}/{slot}/..)')


def config(guest, slot):
    """The first 64 bytes of configuration space; what is in them a reset must give back."""
    lines = guest.run(f'lspci -xx -s {slot}').splitlines()[1:]
    return [line for line in lines if re.match(r'[0-9a-f]0: ', line)]


def attributes(guest):
    """What a quiesce changes beside drivers, and has to give back if there is no jump. All but
    "bus" in reset_method: where there are siblings the kernel listed it before it knew of them,
    and cannot be made to list it again."""
    names = 'reset_method driver_override power/control enable'
    said = guest.run('cat /sys/bus/pci/drivers_autoprobe; '
                     f'for d in {DEVICES}/*; do for a in {names}; do '
                     '[ -e $d/$a ] && echo ${d##*/} $a "$(cat $d/$a)"; done; done; :')
    lines = [re.sub(r'(reset_method.*) bus$', r'\1', line) for line in said.splitlines()]
    return [line for line in lines if not line.endswith(' reset_method')]


def mark_address(guest, slot):
    return (guest.config(slot, 'BASE_ADDRESS_0') & ~0xf) + MARK_REGISTER


def mark(guest, slot):
    """Leave a mark in an e1000e without a driver that only a reset takes away."""
    guest.run(f'setpci -s {slot} COMMAND=2:2')
    address = mark_address(guest, slot)
    guest.run(f'devmem {address} 32 {MARK}')
    assert marked(guest, slot)


def marked(guest, slot):
    return int(guest.run(f'devmem {mark_address(guest, slot)} 32'), 16) == MARK
