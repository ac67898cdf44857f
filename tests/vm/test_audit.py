# SPDX-License-Identifier: GPL-2.0-or-later
"""What drivers have, asked of the running kernel's memory and of its module files."""

import machines
from lab import BOOT_DISK, GRUB_DISK

# remove() and shutdown(), as Debian 6.1's sources say; and of the test driver as ours says.
KNOWN = {
    'nvme': ('yes', 'yes'),
    'e1000e': ('yes', 'yes'),
    'xhci_hcd': ('yes', 'yes'),
    'faulty': ('yes', 'no'),
    'i6300ESB timer': ('yes', 'no'),
    'pcieport': ('yes', 'yes'),  # built in
}


def answers(guest):
    return {d['driver']: (d['remove'], d['shutdown'])
            for d in guest.json('stillboot audit --json 2>/dev/null')['drivers']}


def test_audit(start):
    guest = start(machines.tree(BOOT_DISK, GRUB_DISK),
                  'lab.modules=nvme,e1000e,xhci-pci,i6300esb,faulty')
    from_memory = answers(guest)
    assert {driver: from_memory[driver] for driver in KNOWN} == KNOWN
    assert set(from_memory) == set(guest.drivers().values())
    devices = guest.json('stillboot devices --json')['devices']
    faulty, = [d for d in devices if d['driver'] == 'faulty']
    assert faulty['has_remove'] is True and faulty['has_shutdown'] is False
    assert 'no shutdown()' in guest.run('stillboot devices')
    text = guest.run('stillboot audit')
    assert text.index('faulty ') < text.index('nvme ')  # worst first
    assert 'plain kexec leaves' in text

    # Locked down the memory cannot be read, and the files tell the same; of what is built in nobody
    # tells any more.
    guest.run('mount -t securityfs securityfs /sys/kernel/security && '
              'echo confidentiality > /sys/kernel/security/lockdown')
    from_files = answers(guest)
    assert from_files.pop('pcieport') == ('unknown', 'unknown')
    assert from_files == {driver: from_memory[driver] for driver in from_files}
